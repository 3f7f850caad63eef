package handlers_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"

	"example.org/cloakroom/internal/files"
	"example.org/cloakroom/internal/limits"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/posts"
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

// A kernelWriter counts the bytes that it gets as a part of an *os.File, which net/http
// sends by sendfile.
type kernelWriter struct {
	*httptest.ResponseRecorder
	fromFiles int64
}

func (w *kernelWriter) ReadFrom(r io.Reader) (int64, error) {
	n, err := io.Copy(struct{ io.Writer }{w.ResponseRecorder}, r)
	if limited, ok := r.(*io.LimitedReader); ok {
		if _, ok := limited.R.(*os.File); ok {
			w.fromFiles += n
		}
	}
	return n, err
}

// The kernel copies every byte of every file of a zip, as it does for a single file.
func TestZip_IsCopiedByTheKernel(t *testing.T) {
	s := newSite(t)
	ann := s.program("ann")
	ids := []models.FileID{models.FileID(ann.put("a.txt", "first")), models.FileID(ann.put("b.txt", "second"))}
	v := must(s.shares.CreateOfFiles(t.Context(), models.Actor{User: ann.user}, ids, models.ShareInput{}))(t)
	link := strings.TrimPrefix(v.Link, publicURL)
	for path, size := range map[string]int64{link + "/zip": 11, link + "/files/" + string(ids[1]) + "/b.txt": 6} {
		w := &kernelWriter{ResponseRecorder: httptest.NewRecorder()}
		s.handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, publicURL+path, nil))
		if w.Code != http.StatusOK || w.fromFiles != size {
			t.Errorf("%s = %d: %d bytes are copied by the kernel, want %d", path, w.Code, w.fromFiles, size)
		}
	}
}

// A zip that is being sent ends when it may no longer be read: that of a post, that of a
// link, and that of either when it is the second file that ends.
func TestZip_IsCutWhileItRuns(t *testing.T) {
	hide := func(s *site, kind models.SubjectKind, id string) error {
		return s.moderation.Hide(t.Context(), models.Actor{}, models.Subject{Kind: kind, ID: id}, "spam")
	}
	tests := map[string]struct {
		linked bool // the zip of a link
		end    func(s *site, z runningZip) error
	}{
		"first file deleted": {false, func(s *site, z runningZip) error { return s.files.Delete(t.Context(), z.owner, z.ids[0]) }},
		"next file deleted":  {false, func(s *site, z runningZip) error { return s.files.Delete(t.Context(), z.owner, z.ids[1]) }},
		"first file hidden":  {false, func(s *site, z runningZip) error { return hide(s, models.SubjectFile, string(z.ids[0])) }},
		"next file hidden":   {false, func(s *site, z runningZip) error { return hide(s, models.SubjectFile, string(z.ids[1])) }},
		"next file replaced": {false, func(s *site, z runningZip) error {
			s.exec(`UPDATE files SET sha256 = 'other' WHERE id = '` + string(z.ids[1]) + `'`)
			return nil
		}},
		"post hidden":  {false, func(s *site, z runningZip) error { return hide(s, models.SubjectPost, string(z.post)) }},
		"post deleted": {false, func(s *site, z runningZip) error { return s.posts.Delete(t.Context(), z.owner, z.post) }},
		"made private": {false, func(s *site, z runningZip) error {
			return s.shares.MakePrivate(t.Context(), models.Actor{User: z.owner}, z.post)
		}},

		"link: first file deleted": {true, func(s *site, z runningZip) error { return s.files.Delete(t.Context(), z.owner, z.ids[0]) }},
		"link: next file deleted":  {true, func(s *site, z runningZip) error { return s.files.Delete(t.Context(), z.owner, z.ids[1]) }},
		"link: first file hidden":  {true, func(s *site, z runningZip) error { return hide(s, models.SubjectFile, string(z.ids[0])) }},
		"link: next file hidden":   {true, func(s *site, z runningZip) error { return hide(s, models.SubjectFile, string(z.ids[1])) }},
		"link: post hidden":        {true, func(s *site, z runningZip) error { return hide(s, models.SubjectPost, string(z.post)) }},
		"link: post deleted":       {true, func(s *site, z runningZip) error { return s.posts.Delete(t.Context(), z.owner, z.post) }},
		"link: revoked": {true, func(s *site, z runningZip) error {
			return s.shares.Revoke(t.Context(), models.Actor{User: z.owner}, z.share)
		}},
		"link: expired": {true, func(s *site, z runningZip) error {
			s.exec(`UPDATE shares SET expires_at = created_at WHERE id = '` + string(z.share) + `'`)
			return nil
		}},
		"link: password set":    {true, func(s *site, z runningZip) error { return z.change(s, models.ShareInput{Password: "open sesame"}) }},
		"link: for named users": {true, func(s *site, z runningZip) error { return z.change(s, models.ShareInput{Users: "somebody"}) }},
		"link: owner suspended": {true, func(s *site, z runningZip) error {
			_, err := s.accounts.Suspend(t.Context(), models.Actor{}, string(z.owner.Username), "spam")
			return err
		}},
	}
	s := newSite(t)
	tier := s.files.Policy.Get().Tiers[models.TierFree]
	tier.MaxFileSize, tier.Storage = zipMember, 2*zipMember
	s.files.Policy.Get().Tiers[models.TierFree] = tier
	running := map[string]runningZip{}
	for name, tt := range tests {
		z := s.startZip(fmt.Sprint("owner", len(running)), tt.linked)
		if err := tt.end(s, z); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		running[name] = z
	}
	untouched := s.startZip("norma", true)
	var reading sync.WaitGroup
	for name, z := range running {
		reading.Go(func() {
			if !z.download.isCut(2 * zipMember) {
				t.Errorf("%s: the whole archive came", name)
			}
		})
	}
	reading.Go(func() {
		if untouched.download.isCut(2 * zipMember) {
			t.Error("an archive that may be read was cut")
		}
	})
	reading.Wait()
}

// zipMember is the size of each of the two files of a runningZip: more than the buffers
// of a connection hold.
const zipMember = 12 << 20

// A runningZip is one that is being sent.
type runningZip struct {
	owner    models.User
	post     models.PostID
	ids      []models.FileID
	share    models.ShareID // of the post; empty: the zip is that of the post itself
	link     string         // path of the share
	download *runningDownload
}

// startZip makes a new user with a post of two files, and begins to read its zip as a
// guest.
func (s *site) startZip(owner string, linked bool) (z runningZip) {
	t := s.t
	t.Helper()
	s.registered(owner)
	z.owner = s.userNamed(owner)
	for range 2 {
		f := must(s.files.Receive(t.Context(), z.owner, files.Input{
			Name: "a.txt", Size: zipMember, Body: io.LimitReader(letters{}, zipMember),
		}))(t)
		z.ids = append(z.ids, f.ID)
	}
	var path string
	if linked {
		v := must(s.shares.CreateOfFiles(t.Context(), models.Actor{User: z.owner}, z.ids, models.ShareInput{}))(t)
		z.post, z.share, z.link = *v.PostID, v.ID, strings.TrimPrefix(v.Link, publicURL)
		path = z.link + "/zip"
	} else {
		draft := posts.Draft{Visibility: string(models.Public), Files: z.ids}
		z.post = must(s.posts.Create(t.Context(), z.owner, draft))(t)
		path = "/posts/" + string(z.post) + "/zip"
	}
	z.download = s.download(s.browser(), path, "Accept: */*")
	return z
}

// change changes the share of the zip.
func (z runningZip) change(s *site, in models.ShareInput) error {
	return s.shares.Update(s.t.Context(), models.Actor{User: z.owner}, z.share, in)
}
