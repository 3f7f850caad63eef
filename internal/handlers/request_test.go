package handlers_test

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"example.org/cloakroom/internal/models"
)

// A requested is a file request that its owner has made.
type requested struct {
	owner *browser
	id    models.FileRequestID
	link  string // path for guests
	page  string // path for the owner
	post  models.PostID
}

// request makes a file request with these options.
func (b *browser) request(options url.Values) requested {
	b.t.Helper()
	form := url.Values{"title": {"Photos of the regatta"}}
	for field, values := range options {
		form[field] = values
	}
	got := b.post("/requests", form)
	page := got.Header().Get("Location")
	if got.Code != http.StatusSeeOther || !strings.HasPrefix(page, "/requests/") {
		b.t.Fatalf("requesting files: %d\n%s", got.Code, got.Body)
	}
	shown := b.get(page).Body.String()
	q := requested{owner: b, id: models.FileRequestID(strings.TrimPrefix(page, "/requests/")), page: page}
	q.link = strings.TrimPrefix(between(shown, `<code id="share-link">`, `<`), publicURL)
	q.post = q.row().PostID
	return q
}

// leave sends the form of a guest.
func (b *browser) leave(q requested, fields url.Values, parts ...part) *httptest.ResponseRecorder {
	b.t.Helper()
	return b.postForm(q.link+"/files", fields, parts...)
}

// Options that few requests need are folded away, unless one has a value or a problem.
func TestRequest_FoldsWhatFewNeed(t *testing.T) {
	ann := newSite(t).registered("ann")
	const open, folded = `<details open><summary>Options</summary>`, `<details><summary>Options</summary>`
	ann.wantPage("/requests/new", folded)
	plain := url.Values{"title": {""}, "files": {"100"}, "sender": {"optional"}} // which is not enough
	for field, value := range map[string]string{"title": "", "expires": "x", "name": "regatta", "files": "2", "each": "20 MB", "total": "1 GB",
		"kinds": "image", "sender": "name", "one_use": "yes", "password": "rain on the roof"} {
		form := maps.Clone(plain)
		form.Set(field, value)
		want := map[bool]string{true: folded, false: open}[field == "title" || field == "expires"]
		if got := ann.post("/requests", form); got.Code != http.StatusUnprocessableEntity || !strings.Contains(got.Body.String(), want) {
			t.Errorf("with %s: %d, want %s", field, got.Code, want)
		}
	}
	plain.Set("title", "Photos")
	plain.Set("files", "many")
	if got := ann.post("/requests", plain).Body.String(); !strings.Contains(got, open) {
		t.Error("a problem is folded away")
	}
}

func textFile(name, content string) part { return part{"file", name, "", []byte(content)} }

// row returns the request as it is stored.
func (q requested) row() models.FileRequest {
	q.owner.t.Helper()
	found, _, err := q.owner.db.FileRequestByHash(q.owner.t.Context(), models.ParseShareLink(q.link[len("/r/"):]))
	if err != nil {
		q.owner.t.Fatal(err)
	}
	return found
}

// received returns what the request has received.
func (q requested) received() []models.ReceivedFile {
	q.owner.t.Helper()
	page, err := q.owner.db.ReceivedFilesOf(q.owner.t.Context(), q.row().OwnerID, q.id, models.Cursor{}, models.MaxRequestFiles)
	if err != nil {
		q.owner.t.Fatal(err)
	}
	return page.Items
}

// The whole way: a guest without an account leaves two files by a plain form and gets a
// receipt; the owner finds them in the private post of the request.
func TestRequest_GuestLeavesFiles(t *testing.T) {
	s := newSite(t)
	mara := s.registered("mara")
	q := mara.request(url.Values{"message": {"All of them, please."}, "name": {"photos"}})
	if !strings.HasPrefix(q.link, "/r/photos-") {
		t.Errorf("the link is %s", q.link)
	}
	guest := s.browser()
	shown := guest.get(q.link)
	for _, want := range []string{"Photos of the regatta", "All of them, please.", "mara", "Send files"} {
		if shown.Code != http.StatusOK || !strings.Contains(shown.Body.String(), want) {
			t.Errorf("the page of the link: %d, without %q", shown.Code, want)
		}
	}
	jpeg := drawJPEG(t, 400, 300)
	got := guest.leave(q, url.Values{"name": {"Jo Miller"}}, part{"file", "sail.jpg", "", jpeg}, textFile("notes.txt", "some notes"))
	if got.Code != http.StatusSeeOther || got.Header().Get("Location") != q.link+"/receipt" {
		t.Fatalf("leaving: %d to %s\n%s", got.Code, got.Header().Get("Location"), got.Body)
	}
	receipt := guest.from("192.0.2.1", http.MethodGet, q.link+"/receipt", "Accept", "text/html").Body.String()
	for _, want := range []string{"Thank you.", "sail.jpg", "notes.txt", fmt.Sprint(len("some notes"), " bytes"), "SHA-256"} {
		if !strings.Contains(receipt, want) {
			t.Errorf("the receipt has no %q:\n%s", want, receipt)
		}
	}
	plain := guest.get(q.link + "/receipt").Body.String()
	if !strings.Contains(plain, "File: notes.txt\nSize: 10 bytes\nSHA-256: ") || !strings.Contains(plain, "Received: 2026-03-14T15:09:26Z") {
		t.Errorf("the receipt as text: %s", plain)
	}
	owned := mara.get("/posts/" + string(q.post)).Body.String()
	for _, want := range []string{"sail.jpg", "notes.txt"} {
		if !strings.Contains(owned, want) || !strings.Contains(mara.get(q.page).Body.String(), want) {
			t.Errorf("the owner does not find %s", want)
		}
	}
	if got := guest.get("/posts/" + string(q.post)); got.Code != http.StatusNotFound {
		t.Errorf("the guest opens the post: %d", got.Code)
	}
	if page := mara.get(q.page).Body.String(); !strings.Contains(page, "Jo Miller") || !strings.Contains(page, "192.0.2.0/24") {
		t.Errorf("the owner does not see who left the files:\n%s", page)
	}
	row, files := q.row(), q.received()
	if row.Files != 2 || row.Bytes != int64(len(jpeg)+10) || len(files) != 2 || s.userNamed("mara").StorageUsed != row.Bytes {
		t.Errorf("counted: %d files, %d bytes; of the owner's storage %d", row.Files, row.Bytes, s.userNamed("mara").StorageUsed)
	}
	s.settle(*files[0].FileID)
	page := s.notificationOf(mara, "2 files were left for your file request “Photos of the regatta”.")
	id := between(page, `href="/notifications/`, `"`)
	if got := mara.get("/notifications/" + id); got.Header().Get("Location") != q.page {
		t.Errorf("the notification leads to %q", got.Header().Get("Location"))
	}
}

// The owner can edit the post of a request that has more files than their tier allows in a
// post.
func TestRequest_PostWithManyFilesCanBeEdited(t *testing.T) {
	s := newSite(t)
	q := s.registered("mara").request(url.Values{"files": {"101"}})
	var parts []part
	for i := range 101 {
		parts = append(parts, textFile(fmt.Sprint(i, ".txt"), "x"))
	}
	if got := s.browser().leave(q, nil, parts...); got.Code != http.StatusSeeOther {
		t.Fatalf("leaving: %d\n%s", got.Code, got.Body)
	}
	path := "/posts/" + string(q.post)
	got := q.owner.postForm(path+"/edit", url.Values{"title": {"Renamed"}, "content": {""}, "visibility": {"private"}})
	if got.Code != http.StatusSeeOther || !strings.Contains(q.owner.get(path).Body.String(), "Renamed") {
		t.Errorf("editing: %d\n%s", got.Code, got.Body)
	}
	got = q.owner.postForm(path+"/edit", url.Values{"title": {"Renamed"}, "visibility": {"private"}}, textFile("more.txt", "x"))
	if got.Code != http.StatusUnprocessableEntity {
		t.Errorf("attaching one more: %d", got.Code)
	}
}

// A program sends files with curl -T, and gets the receipt as text.
func TestRequest_ByPUT(t *testing.T) {
	s := newSite(t)
	q := s.registered("mara").request(url.Values{"password": {"open sesame"}, "sender": {"name"}, "one_use": {"yes"}})
	at := s.listen() + q.link
	put := func(name, user, password, content string) (int, string, http.Header) {
		t.Helper()
		r := must(http.NewRequestWithContext(t.Context(), http.MethodPut, at+"/"+name, strings.NewReader(content)))(t)
		r.Host = "cloakroom.test"
		if user+password != "" {
			r.SetBasicAuth(user, password)
		}
		got := must(http.DefaultClient.Do(r))(t)
		defer got.Body.Close()
		return got.StatusCode, string(must(io.ReadAll(got.Body))(t)), got.Header
	}
	code, body, h := put("a.txt", "", "", "hello")
	if code != http.StatusUnauthorized || h.Get("WWW-Authenticate") == "" || strings.Contains(body, "regatta") {
		t.Errorf("without the password: %d %s", code, body)
	}
	if code, body, _ := put("a.txt", "Jo", "not this one", "hello"); code != http.StatusUnauthorized {
		t.Errorf("with a wrong password: %d %s", code, body)
	}
	code, body, _ = put("a.txt", "", "open sesame", "hello")
	if code != http.StatusUnprocessableEntity || body != "name: Enter your name.\n" {
		t.Errorf("without a name: %d %q", code, body)
	}
	const sum = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
	want := "File: a.txt\nSize: 5 bytes\nSHA-256: " + sum + "\nReceived: 2026-03-14T15:09:26Z\n\n"
	code, body, h = put("a.txt", "Jo", "open sesame", "hello")
	if code != http.StatusCreated || body != want || h.Get("Content-Type") != "text/plain; charset=UTF-8" {
		t.Errorf("%d %q %v", code, body, h)
	}
	// The same network goes on, and another does not: the request is for one guest.
	if code, body, _ := put("b.txt", "Jo", "open sesame", "hello again"); code != http.StatusCreated {
		t.Errorf("a second file: %d %s", code, body)
	}
	if got := s.browser().get(q.link); got.Code != http.StatusGone {
		t.Errorf("another guest: %d", got.Code)
	}
	if n := len(q.received()); n != 2 {
		t.Errorf("%d files were received", n)
	}
}
