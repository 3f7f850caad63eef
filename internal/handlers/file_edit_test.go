package handlers_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

func TestFileRename(t *testing.T) {
	s := newSite(t)
	ann, bob := s.registered("ann"), s.registered("bob")
	id := ann.uploaded("notes.txt")[0]
	for _, tt := range []struct {
		name, becomes, says string
	}{
		{"Minutes.TXT", "Minutes.TXT", ""},
		{"no ending", "no ending.txt", ""},
		{strings.Repeat("x", 251) + ".txt", strings.Repeat("x", 251) + ".txt", ""},
		{strings.Repeat("x", 252) + ".txt", "", "up to 255 bytes"},
		{strings.Repeat("x", 252), "", "up to 255 bytes"},
		{"evil.exe", "", "Keep “.txt” at the end"},
		{"../up.txt", "", "Remove slashes"},
		{"", "", "Enter a file name."},
	} {
		got := ann.post("/files/"+id+"/rename", url.Values{"name": {tt.name}})
		if tt.says == "" {
			if got.Code != http.StatusSeeOther || ann.namesAt("/files?q="+url.QueryEscape(tt.becomes)) != tt.becomes {
				t.Errorf("%q: %d, and the list has %s", tt.name, got.Code, ann.namesAt("/files"))
			}
		} else if page := got.Body.String(); got.Code != http.StatusUnprocessableEntity || !strings.Contains(page, tt.says) ||
			!strings.Contains(page, `aria-invalid="true"`) || !strings.Contains(page, `value="`+tt.name) && tt.name != "" {
			t.Errorf("%q: %d\n%s", tt.name, got.Code, page)
		}
	}
	if got := bob.post("/files/"+id+"/rename", url.Values{"name": {"mine.txt"}}); got.Code != http.StatusNotFound {
		t.Errorf("by another user: %d", got.Code)
	}
	if got := bob.get("/files/" + id + "/edit"); got.Code != http.StatusNotFound {
		t.Errorf("the form for another user: %d", got.Code)
	}
}

// A replaced file has its new content under the links that it had; the old bytes are gone and
// the quota counts the new ones.
func TestFileReplace(t *testing.T) {
	s := newSite(t)
	ann, bob := s.registered("ann"), s.registered("bob")
	id := ann.uploaded("notes.txt")[0]
	share := ann.post("/files/share", url.Values{"file_ids": {id}}).Header().Get("Location")
	secret, _, _ := strings.Cut(between(ann.get(share).Body.String(), publicURL+"/s/", `"`), "<")
	at := "/s/" + secret + "/files/" + id + "/notes.txt"
	before := s.browser().get(at)
	replace := func(b *browser, content string) int {
		return b.postForm("/files/"+id+"/replace", nil, part{"file", "other.txt", "", []byte(content)}).Code
	}
	if got := replace(bob, "stolen"); got != http.StatusNotFound {
		t.Errorf("by another user: %d", got)
	}
	if got := replace(ann, "the new and longer content of the notes"); got != http.StatusSeeOther {
		t.Fatalf("replacing: %d", got)
	}
	after := s.browser().get(at)
	if after.Body.String() != "the new and longer content of the notes" || after.Header().Get("ETag") == before.Header().Get("ETag") {
		t.Errorf("the link leads to %d %q", after.Code, after.Body)
	}
	if used := s.userNamed("ann").StorageUsed; used != int64(after.Body.Len()) {
		t.Errorf("%d bytes are used, want %d", used, after.Body.Len())
	}
	if got := replace(ann, "short"); got != http.StatusSeeOther || s.userNamed("ann").StorageUsed != 5 {
		t.Errorf("a shorter one: %d, %d bytes are used", got, s.userNamed("ann").StorageUsed)
	}
	s.work(func() bool { return s.bytes() == 1 })
	// What the site does not take as an upload, it does not take here.
	refused := ann.postForm("/files/"+id+"/replace", nil, part{"file", "x.txt", "", []byte("\x7fELF\x02\x01\x01\x00\x00\x00\x00")})
	if s.browser().get(at).Body.String() != "short" && refused.Code != http.StatusSeeOther {
		t.Errorf("after %d the file has another content", refused.Code)
	}
	if got := ann.postForm("/files/"+id+"/replace", nil, part{"file", "x.txt", "", drawJPEG(t, 20, 30)}); got.Code !=
		http.StatusUnprocessableEntity || !strings.Contains(got.Body.String(), "is of another kind") {
		t.Errorf("an image instead of text: %d %s", got.Code, got.Body)
	}
	if got := ann.postForm("/files/"+id+"/replace", nil); got.Code != http.StatusUnprocessableEntity {
		t.Errorf("without a file: %d", got.Code)
	}
}

// The owner of a reported file cannot replace what was reported before a moderator decides. The
// name at the time of the report is kept with it, so that renaming hides nothing.
func TestFileReplace_OfAReportedFile(t *testing.T) {
	s := newSite(t)
	ann, mona := s.registered("ann"), s.withRole("mona", models.RoleModerator)
	id := ann.uploaded("threat.txt")[0]
	report := models.NewReportID()
	s.exec(fmt.Sprintf(`INSERT INTO reports (id, object, owner_id, evidence, times, created_at, last_at, decision, note)
		VALUES ('%s', 'file:%s', '%s', 'threat.txt', 1, '2026-01-02 03:04:05', '2026-01-02 03:04:05', '', '')`,
		report, id, s.userNamed("ann").ID))
	replace := func() *httptest.ResponseRecorder {
		return ann.postForm("/files/"+id+"/replace", nil, part{"file", "x.txt", "", []byte("harmless")})
	}
	if got := replace(); got.Code != http.StatusUnprocessableEntity ||
		!strings.Contains(got.Body.String(), "A moderator has yet to look at this file") {
		t.Errorf("before the decision: %d\n%s", got.Code, got.Body)
	}
	if got := ann.post("/files/"+id+"/rename", url.Values{"name": {"kind.txt"}}); got.Code != http.StatusSeeOther {
		t.Errorf("renaming: %d", got.Code)
	}
	if page := mona.get("/admin/reports/" + string(report)).Body.String(); !holds(page, "threat.txt") {
		t.Errorf("the moderator does not see the old name:\n%s", page)
	}
	// The report that comes while the new content does is found, too.
	if _, err := s.db.HoldFile(t.Context(), s.userNamed("ann").ID, models.FileID(id), s.settle(models.FileID(id)).Blob); problem.KindOf(err) !=
		problem.NotFound {
		t.Errorf("holding it: %v", err)
	}
	// So is a report about its post.
	post := ann.postForm("/posts", map[string][]string{"title": {"T"}, "visibility": {"unlisted"}, "file_ids": {id}})
	s.exec(`UPDATE reports SET object = (SELECT 'post:' || post_id FROM files)`)
	if got := replace(); got.Code != http.StatusUnprocessableEntity {
		t.Errorf("the post (%d) is reported: %d\n%s", post.Code, got.Code, got.Body)
	}
	if _, err := s.db.HoldFile(t.Context(), s.userNamed("ann").ID, models.FileID(id), s.settle(models.FileID(id)).Blob); problem.KindOf(err) !=
		problem.NotFound {
		t.Errorf("holding it: %v", err)
	}
	s.exec(`UPDATE reports SET decided_at = created_at, decision = 'dismissed'`)
	if got := replace(); got.Code != http.StatusSeeOther {
		t.Errorf("after the decision: %d\n%s", got.Code, got.Body)
	}
}

// An image that is replaced while it is processed does not get the thumbnails of the old one,
// and one that was processed loses them.
func TestFileReplace_OfAnImage(t *testing.T) {
	s := newSite(t)
	ann := s.registered("ann")
	ann.postForm("/files", nil, part{"file", "a.jpg", "", drawJPEG(t, 400, 300)})
	id := s.cells(`SELECT id FROM files`)[0]
	find := func() models.File {
		return must(s.db.FileByID(t.Context(), models.FileID(id)))(t)
	}
	s.work(func() bool { return find().State == models.Ready })
	old := find()
	thumb := ann.get("/files/" + id + "/thumbnail")
	ann.postForm("/files/"+id+"/replace", nil, part{"file", "b.jpg", "", drawJPEG(t, 200, 300)})
	s.work(func() bool { return find().State == models.Ready && find().Width == 200 })
	if f := find(); f.Clean == old.Clean || f.ThumbSmall == old.ThumbSmall || f.Blob == old.Blob || f.Name != "a.jpg" {
		t.Errorf("%+v\nwas %+v", f, old)
	}
	if got := ann.get("/files/" + id + "/thumbnail"); got.Header().Get("ETag") == thumb.Header().Get("ETag") {
		t.Error("the thumbnail of another image has the same tag")
	}
	// While the new content is processed, what comes of the old one is not taken.
	s.exec(`UPDATE files SET state = 'processing'`)
	if ok, err := s.db.FileReady(t.Context(), models.FileID(id), old.Blob, database.FileResult{}, s.clock.now()); ok || err != nil {
		t.Errorf("the result of the old content is taken: %v, %v", ok, err)
	}
	if ok, err := s.db.FileRejected(t.Context(), models.FileID(id), old.Blob, "no", s.clock.now()); ok || err != nil {
		t.Errorf("the old content rejects the new one: %v, %v", ok, err)
	}
	err := s.files.ProcessImage(t.Context(), models.ProcessImage{FileID: models.FileID(id), Blob: old.Blob})
	if err != nil || find().State != models.Processing {
		t.Errorf("the job of the old content makes it %s: %v", find().State, err)
	}
}

// A program renames and replaces a file as the pages do, with the scope "write".
func TestAPI_RenamesAndReplaces(t *testing.T) {
	s := newSite(t)
	ann, bob := s.program("ann"), s.program("bob")
	at := "/files/" + text(t, want(t, ann.send("PUT", "/files/notes.txt", []byte("old")), http.StatusCreated), "id")
	if got := want(t, ann.send("PATCH", at, doc{"name": "minutes"}), http.StatusOK); got["name"] != "minutes.txt" {
		t.Errorf("renamed to %v", got["name"])
	}
	if got := want(t, ann.send("PATCH", at, doc{}), http.StatusOK); got["name"] != "minutes.txt" {
		t.Errorf("nothing is sent: %v", got["name"])
	}
	if got := ann.send("PATCH", at, doc{"name": "minutes.exe"}); got.Code != http.StatusUnprocessableEntity ||
		!strings.Contains(got.Body.String(), `"field":"name"`) {
		t.Errorf("another extension: %d %s", got.Code, got.Body)
	}
	if got := want(t, ann.send("POST", at+"/content", []byte("the new content")), http.StatusOK); got["size"] != float64(15) {
		t.Errorf("replaced: %v", got)
	}
	if got := ann.send("POST", at+"/content", drawJPEG(t, 20, 30)); got.Code != http.StatusUnprocessableEntity {
		t.Errorf("another kind: %d %s", got.Code, got.Body)
	}
	for method, path := range map[string]string{"PATCH": at, "POST": at + "/content"} {
		if got := bob.send(method, path, doc{"name": "mine.txt"}); got.Code != http.StatusNotFound {
			t.Errorf("%s by another user: %d", method, got.Code)
		}
	}
	if got := ann.send("GET", at+"/content", nil); got.Body.String() != "the new content" ||
		!strings.Contains(got.Header().Get("Content-Disposition"), `"minutes.txt"`) {
		t.Errorf("at the end: %q, %s", got.Body, got.Header().Get("Content-Disposition"))
	}
}
