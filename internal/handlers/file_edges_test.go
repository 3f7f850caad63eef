package handlers_test

import (
	"archive/zip"
	"bytes"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/testenv"
)

// A part of a file, with Content-Range, is refused wherever files are sent, and nothing is
// stored.
func TestUpload_RefusesParts(t *testing.T) {
	s := newSite(t)
	ann := s.program("ann")
	request := s.registered("mara").request(nil)
	owner := s.browser()
	owner.post("/login", url.Values{"username": {"ann"}, "password": {testPassword}})
	body, contentType := multipartForm(t, nil, textFile("t.txt", "456789"))
	for _, way := range []struct {
		method, path, contentType string
		body                      []byte
		by                        *browser
	}{
		{http.MethodPut, "/api/v1/files/t.txt", "", []byte("456789"), nil}, {http.MethodPut, "/up/t.txt", "", []byte("456789"), nil},
		{http.MethodPut, request.link + "/t.txt", "", []byte("456789"), s.browser()},
		{http.MethodPost, "/files", contentType, body.Bytes(), owner},
	} {
		r := httptest.NewRequest(way.method, publicURL+way.path, bytes.NewReader(way.body))
		r.Header.Set("Content-Range", "bytes 4-9/10")
		r.Header.Set("Content-Type", way.contentType)
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		got := httptest.NewRecorder()
		if way.by != nil {
			got = way.by.do(r)
		} else {
			r.Header.Set("Authorization", "Bearer "+ann.withScopes("upload").token)
			s.handler.ServeHTTP(got, r)
		}
		if got.Code != http.StatusBadRequest || !strings.Contains(got.Body.String(), "Send the whole file") {
			t.Errorf("%s %s: %d %s", way.method, way.path, got.Code, got.Body)
		}
	}
	if n := s.bytes(); n != 0 {
		t.Errorf("%d blobs are stored", n)
	}
}

// Ranges are read as RFC 9110 says, of files, and of zips.
func TestDownload_Ranges(t *testing.T) {
	s := newSite(t)
	ann := s.program("ann")
	ten, empty := ann.put("t.txt", "0123456789"), ann.put("empty.txt", "")
	for _, c := range []struct {
		id, header string
		status     int
		body       string
	}{
		{ten, "bytes=0-4", 206, "01234"}, {ten, "Bytes=0-4", 206, "01234"}, {ten, "BYTES=-2", 206, "89"}, {ten, "bytes=5-", 206, "56789"},
		{ten, "bytes=-0", 416, ""}, {ten, "bytes=-000", 416, ""}, {ten, "bytes=10-", 416, ""}, {ten, "bytes=-0,0-4", 206, "01234"},
		{ten, "items=0-5", 200, "0123456789"}, {ten, "items=x", 200, "0123456789"}, {ten, "bytes", 200, "0123456789"},
		{ten, "bytes=-20", 206, "0123456789"}, {empty, "bytes=0-", 200, ""}, {empty, "bytes=-0", 200, ""}, {empty, "", 200, ""},
	} {
		got := ann.send(http.MethodGet, "/files/"+c.id+"/content", nil, "Range", c.header)
		if got.Code != c.status || c.status < 400 && got.Body.String() != c.body {
			t.Errorf("%s: %d %q, want %d %q", c.header, got.Code, got.Body, c.status, c.body)
		}
		if c.status == http.StatusRequestedRangeNotSatisfiable && got.Header().Get("Content-Range") != "bytes */10" {
			t.Errorf("%s: Content-Range %q", c.header, got.Header().Get("Content-Range"))
		}
		if length := got.Header().Get("Content-Length"); c.id == empty && length != "0" {
			t.Errorf("%s of nothing: Content-Length %q", c.header, length)
		}
	}
}

// Empty files are files: alone, in posts, behind links, in zips and for requests, on each
// storage.
func TestFiles_CanBeEmpty(t *testing.T) {
	s := newSite(t)
	mara := s.registered("mara")
	post := mara.write(postFields(), part{"file", "empty.jpg", "", nil}, part{"file", "empty.txt", "", nil}, textFile("b.txt", "b"))
	page := mara.get(post).Body.String()
	for _, name := range []string{"empty.jpg", "empty.txt", "b.txt"} {
		if !strings.Contains(page, name) {
			t.Errorf("the post lacks %s", name)
		}
	}
	got := mara.get(post + "/zip")
	archive := must(zip.NewReader(bytes.NewReader(got.Body.Bytes()), int64(got.Body.Len())))(t)
	if len(archive.File) != 3 || archive.File[0].UncompressedSize64 != 0 {
		t.Errorf("the zip has %d files", len(archive.File))
	}
	request := mara.request(nil)
	if got := s.browser().leave(request, nil, textFile("nothing.bin", "")); got.Code != http.StatusSeeOther {
		t.Errorf("left for a request: %d\n%s", got.Code, got.Body)
	}
	if got := s.program("ann").withScopes("upload").up("none", ""); got.Code != http.StatusCreated {
		t.Errorf("shared: %d\n%s", got.Code, got.Body)
	}
	if used := s.userNamed("mara").StorageUsed; used != 1 {
		t.Errorf("%d bytes are used", used)
	}
}

// A browser writes some characters of a name in a form as an escape; a program writes none.
func TestUpload_NamesInForms(t *testing.T) {
	s := newSite(t)
	ann, owner := s.program("ann"), s.browser()
	owner.post("/login", url.Values{"username": {"ann"}, "password": {testPassword}})
	for sent, name := range map[string]models.Filename{
		`filename="6%22 pipe.txt"`: `6" pipe.txt`, `filename="100%.txt"`: "100%.txt", `filename="a%41%2F.txt"`: "a%41%2F.txt",
		"filename=\"\u2068a\u2069.txt\"": "a.txt",
	} {
		if got := owner.uploadAs(sent); got.Code != http.StatusSeeOther {
			t.Errorf("%s: %d\n%s", sent, got.Code, got.Body)
			continue
		}
		f := must(s.files.List(t.Context(), ann.user, models.Cursor{}, 1))(t).Items[0].File
		if f.Name != name {
			t.Errorf("%s is stored as %q", sent, f.Name)
		}
		if err := s.files.Delete(t.Context(), ann.user, f.ID); err != nil {
			t.Fatal(err)
		}
	}
	if got := owner.uploadAs(`filename="a%0D%0Ab.txt"`); got.Code != http.StatusUnprocessableEntity {
		t.Errorf("a line break: %d", got.Code)
	}
	if got := want(t, ann.send(http.MethodPut, "/files/6%2522%20pipe.txt", []byte("x")), http.StatusCreated); got["name"] != "6%22 pipe.txt" {
		t.Errorf("by the API it is %v", got["name"])
	}
}

// curl saves a file under its own name, whatever it is written in.
func TestDownload_CurlSavesTheName(t *testing.T) {
	curl, err := exec.LookPath("curl")
	if err != nil {
		testenv.Missing(t, "curl", "apt-get install curl")
	}
	s := newSite(t)
	ann, address := s.program("ann"), s.listen()
	for _, name := range []string{"中文名.txt", "Grüße aus Köln.txt", "100%.txt", "a'b;c=d.txt", "отчёт 1.txt"} {
		sent := want(t, ann.send(http.MethodPut, "/files/"+url.PathEscape(name), []byte("x")), http.StatusCreated)
		dir := t.TempDir()
		cmd := exec.CommandContext(t.Context(), curl, "-sS", "-OJ", "-H", "Authorization: Bearer "+ann.token,
			address+"/api/v1/files/"+text(t, sent, "id")+"/content")
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		if content, err := os.ReadFile(filepath.Join(dir, name)); err != nil || string(content) != "x" {
			t.Errorf("%s is saved as %v: %q, %v", name, must(os.ReadDir(dir))(t), content, err)
		}
	}
}
