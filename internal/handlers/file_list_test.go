package handlers_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"example.org/cloakroom/internal/models"
)

var fileNames = regexp.MustCompile(`class="file-name"[^>]*>([^<]*)<`)

// uploaded uploads text files of these names, one after the other, and returns their IDs.
func (b *browser) uploaded(names ...string) (ids []string) {
	b.t.Helper()
	for _, name := range names {
		b.clock.advance(time.Second)
		if got := b.postForm("/files", nil, part{"file", name, "", []byte("content of " + name)}); got.Code != http.StatusSeeOther {
			b.t.Fatalf("uploading %s: %d\n%s", name, got.Code, got.Body)
		}
		var id string
		if err := b.db.SQLPool().QueryRowContext(b.t.Context(), `SELECT id FROM files WHERE name = $1`, name).Scan(&id); err != nil {
			b.t.Fatal(err)
		}
		ids = append(ids, id)
	}
	return ids
}

// namesAt returns the names of the files on a page of the list.
func (b *browser) namesAt(path string) string {
	b.t.Helper()
	got := b.get(path)
	if got.Code != http.StatusOK {
		b.t.Fatalf("%s: %d\n%s", path, got.Code, got.Body)
	}
	var names []string
	for _, found := range fileNames.FindAllStringSubmatch(got.Body.String(), -1) {
		names = append(names, found[1])
	}
	return strings.Join(names, " ")
}

func TestFileList_SearchesAndSorts(t *testing.T) {
	s := newSite(t)
	ann, bob := s.registered("ann"), s.registered("bob")
	ann.uploaded("b.txt", "Ánother one.txt", "c.csv")
	bob.uploaded("bobs.txt")
	for path, want := range map[string]string{
		"/files": "c.csv Ánother one.txt b.txt", "/files?order=reverse": "b.txt Ánother one.txt c.csv",
		"/files?sort=name": "Ánother one.txt b.txt c.csv", "/files?sort=name&order=reverse": "c.csv b.txt Ánother one.txt",
		"/files?sort=size": "Ánother one.txt c.csv b.txt", "/files?sort=unknown": "c.csv Ánother one.txt b.txt",
		"/files?q=ANOTHER": "Ánother one.txt", "/files?q=.txt&sort=name": "Ánother one.txt b.txt", "/files?q=bobs": "",
	} {
		if got := ann.namesAt(path); len(got) != len(want) || path != "/files?sort=size" && got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
	for path, status := range map[string]int{
		"/files?q=" + strings.Repeat("x", 255): 200, "/files?q=" + strings.Repeat("x", 256): 422, "/files?after=x": 422, "/files?after=QQ&sort=name": 422,
	} {
		if got := ann.get(path); got.Code != status {
			t.Errorf("%.40s: %d, want %d", path, got.Code, status)
		}
	}
}

// A list goes on after the last file of a page, in each order, also when that file has been
// deleted meanwhile.
func TestFileList_Pages(t *testing.T) {
	s := newSite(t)
	ann := s.registered("ann")
	owner := s.userNamed("ann")
	for i := range 60 {
		now := s.clock.now()
		f := models.File{ID: models.NewFileID(), OwnerID: owner.ID, Name: models.Filename(fmt.Sprintf("f%02d.txt", i)), Blob: models.NewBlobKey(),
			Size: int64(i), MediaType: "text/plain", Kind: models.KindText, State: models.Ready, CreatedAt: now, UpdatedAt: now}
		if err := s.db.CreateFile(t.Context(), &f); err != nil {
			t.Fatal(err)
		}
	}
	for _, sort := range []string{"date", "name", "size", "kind"} {
		first := ann.get("/files?q=f&sort=" + sort).Body.String()
		next := between(first, `rel="next" href="`, `"`)
		last := fileNames.FindAllStringSubmatch(first, -1)[49][1]
		if _, err := s.db.SQLPool().ExecContext(t.Context(), `DELETE FROM files WHERE name = $1`, last); err != nil {
			t.Fatal(err)
		}
		rest := strings.Fields(ann.namesAt(strings.ReplaceAll(next, "&amp;", "&")))
		if len(rest) == 0 || strings.Contains(first, ">"+rest[0]+"<") {
			t.Errorf("by %s, after %s: %q", sort, last, rest)
		}
	}
}

// What is done to a selection is done to each file that is the user's, once they are sure, and
// the rest is said.
func TestFilesDelete(t *testing.T) {
	s := newSite(t)
	ann, bob := s.registered("ann"), s.registered("bob")
	ids, foreign := ann.uploaded("a.txt", "b.txt", "c.txt"), bob.uploaded("bobs.txt")
	form := url.Values{"file_ids": {ids[0], ids[1], foreign[0], "nonsense", ids[0]}}
	asked := ann.post("/files/delete", form)
	question := asked.Body.String()
	if asked.Code != http.StatusOK || !strings.Contains(question, "Delete 2 files?") || strings.Contains(question, "bobs.txt") {
		t.Errorf("the question: %d\n%s", asked.Code, asked.Body)
	}
	if got := ann.namesAt("/files"); got != "c.txt b.txt a.txt" {
		t.Errorf("before the answer: %s", got)
	}
	form.Set("sure", "yes")
	if got := ann.post("/files/delete", form); got.Code != http.StatusSeeOther {
		t.Fatalf("deleting: %d\n%s", got.Code, got.Body)
	}
	if page := ann.get("/files").Body.String(); !strings.Contains(page, "did not exist any more") {
		t.Errorf("nothing says that a file was left\n%s", page)
	}
	if got := ann.namesAt("/files") + "|" + bob.namesAt("/files"); got != "c.txt|bobs.txt" {
		t.Errorf("left: %s", got)
	}
	if used := s.userNamed("ann").StorageUsed; used != int64(len("content of c.txt")) {
		t.Errorf("%d bytes are used", used)
	}
	for _, wrong := range []url.Values{{}, {"file_ids": {"nonsense"}}, {"file_ids": someIDs(models.MaxSelected + 1), "sure": {"yes"}}} {
		if got := ann.post("/files/delete", wrong); got.Code != http.StatusUnprocessableEntity {
			t.Errorf("%d files: %d", len(wrong["file_ids"]), got.Code)
		}
	}
	most := append(someIDs(models.MaxSelected-1), ids[2])
	if got := ann.post("/files/delete", url.Values{"file_ids": most, "sure": {"yes"}}); got.Code != http.StatusSeeOther {
		t.Errorf("%d files: %d", len(most), got.Code)
	}
}

func someIDs(n int) (ids []string) {
	for range n {
		ids = append(ids, string(models.NewFileID()))
	}
	return ids
}

func TestFilesZip_IsAnArchiveOfOwnFiles(t *testing.T) {
	s := newSite(t)
	ann, bob := s.registered("ann"), s.registered("bob")
	ids, foreign := ann.uploaded("a.txt", "b.txt", "c.txt"), bob.uploaded("bobs.txt")
	to := ann.post("/files/zip", url.Values{"file_ids": {ids[2], foreign[0], ids[0]}}).Header().Get("Location")
	got := ann.get(to)
	body := got.Body.Bytes()
	z, err := zip.NewReader(bytes.NewReader(body), int64(len(body)))
	if err != nil || len(z.File) != 2 || z.File[0].Name != "c.txt" || z.File[1].Name != "a.txt" {
		t.Fatalf("%s: %d %v", to, got.Code, err)
	}
	if length := got.Header().Get("Content-Length"); length != fmt.Sprint(len(body)) {
		t.Errorf("Content-Length %q, want %d", length, len(body))
	}
	other := bob.get(to).Body.String()
	if strings.Contains(other, "content of a.txt") || !strings.Contains(other, "content of bobs.txt") {
		t.Errorf("another user gets by the same address: %q", other)
	}
	if got := ann.get("/files/zip?ids=" + foreign[0]).Code; got != http.StatusNotFound {
		t.Errorf("a zip of nothing: %d", got)
	}
}

func TestFilesShareAndPost(t *testing.T) {
	s := newSite(t)
	ann := s.registered("ann")
	ids := ann.uploaded("a.txt", "b.txt", "c.txt")
	for _, selection := range [][]string{ids[:1], ids[:2]} {
		to := ann.post("/files/share", url.Values{"file_ids": selection}).Header().Get("Location")
		link := between(ann.get(to).Body.String(), publicURL+"/s/", `"`)
		link, _, _ = strings.Cut(link, "<")
		if page := s.browser().get("/s/" + link).Body.String(); !strings.Contains(page, "a.txt") {
			t.Errorf("the link to %d files does not open them\n%s", len(selection), page)
		}
	}
	if page := ann.get("/files").Body.String(); !strings.Contains(page, ">2 links<") || !strings.Contains(page, ">Only you<") {
		t.Errorf("the list does not say who can open the files\n%s", page)
	}
	for _, path := range []string{"/files/share", "/files/post"} {
		refused := ann.post(path, url.Values{"file_ids": {ids[0], ids[2]}})
		if refused.Code != http.StatusUnprocessableEntity || !strings.Contains(refused.Body.String(), "Already in a post: “a.txt”") {
			t.Errorf("%s with a file in a post: %d\n%s", path, refused.Code, refused.Body)
		}
	}
	to := ann.post("/files/post", url.Values{"file_ids": ids[2:]}).Header().Get("Location")
	if page := ann.get(to).Body.String(); !strings.Contains(page, `name="file_ids" value="`+ids[2]+`"`) {
		t.Errorf("the form for a post does not have the file\n%s", page)
	}
	if page := s.registered("bob").get(to).Body.String(); strings.Contains(page, ids[2]) {
		t.Error("the form shows the file of another user")
	}
}
