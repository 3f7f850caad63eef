package handlers_test

import (
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.org/cloakroom/internal/models"
)

// traversals are paths that try to leave a directory, as they appear in a URL.
// Their targets are planted beside it.
func traversals(uploads string) (all []string) {
	for _, up := range []string{"../", "..%2f", "..%2F", "..%252f", "..%25252f", `..\`, "..%5c", "..%255c", "%2e%2e/", "%2e%2e%2f",
		"%252e%252e%252f",
		"..%c0%af", "..%e0%80%af", "%c0%ae%c0%ae%c0%af", "..%ef%bc%8f", "..%e2%88%95", "..%00/", "..;/", "..//", "....//", "..././", ".../",
		"..%0d%0a/", "..%20/", "%uff0e%uff0e%u2215"} {
		for _, to := range []string{"outside.txt", "uploads-evil/secret.txt"} {
			all = append(all, up+to, "x/"+up+up+to, strings.Repeat(up, 12)+strings.TrimPrefix(filepath.Dir(uploads), "/")+"/"+to)
		}
	}
	outside := filepath.Join(filepath.Dir(uploads), "outside.txt")
	return append(all, outside, url.PathEscape(outside), url.QueryEscape(outside), "file:"+outside, "file:%2f%2f"+url.PathEscape(outside),
		"/"+outside, "%2f%2f"+outside,
		`C:\outside.txt`, "C:%5coutside.txt", "C:outside.txt", `%5c%5c%3f%5cC:%5coutside.txt`, "%5c%5cevil%5cshare", "~%2foutside.txt",
		"$HOME%2foutside.txt",
		"..", "%2e%2e", ".", "%2e", "...", "%00", "..%00", "outside.txt%00.png", "-evil%2fsecret.txt", "uploads-evil", "CON", "NUL.txt", "aux%00",
		"x::$DATA", "x:stream",
		".partial", "LEAFLEAFLEAF", "PARENTPARENT", "DANGLING.partial", strings.Repeat("A", 26)+".partial", strings.Repeat("..%2f", 200))
}

// plant puts files around and into the upload directory that no request may
// reach, and returns the directory that holds all of them.
func (s *site) plant(t *testing.T) string {
	t.Helper()
	around := filepath.Dir(s.uploads)
	files := map[string]string{"outside.txt": "canary outside", "uploads-evil/secret.txt": "canary sibling",
		"uploads-evil/LE/LEAFLEAFLEAF": "canary linked",
		"linked/PARENTPARENT":          "canary parent"}
	for name, content := range files {
		path := filepath.Join(around, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.MkdirAll(filepath.Join(s.uploads, "LE"), 0o700); err != nil {
		t.Fatal(err)
	}
	// No key begins with P1 or D1. A key that did would meet the planted link,
	// which the tests of the store cover.
	for link, to := range map[string]string{
		"LE/LEAFLEAFLEAF": "../../outside.txt", "P1": "../linked", "D1": "../nowhere", "LE/LEDANGLING": filepath.Join(around, "made.txt"),
		"LE/LEABSOLUTE": filepath.Join(around, "outside.txt"),
	} {
		if err := os.Symlink(to, filepath.Join(s.uploads, link)); err != nil {
			t.Fatal(err)
		}
	}
	return around
}

// snapshot returns every name below dir, with its content.
func snapshot(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info := must(entry.Info())(t)
		all[path] = info.Mode().String()
		switch {
		case info.Mode()&fs.ModeSymlink != 0:
			all[path] += " " + must(os.Readlink(path))(t)
		case info.Mode().IsRegular():
			all[path] += " " + string(must(os.ReadFile(path))(t))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func wantSame(t *testing.T, what string, before, after map[string]string) {
	t.Helper()
	for path, was := range before {
		if after[path] != was {
			t.Errorf("%s: %s was %.60q and is %.60q", what, path, was, after[path])
		}
	}
	for path := range after {
		if _, there := before[path]; !there {
			t.Errorf("%s: %s was made", what, path)
		}
	}
}

// TestTraversal_InEveryAddress puts traversals into every parameter that holds
// a name, an ID or a secret. The requests read, write and delete nothing,
// inside or outside of the upload directory.
func TestTraversal_InEveryAddress(t *testing.T) {
	s := newSite(t)
	ann, has := s.settled("ann")
	token := s.programOf("ann").token
	around := s.plant(t)
	before := snapshot(t, around)
	asked := 0
	for _, r := range routesOf(t, s) {
		if r.Method == http.MethodPut && strings.HasSuffix(r.Path, "/files/:name") { // another test covers it
			continue
		}
		for name := range strings.SplitSeq(r.Path, "/") {
			if !strings.HasPrefix(name, ":") && name != "*" {
				continue
			}
			for _, way := range traversals(s.uploads) {
				got := ann.raw(t, r.Method, strings.Replace(has.fill(strings.Replace(r.Path, name, "WAY", 1)), "WAY", way, 1), token, "")
				asked++
				what := fmt.Sprintf("%s %s with %s", r.Method, r.Path, way)
				wantHandled(t, what, got)
				if strings.Contains(got.Body.String(), "canary") {
					t.Errorf("%s: %d and the secret", what, got.Code)
				}
			}
		}
		if now := snapshot(t, around); !maps.Equal(before, now) {
			wantSame(t, r.Method+" "+r.Path, before, now)
			before = now
		}
	}
	if asked < 3000 {
		t.Errorf("only %d requests", asked)
	}
}

// raw sends a request with exactly this target. A target that net/http refuses
// gets its 400.
func (b *browser) raw(t *testing.T, method, target, token, body string) *httptest.ResponseRecorder {
	t.Helper()
	u, err := url.ParseRequestURI(target)
	if err != nil {
		rec := httptest.NewRecorder()
		rec.WriteHeader(http.StatusBadRequest)
		return rec
	}
	r := httptest.NewRequest(method, publicURL+"/", strings.NewReader(body))
	r.URL, r.RequestURI = u, target
	r.URL.Scheme, r.URL.Host = "http", "cloakroom.test"
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if strings.HasPrefix(target, "/api/") {
		r.Header.Set("Authorization", "Bearer "+token)
		r.Header.Set("Content-Type", "application/octet-stream")
	}
	return b.do(r)
}

// TestTraversal_InEveryUploadName uploads files with every such name, in a
// form, in its extended parameter and in the path of the API. A refused name
// leaves nothing; an accepted one stays a name.
func TestTraversal_InEveryUploadName(t *testing.T) {
	s := newSite(t)
	ann, _ := s.settled("ann")
	token := s.programOf("ann").token
	around := s.plant(t)
	for _, way := range traversals(s.uploads) {
		name := way + ".txt"
		plain, err := url.PathUnescape(name)
		if err != nil {
			plain = name
		}
		quoted := strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\x00", "", "\r", "", "\n", "").Replace(plain)
		tries := map[string]func() *httptest.ResponseRecorder{
			"PUT": func() *httptest.ResponseRecorder {
				return ann.raw(t, http.MethodPut, "/api/v1/files/"+name, token, "uploaded")
			},
			"filename":  func() *httptest.ResponseRecorder { return ann.uploadAs(`filename="` + quoted + `"`) },
			"filename*": func() *httptest.ResponseRecorder { return ann.uploadAs(`filename*=UTF-8''` + name) },
			"both":      func() *httptest.ResponseRecorder { return ann.uploadAs(`filename="a.txt"; filename*=UTF-8''` + name) },
		}
		for how, try := range tries {
			s.wantInside(t, fmt.Sprintf("%s as %s", way, how), around, try)
		}
		s.clear(t, "ann")
	}
}

// uploadAs sends a small file whose part has the given parameters.
func (b *browser) uploadAs(names string) *httptest.ResponseRecorder {
	body := "--x\r\nContent-Disposition: form-data; name=\"file\"; " + names + "\r\n\r\nuploaded\r\n--x--\r\n"
	r := httptest.NewRequest(http.MethodPost, publicURL+"/files", strings.NewReader(body))
	r.Header.Set("Content-Type", "multipart/form-data; boundary=x")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return b.do(r)
}

// wantInside requires a refused upload to leave nothing, and an accepted one to
// leave one blob under a generated name.
func (s *site) wantInside(t *testing.T, what, around string, try func() *httptest.ResponseRecorder) {
	t.Helper()
	before := snapshot(t, around)
	got := try()
	if wantHandled(t, what, got); got.Code >= http.StatusInternalServerError {
		t.Logf("the log:\n%s", s.log)
	}
	after := snapshot(t, around)
	if got.Code >= http.StatusBadRequest || strings.HasPrefix(got.Header().Get("Location"), "/login") {
		wantSame(t, what, before, after)
		return
	}
	for path, is := range after {
		in, err := filepath.Rel(s.uploads, path)
		shard, key := filepath.Split(in)
		blob := err == nil && models.IsID(key) && (shard == "" || shard == key[:2]+"/")
		if _, there := before[path]; !there && !blob {
			t.Errorf("%s: %d made %s: %.60q", what, got.Code, path, is)
		}
	}
	for path, was := range before {
		if after[path] != was {
			t.Errorf("%s: %s was %.60q and is %.60q", what, path, was, after[path])
		}
	}
}

// clear deletes the user's files that belong to no post.
func (s *site) clear(t *testing.T, username string) {
	t.Helper()
	who := s.userNamed(username)
	page := must(s.files.List(t.Context(), who, models.Cursor{}, 50))(t)
	for _, f := range page.Items {
		if f.PostID == nil {
			if err := s.files.Delete(t.Context(), who, f.ID); err != nil {
				t.Fatal(err)
			}
		}
	}
}
