package handlers_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/storage/s3"
	"example.org/cloakroom/internal/testenv"
)

// withS3 moves the files of the site into a bucket.
func (s *site) withS3() {
	s.t.Helper()
	c := testenv.S3(s.t)
	config := s3.Config{Endpoint: c.Endpoint, Bucket: c.Bucket, AccessKey: c.AccessKey, SecretKey: c.SecretKey}
	s.files.Blobs = must(s3.Open(s.t.Context(), config))(s.t)
}

// The zip from S3 is the same, whole and from any place on, and a file that is missing in
// the bucket cuts it.
func TestZip_FromS3(t *testing.T) {
	s := newSite(t)
	s.withS3()
	ann := s.program("ann")
	texts := map[string]string{"a.txt": "first", "b.txt": strings.Repeat("0123456789", 60_000), "empty.txt": "", "c.txt": "last"}
	var ids []models.FileID
	for _, name := range []string{"a.txt", "b.txt", "empty.txt", "c.txt"} {
		ids = append(ids, models.FileID(ann.put(name, texts[name])))
	}
	v := must(s.shares.CreateOfFiles(t.Context(), models.Actor{User: ann.user}, ids, models.ShareInput{}))(t)
	guest, path := s.browser(), strings.TrimPrefix(v.Link, publicURL)+"/zip"
	ask := func(ranges string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodGet, publicURL+path, nil)
		if ranges != "" {
			r.Header.Set("Range", ranges)
		}
		return guest.do(r)
	}
	got := ask("")
	whole := got.Body.Bytes()
	if got.Code != http.StatusOK || got.Header().Get("Content-Length") != fmt.Sprint(len(whole)) {
		t.Fatalf("%d %v, %d bytes", got.Code, got.Header(), len(whole))
	}
	z := must(zip.NewReader(bytes.NewReader(whole), int64(len(whole))))(t)
	for _, f := range z.File {
		if text := string(must(io.ReadAll(must(f.Open())(t)))(t)); text != texts[f.Name] { // archive/zip compares the CRC-32
			t.Errorf("%s has %d bytes", f.Name, len(text))
		}
	}
	if len(z.File) != len(texts) {
		t.Errorf("the archive has %d files", len(z.File))
	}
	for _, from := range []int{1, 40, 300, 100_000, 599_999, 600_100, len(whole) - 300, len(whole) - 1} {
		got := ask(fmt.Sprintf("bytes=%d-", from))
		if got.Code != http.StatusPartialContent || !bytes.Equal(got.Body.Bytes(), whole[from:]) {
			t.Errorf("from %d on: %d, %d bytes", from, got.Code, got.Body.Len())
		}
	}
	record := must(s.db.FilesOfShare(t.Context(), v.Share))(t)[1]
	must(0, s.files.Blobs.Delete(t.Context(), record.Blob))(t)
	r := must(http.NewRequestWithContext(t.Context(), http.MethodGet, s.listen()+path, nil))(t)
	r.Host = "cloakroom.test"
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return // cut before its headers were sent
	}
	defer resp.Body.Close()
	if part, err := io.ReadAll(resp.Body); err == nil || len(part) >= len(whole) {
		t.Errorf("without a file of it, %d of %d bytes come: %v", len(part), len(whole), err)
	}
}
