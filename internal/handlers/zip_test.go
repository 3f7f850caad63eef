package handlers_test

import (
	"archive/zip"
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"example.org/cloakroom/internal/files"
	"example.org/cloakroom/internal/handlers"
	"example.org/cloakroom/internal/limits"
	"example.org/cloakroom/internal/models"
)

// writeTwo publishes a post with two files of the same name.
func (b *browser) writeTwo(visibility string) (post string) {
	b.t.Helper()
	fields := postFields()
	fields.Set("visibility", visibility)
	fields.Set("title", "My ../ notes")
	return b.write(fields, part{"file", "a.txt", "", []byte("first")}, part{"file", "A.TXT", "", []byte("second")})
}

// The zip of a post has its files, and supports HEAD, conditions and ranges.
func TestPostZip(t *testing.T) {
	s := newTransferSite(t, "download-bytes.free=1GiB-D")
	post := s.registered("ann").writeTwo("public")
	bob := s.registered("bob")
	whole := bob.get(post + "/zip")
	body := whole.Body.Bytes()
	if whole.Code != http.StatusOK || whole.Header().Get("Content-Type") != "application/zip" ||
		!strings.Contains(whole.Header().Get("Content-Disposition"), `attachment; filename="My .._ notes.zip"`) {
		t.Fatalf("%d %v", whole.Code, whole.Header())
	}
	z := must(zip.NewReader(bytes.NewReader(body), int64(len(body))))(t)
	var got []string
	for _, f := range z.File {
		got = append(got, f.Name, string(must(io.ReadAll(must(f.Open())(t)))(t)))
	}
	if got := strings.Join(got, "|"); got != "a.txt|first|A (2).TXT|second" {
		t.Errorf("the archive has %s", got)
	}
	spent := spentBy(s, limits.DownloadBytes, s.userNamed("bob"))
	if spent != int64(len(body)) {
		t.Errorf("%d bytes are charged, want %d", spent, len(body))
	}
	etag := whole.Header().Get("ETag")
	ask := func(method string, header ...string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, publicURL+post+"/zip", nil)
		for i := 0; i < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
		return bob.do(r)
	}
	if got := ask(http.MethodHead); got.Code != http.StatusOK || got.Body.Len() != 0 ||
		got.Header().Get("Content-Length") != whole.Header().Get("Content-Length") || got.Header().Get("ETag") != etag {
		t.Errorf("HEAD: %d %v", got.Code, got.Header())
	}
	if got := ask(http.MethodGet, "If-None-Match", etag); got.Code != http.StatusNotModified {
		t.Errorf("the same ETag: %d", got.Code)
	}
	if now := spentBy(s, limits.DownloadBytes, s.userNamed("bob")); now != spent {
		t.Errorf("HEAD and 304 cost %d bytes", now-spent)
	}
	if got := ask(http.MethodGet, "Range", "bytes=50-", "If-Range", etag); got.Code != http.StatusPartialContent ||
		!bytes.Equal(got.Body.Bytes(), body[50:]) {
		t.Errorf("the rest: %d, %d bytes", got.Code, got.Body.Len())
	}
	if got := ask(http.MethodGet, "Range", "bytes=50-", "If-Range", `"zip-old"`); got.Code != http.StatusOK ||
		!bytes.Equal(got.Body.Bytes(), body) {
		t.Errorf("the rest of another archive: %d, %d bytes", got.Code, got.Body.Len())
	}
}

// A visitor gets the zip of a post that they may open, and the link to it is on a post
// of several files.
func TestPostZip_Rights(t *testing.T) {
	s := newSite(t)
	ann, bob := s.registered("ann"), s.registered("bob")
	private, public := ann.writeTwo("private"), ann.writeTwo("unlisted")
	single, _ := ann.writeFile("public", "a.txt", "x")
	for path, want := range map[string]int{private: http.StatusNotFound, public: http.StatusOK, "/posts/NONE": http.StatusNotFound} {
		if got := bob.get(path + "/zip"); got.Code != want {
			t.Errorf("%s: %d, want %d", path, got.Code, want)
		}
	}
	if got := ann.get(private + "/zip"); got.Code != http.StatusOK {
		t.Errorf("the author: %d", got.Code)
	}
	if page := bob.get(public).Body.String(); !strings.Contains(page, `href="`+public+`/zip"`) {
		t.Error("the post has no link to its zip")
	}
	if page := bob.get(single).Body.String(); strings.Contains(page, "/zip") {
		t.Error("a post of one file has a link to its zip")
	}
}

// A zip that is being sent ends when one of its files is deleted.
func TestPostZip_CutWhenAFileIsDeleted(t *testing.T) {
	const size = 24 << 20
	for _, which := range []int{0, 1} {
		s := newSiteWith(t, handlers.Options{})
		tier := s.files.Policy.Get().Tiers[models.TierFree]
		tier.MaxFileSize, tier.Storage = size, 2*size
		s.files.Policy.Get().Tiers[models.TierFree] = tier
		ann, bob := s.registered("ann"), s.registered("bob")
		fields := postFields()
		fields.Set("visibility", "public")
		var ids []models.FileID
		for range 2 {
			f := must(s.files.Receive(t.Context(), s.userNamed("ann"), files.Input{
				Name: "a.txt", Size: size, Body: io.LimitReader(letters{}, size),
			}))(t)
			ids = append(ids, f.ID)
			fields.Add("file_ids", string(f.ID))
		}
		d := s.download(bob, ann.write(fields)+"/zip", "Cookie: "+bob.jar.Cookies(mustURL(t))[0].String())
		if err := s.files.Delete(t.Context(), s.userNamed("ann"), ids[which]); err != nil {
			t.Fatal(err)
		}
		d.wantCut(2 * size)
	}
}
