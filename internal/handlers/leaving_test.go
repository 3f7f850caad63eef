package handlers_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"example.org/cloakroom/internal/files"
	"example.org/cloakroom/internal/models"
)

// unzipped returns the entries of a zip by their names.
func unzipped(t *testing.T, raw []byte) map[string]string {
	t.Helper()
	all := map[string]string{}
	r := must(zip.NewReader(bytes.NewReader(raw), int64(len(raw))))(t)
	for _, f := range r.File {
		if _, twice := all[f.Name]; twice {
			t.Errorf("%s is in the zip twice", f.Name)
		}
		content := must(f.Open())(t)
		all[f.Name] = string(must(io.ReadAll(content))(t))
	}
	return all
}

func TestExport_HasAllDataOfTheUser(t *testing.T) {
	eachDatabase(t, func(t *testing.T, s *site) {
		ann, bob := s.registered("ann"), s.registered("bob")
		_, _ = bob.writeFile("public", "bob.txt", "of bob alone")
		post, file := ann.writeFile("private", "a.txt", "hello")
		second := must(s.files.Receive(t.Context(), s.userNamed("ann"),
			files.Input{Name: `what: "is" <this>?.txt`, Size: 5, Body: strings.NewReader("loose")}))(t)
		gone := ann.write(postFields())
		ann.post(gone+"/delete", nil)
		ann.post(post+"/comments", url.Values{"body": {"a comment of mine"}})
		shared := ann.shareFiles(url.Values{"note": {"a note of mine"}, "password": {"open sesame"}}, part{"file", "c.txt", "", []byte("shared")})
		visitor := s.browser()
		visitor.post(shared.link, url.Values{"password": {"open sesame"}})
		visitor.get(shared.fileURL())
		q := ann.request(url.Values{"message": {"a request of mine"}, "kinds": {"text"}})
		s.browser().leave(q, url.Values{"name": {"Jo"}}, textFile("left.txt", "left"))
		ann.post(q.page, url.Values{"title": {"Photos"}, "message": {"a request of mine"}, "password": {"open sesame"}})
		ann.post("/settings/tokens", url.Values{"name": {"laptop"}, "scope": {"read"}})
		ann.post("/report/user/"+string(s.userNamed("bob").ID), url.Values{"reason": {"spam"}, "words": {"a report of mine"}})

		got := ann.get("/settings/data/export.zip")
		if got.Code != http.StatusOK || got.Header().Get("Content-Type") != "application/zip" ||
			!strings.Contains(got.Header().Get("Content-Disposition"), "cloakroom-ann.zip") {
			t.Fatalf("%d %v", got.Code, got.Header())
		}
		all := unzipped(t, got.Body.Bytes())
		id := strings.Split(file, "/")[2]
		for name, wanted := range map[string]string{
			"account.json": `"ann@example.org"`, "posts.json": strings.TrimPrefix(gone, "/posts/"), "comments.json": "a comment of mine",
			"files.json": `"path":"files/` + id + `-a.txt"`, "sessions.json": `"user_agent"`, "api_tokens.json": `"laptop"`, "links.json": "[]",
			"notices.json": "[", "notification_choices.json": "[]", "reports.json": "a report of mine",
			"shares.json": "a note of mine", "downloads.json": `"name":"c.txt","size":6,"sent":6,"complete":true`, "audit.json": `"user.export"`,
			"file_requests.json": "a request of mine", "received_files.json": `"name":"left.txt","size":4,"sha256":"`,
			"files/" + id + "-a.txt": "hello", "files/" + string(second.ID) + "-what_ _is_ _this__.txt": "loose",
		} {
			if !strings.Contains(all[name], wanted) {
				t.Errorf("%s = %q, want %q in it", name, all[name], wanted)
			}
		}
		if len(all) != 19 {
			t.Errorf("%d entries", len(all))
		}
		for name, content := range all {
			if strings.HasSuffix(name, ".json") && !json.Valid([]byte(content)) {
				t.Errorf("%s is no JSON: %s", name, content)
			}
			for _, never := range []string{"argon2", "hash", "bob", "sesame", shared.link[len("/s/"):], q.link[len("/r/"):]} {
				if strings.Contains(content, never) {
					t.Errorf("%s has %q in it", name, never)
				}
			}
		}
		program := s.programOf("ann")
		if rec := program.send(http.MethodGet, "/me/export", nil); rec.Code != http.StatusOK || len(unzipped(t, rec.Body.Bytes())) != len(all) {
			t.Errorf("by the API: %d", rec.Code)
		}
	})
}

// The export includes all rows of several batches.
func TestExport_GoesOnPastABatch(t *testing.T) {
	s := newSite(t)
	ann := s.registered("ann")
	who := s.userNamed("ann")
	for i := range 501 {
		f := models.File{ID: models.NewFileID(), OwnerID: who.ID, Name: "a.txt", Blob: models.NewBlobKey(), State: models.Ready,
			CreatedAt: s.clock.now(), UpdatedAt: s.clock.now(), Position: i}
		must(0, s.db.CreateFile(t.Context(), &f))(t)
		must(s.files.Blobs.Put(t.Context(), f.Blob, strings.NewReader("x")))(t)
	}
	all := unzipped(t, ann.get("/settings/data/export.zip").Body.Bytes())
	var files []any
	if err := json.Unmarshal([]byte(all["files.json"]), &files); err != nil || len(files) != 501 || len(all) != 501+15 {
		t.Errorf("of 501 files %d are listed, and %d entries are there: %v", len(files), len(all), err)
	}
}

// Unreadable bytes break the connection, so that a partial archive never looks
// complete.
func TestExport_IsCutRatherThanShort(t *testing.T) {
	s := newSite(t)
	ann := s.registered("ann")
	_, file := ann.writeFile("private", "a.txt", "hello")
	f := must(s.files.Find(t.Context(), s.userNamed("ann"), models.FileID(strings.Split(file, "/")[2])))(t)
	must(0, s.files.Blobs.Delete(t.Context(), f.Blob))(t)
	request := must(http.NewRequest(http.MethodGet, s.listen()+"/settings/data/export.zip", nil))(t)
	_, request.Host, _ = strings.Cut(publicURL, "://")
	request.AddCookie(ann.jar.Cookies(mustURL(t))[0])
	if answer, err := http.DefaultClient.Do(request); err == nil {
		defer answer.Body.Close()
		if _, err := io.ReadAll(answer.Body); answer.StatusCode != http.StatusOK || err == nil {
			t.Errorf("%d, and the end of the zip came: %v", answer.StatusCode, err)
		}
	}
	if again := ann.get("/settings/data"); again.Code != http.StatusOK ||
		!slices.Contains(links(again.Body.String(), `/settings/data/export\.zip`), "/settings/data/export.zip") {
		t.Errorf("the page: %d", again.Code)
	}
}
