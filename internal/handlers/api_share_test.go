package handlers_test

import (
	"encoding/json"
	"fmt"
	"html"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"example.org/cloakroom/internal/accounts"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/testenv"
)

// anID is the ID of nothing.
const anID = "AAAAAAAAAAAAAAAAAAAAAAAAAA"

// withScopes returns a program of the same user whose token has these scopes.
func (p *program) withScopes(scopes ...string) *program {
	p.t.Helper()
	_, secret, err := p.accounts.NewToken(p.t.Context(), models.Actor{User: p.user}, accounts.TokenInput{Name: "narrow", Scopes: scopes})
	if err != nil {
		p.t.Fatal(err)
	}
	return &program{site: p.site, user: p.user, token: secret.Reveal()}
}

// up sends a file to /up/ and returns the response.
func (p *program) up(path, content string, headers ...string) *httptest.ResponseRecorder {
	p.t.Helper()
	r := httptest.NewRequest(http.MethodPut, publicURL+"/up/"+path, strings.NewReader(content))
	if p.token != "" {
		r.Header.Set("Authorization", "Bearer "+p.token)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	rec := httptest.NewRecorder()
	p.handler.ServeHTTP(rec, r)
	return rec
}

// count returns the number of rows of a table.
func (s *site) count(table string) (n int) {
	s.t.Helper()
	if err := s.db.SQLPool().QueryRowContext(s.t.Context(), "SELECT COUNT(*) FROM "+table).Scan(&n); err != nil {
		s.t.Fatal(err)
	}
	return n
}

// wantShares requires that number of rows of files, posts and shares.
func (s *site) wantShares(t *testing.T, when string, files, posts, shares int) {
	t.Helper()
	if got, want := fmt.Sprint(s.count("files"), s.count("posts"), s.count("shares")), fmt.Sprint(files, posts, shares); got != want {
		t.Errorf("%s, there are %s files, posts and shares, want %s", when, got, want)
	}
}

// fillShares copies a share of the only owner until they have that number.
func (s *site) fillShares(most int) {
	s.t.Helper()
	s.exec(fmt.Sprintf(`
		WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %[1]d)
		INSERT INTO shares (id, hash, owner_id, post_id, file_id, sealed, name, sender, note, permission, named, names, preview, password,
			password_version, max_pickups, picked_up, created_at, updated_at, expires_at, revoked_at, used_at)
		SELECT 'copy %[2]d ' || n.i, 'copy %[2]d ' || n.i, owner_id, post_id, file_id, sealed, name, sender, note, permission, named, names,
			preview, password,
			password_version, max_pickups, picked_up, created_at, updated_at, expires_at, revoked_at, used_at
		FROM n, (SELECT * FROM shares LIMIT 1) AS s`, most-s.count("shares"), most))
}

// shareMembers are the members of a share that the API shows. Another one needs a reason,
// and must be no secret (CVE-2026-62684).
var shareMembers = []string{"created_at", "downloads", "expires_at", "file_id", "from", "id", "last_used_at", "link_preview", "locked",
	"max_downloads", "name", "note", "permission", "post_id", "revoked_at", "state", "title", "updated_at", "url", "users"}

func wantMembers(t *testing.T, d doc, all []string) {
	t.Helper()
	if got := slices.Sorted(maps.Keys(d)); !slices.Equal(got, all) {
		t.Errorf("it has the members %v, want %v", got, all)
	}
}

// wantShare requires these values of members, as text.
func wantShare(t *testing.T, share doc, wanted map[string]string) {
	t.Helper()
	for name, value := range wanted {
		if got := fmt.Sprint(share[name]); got != value {
			t.Errorf("%s = %q, want %q", name, got, value)
		}
	}
}

func TestAPI_AShareFromStartToEnd(t *testing.T) {
	eachDatabase(t, func(t *testing.T, s *site) {
		ann := s.program("ann")
		s.registered("bob")
		file := ann.put("minutes.txt", "we met")
		post := ann.create(doc{"title": "Minutes", "files": []string{file}, "visibility": "private"})
		made := ann.send("POST", "/shares", doc{
			"post_id": post, "name": "Minutes November", "from": "The board", "note": "Two\nlines", "permission": "comment", "expires_in": "2w",
			"password": "open sesame", "max_downloads": 3, "users": []string{"bob", "nobody"}, "link_preview": true,
		})
		share := want(t, made, http.StatusCreated)
		id, link := text(t, share, "id"), strings.TrimPrefix(text(t, share, "url"), publicURL)
		if got, want := made.Header().Get("Location"), publicURL+"/api/v1/shares/"+id; got != want {
			t.Errorf("Location = %q, want %q", got, want)
		}
		wantMembers(t, share, shareMembers)
		all := map[string]string{"state": "open", "title": "Minutes", "post_id": post, "file_id": "<nil>", "name": "minutes-november",
			"from": "The board", "note": "Two\nlines", "permission": "comment", "locked": "true", "users": "[bob nobody]", "link_preview": "true",
			"downloads": "0", "max_downloads": "3", "expires_at": "2026-03-28T15:09:26.535897Z", "url": publicURL + link}
		wantShare(t, share, all)
		wantShare(t, want(t, ann.send("GET", "/shares/"+id, nil), http.StatusOK), all)
		if !strings.HasPrefix(link, "/s/minutes-november-") {
			t.Errorf("url = %s", link)
		}
		if got := s.browser().get(link); got.Code == http.StatusOK {
			t.Error("a guest opens a link for named users")
		}
		all["users"], all["locked"], all["note"] = "[]", "false", "Short"
		wantShare(t, want(t, ann.send("PATCH", "/shares/"+id, doc{"users": []string{}, "password": "", "note": "Short"}), http.StatusOK), all)
		guest := s.browser()
		if got := guest.get(link); got.Code != http.StatusOK || !strings.Contains(got.Body.String(), "minutes.txt") {
			t.Errorf("GET %s = %d", link, got.Code)
		}
		guest.get(link + "/files/" + file + "/minutes.txt")
		all["downloads"], all["last_used_at"] = "1", "2026-03-14T15:09:26.535897Z"
		wantShare(t, want(t, ann.send("GET", "/shares/"+id, nil), http.StatusOK), all)
		s.clock.advance(time.Minute)
		all["expires_at"], all["max_downloads"] = "2026-03-15T03:10:26.535897Z", "0"
		wantShare(t, want(t, ann.send("PATCH", "/shares/"+id, doc{"expires_in": "12h", "max_downloads": 0}), http.StatusOK), all)
		want(t, ann.send("DELETE", "/shares/"+id, nil), http.StatusNoContent)
		if got := guest.get(link); got.Code != http.StatusGone {
			t.Errorf("a revoked link = %d", got.Code)
		}
		all["state"], all["revoked_at"] = "revoked", "2026-03-14T15:10:26.535897Z"
		wantShare(t, want(t, ann.send("GET", "/shares/"+id, nil), http.StatusOK), all)
		want(t, ann.send("PATCH", "/shares/"+id, doc{"note": "x"}), http.StatusConflict)
		want(t, ann.send("DELETE", "/shares/"+id, nil), http.StatusNotFound)
		s.wantAudited("share.create done", "share.update done", "share.update done", "share.revoke done")
	})
}

func TestAPI_SharesOfOthers(t *testing.T) {
	s := newSite(t)
	ann, dora := s.program("ann"), s.program("dora")
	file := ann.put("a.txt", "a")
	post := ann.create(doc{"title": "A", "content": "x", "visibility": "public"})
	id := text(t, want(t, ann.send("POST", "/shares", doc{"file_id": file}), http.StatusCreated), "id")
	for _, share := range []string{id, anID, "x"} {
		want(t, dora.send("GET", "/shares/"+share, nil), http.StatusNotFound)
		want(t, dora.send("PATCH", "/shares/"+share, doc{"note": "mine"}), http.StatusNotFound)
		want(t, dora.send("DELETE", "/shares/"+share, nil), http.StatusNotFound)
	}
	for _, of := range []doc{{"file_id": file}, {"post_id": post}, {"file_id": anID}, {"post_id": anID}} {
		want(t, dora.send("POST", "/shares", of), http.StatusNotFound)
	}
	if got := dora.send("GET", "/shares", nil).Body.String(); got != `{"items":[]}` {
		t.Errorf("the shares of dora are %s", got)
	}
	wantShare(t, want(t, ann.send("GET", "/shares/"+id, nil), http.StatusOK), map[string]string{"state": "open", "note": "", "title": "a.txt"})
}

func TestAPI_SharesAreListed(t *testing.T) {
	s := newSite(t)
	ann := s.program("ann")
	file := ann.put("a.txt", "a")
	for i := range 5 {
		s.clock.advance(time.Minute)
		share := doc{"file_id": file, "note": fmt.Sprint("n", i), "expires_in": fmt.Sprint(i+1, "h")}
		want(t, ann.send("POST", "/shares", share), http.StatusCreated)
	}
	if got, pages := ann.walk("/shares?limit=2", "note"); fmt.Sprint(got) != "[n4 n3 n2 n1 n0]" || pages != 3 {
		t.Errorf("got %v in %d pages", got, pages)
	}
	s.clock.advance(2*time.Hour - 3*time.Minute)
	if got, _ := ann.walk("/shares", "state"); fmt.Sprint(got) != "[open open open expired expired]" {
		t.Errorf("the states are %v", got)
	}
	s.exec(`UPDATE shares SET max_pickups = 1, picked_up = 1 WHERE note = 'n4'`)
	if got, _ := ann.walk("/shares", "state"); got[0] != "used_up" {
		t.Errorf("the states are %v", got)
	}
	for path, field := range map[string]string{"/shares?limit=101": "limit", "/shares?before=x": "before"} {
		if got := want(t, ann.send("GET", path, nil), http.StatusUnprocessableEntity); got["field"] != field {
			t.Errorf("GET %s is wrong at %v", path, got["field"])
		}
	}
}

// A link works for longer than the token that reads it, so only a token that may make
// links, or has just made this one, gets it.
func TestAPI_ScopesOfShares(t *testing.T) {
	s := newSite(t)
	ann := s.program("ann")
	read, write, upload := ann.withScopes("read"), ann.withScopes("write"), ann.withScopes("upload")
	file := ann.put("a.txt", "a")
	id := text(t, want(t, write.send("POST", "/shares", doc{"file_id": file}), http.StatusCreated), "id")
	want(t, write.send("PATCH", "/shares/"+id, doc{"note": "x"}), http.StatusOK)
	unlinked := slices.DeleteFunc(slices.Clone(shareMembers), func(name string) bool { return name == "url" })
	wantMembers(t, want(t, read.send("GET", "/shares/"+id, nil), http.StatusOK), unlinked)
	wantMembers(t, want(t, read.send("GET", "/shares", nil), http.StatusOK)["items"].([]any)[0].(doc), unlinked)
	wantMembers(t, want(t, ann.withScopes("read", "write").send("GET", "/shares/"+id, nil), http.StatusOK), shareMembers)
	sent := want(t, upload.send("PUT", "/files/b.txt?share=1d", []byte("b")), http.StatusCreated)
	wantMembers(t, sent["share"].(doc), shareMembers)
	// It cannot share what it did not send, nor see or change what it shared.
	want(t, upload.send("POST", "/shares", doc{"file_id": file}), http.StatusForbidden)
	for _, method := range []string{"GET", "PATCH", "DELETE"} {
		want(t, upload.send(method, "/shares/"+text(t, sent["share"].(doc), "id"), nil), http.StatusForbidden)
	}
	for _, p := range []*program{read, write, s.guest()} {
		status, challenge := http.StatusForbidden, `Bearer realm="cloakroom", error="insufficient_scope", scope="upload"`
		if p.token == "" {
			status, challenge = http.StatusUnauthorized, `Bearer realm="cloakroom"`
		}
		want(t, p.send("PUT", "/files/b.txt?share=1d", []byte("b")), status)
		if got := p.up("b.txt", "b"); got.Code != status || got.Header().Get("WWW-Authenticate") != challenge {
			t.Errorf("PUT /up/ = %d %s", got.Code, got.Header().Get("WWW-Authenticate"))
		}
	}
	s.wantShares(t, "after refusals", 2, 1, 2)
}

func TestAPI_UploadAndShare(t *testing.T) {
	eachDatabase(t, func(t *testing.T, s *site) {
		ann := s.program("ann")
		query := url.Values{"share": {"12h"}, "from": {"Ann at work"}, "note": {"Fresh"}, "permission": {"preview"}, "max_downloads": {"2"},
			"users": {"bob, eve"}}
		made := ann.send("PUT", "/files/digits.txt?"+query.Encode(), []byte("0123456789"), "Share-Password", "open sesame")
		sent := want(t, made, http.StatusCreated)
		share := sent["share"].(doc)
		wantMembers(t, share, shareMembers)
		wantShare(t, share, map[string]string{"state": "open", "title": "digits.txt", "post_id": text(t, sent, "post_id"), "file_id": "<nil>",
			"from": "Ann at work", "note": "Fresh", "permission": "preview", "locked": "true", "users": "[bob eve]", "max_downloads": "2",
			"expires_at": "2026-03-15T03:09:26.535897Z", "url": made.Header().Get("Location")})
		if post := want(t, ann.send("GET", "/posts/"+text(t, sent, "post_id"), nil), http.StatusOK); post["visibility"] != "private" {
			t.Errorf("post = %v", post)
		}
		if strings.Contains(s.log.String(), "open sesame") {
			t.Error("the log has the password")
		}
		s.clock.advance(time.Minute)
		// The default life, and the link alone on a line.
		line := ann.send("PUT", "/files/more.txt?share", []byte("more"), "Accept", "text/plain")
		link := line.Header().Get("Location")
		if line.Code != http.StatusCreated || line.Body.String() != link+"\n" || line.Header().Get("Cache-Control") != "no-store" ||
			!strings.HasPrefix(line.Header().Get("Content-Type"), "text/plain") {
			t.Errorf("as text: %d %q %v", line.Code, line.Body, line.Header())
		}
		if got := s.browser().get(strings.TrimPrefix(link, publicURL)); !strings.Contains(got.Body.String(), "more.txt") {
			t.Errorf("the link = %d", got.Code)
		}
		wantShare(t, want(t, ann.send("GET", "/shares?limit=1", nil), http.StatusOK)["items"].([]any)[0].(doc),
			map[string]string{"expires_at": "2026-03-21T15:10:26.535897Z", "url": link})
		// Without share there is neither a post nor a share.
		plain := want(t, ann.send("PUT", "/files/plain.txt?note=x", []byte("x")), http.StatusCreated)
		if plain["share"] != nil || plain["post_id"] != nil {
			t.Errorf("without share: %v", plain)
		}
		s.wantShares(t, "at the end", 3, 2, 2)
		s.wantAudited("share.create done", "share.create done")
	})
}

// A refusal names its field and leaves nothing. That of an upload comes before its body
// is read.
func TestAPI_RefusedShares(t *testing.T) {
	s := newSite(t)
	ann := s.program("ann")
	file := ann.put("a.txt", "a")
	id := text(t, want(t, ann.send("POST", "/shares", doc{"file_id": file}), http.StatusCreated), "id")
	long := strings.Repeat("x", 1001)
	for _, tt := range []struct {
		member string
		value  any
		field  string // of the query; empty: the query has none
	}{
		{"expires_in", "soon", "share"}, {"expires_in", "0d", "share"}, {"expires_in", "366d", "share"}, {"expires_in", "8761h", "share"},
		{"expires_in", "never", "share"}, {"expires_in", "7 days\n", "share"},
		{"max_downloads", -1, "max_downloads"}, {"max_downloads", 1_000_001, "max_downloads"}, {"permission", "all", "permission"},
		{"password", "short", ""}, {"note", long, "note"}, {"note", "a\x00b", "note"}, {"from", long, "from"}, {"from", "a\nb", "from"},
		{"name", long, ""}, {"users", "a-b", "users"}, {"users", strings.Repeat("bob ", 51), "users"},
	} {
		body := doc{tt.member: tt.value}
		if tt.member == "users" {
			body["users"] = strings.Fields(fmt.Sprint(tt.value))
		}
		if got := want(t, ann.send("PATCH", "/shares/"+id, body), http.StatusUnprocessableEntity); got["field"] != tt.member {
			t.Errorf("PATCH with %v is wrong at %v", body, got["field"])
		}
		body["file_id"] = file
		if got := want(t, ann.send("POST", "/shares", body), http.StatusUnprocessableEntity); got["field"] != tt.member {
			t.Errorf("POST with %v is wrong at %v", body, got["field"])
		}
		if tt.field == "" {
			continue
		}
		query := url.Values{"share": {""}}
		query.Set(tt.field, fmt.Sprint(tt.value))
		got := want(t, ann.send("PUT", "/files/b.txt?"+query.Encode(), []byte("b")), http.StatusUnprocessableEntity)
		if got["field"] != tt.field {
			t.Errorf("PUT with %v is wrong at %v", query, got["field"])
		}
		line := ann.up("b.txt?"+query.Encode(), "b")
		if line.Code != http.StatusUnprocessableEntity || !strings.HasPrefix(line.Body.String(), tt.field+": ") {
			t.Errorf("PUT /up/ with %v = %d %q", query, line.Code, line.Body)
		}
	}
	for body, field := range map[string]string{
		`{}`: "post_id", `{"post_id":"` + anID + `","file_id":"` + file + `"}`: "post_id", `{"post_id":"x"}`: "post_id", `{"file_id":"../x"}`: "file_id",
		`{"file_id":"` + file + `","link_preview":"yes"}`: "link_preview", `{"file_id":"` + file + `","max_downloads":1.5}`: "max_downloads",
		`{"file_id":"` + file + `","hash":"x"}`: "hash", `{"file_id":"` + file + `","users":["bob eve"]}`: "users",
	} {
		if got := want(t, ann.send("POST", "/shares", body), http.StatusUnprocessableEntity); got["field"] != field {
			t.Errorf("POST with %s is wrong at %v, want %s", body, got["field"], field)
		}
	}
	if got := want(t, ann.send("PUT", "/files/b.txt?share=1d", []byte("b"), "Share-Password", "short"), 422); got["field"] != "password" {
		t.Errorf("a short password is wrong at %v", got["field"])
	}
	// A refused file makes no post either.
	want(t, ann.send("PUT", "/files/b.html?share=1d", []byte("<p>"), "Content-Range", "bytes 0-2/9"), http.StatusBadRequest)
	s.wantShares(t, "after refusals", 1, 0, 1)
	want(t, ann.send("PATCH", "/shares/"+id, doc{"expires_in": "365d", "max_downloads": 1_000_000}), http.StatusOK)
	want(t, ann.send("PUT", "/files/b.txt?share=8760h&max_downloads=1000000", []byte("b")), http.StatusCreated)
}

// unread fails the test if somebody reads it.
type unread struct{ t *testing.T }

func (u unread) Read([]byte) (int, error) {
	u.t.Error("the body was read")
	return 0, io.EOF
}

// readCalls calls do when it is read first.
type readCalls struct {
	io.Reader
	do func()
}

func (r *readCalls) Read(p []byte) (int, error) {
	if r.do != nil {
		r.do()
		r.do = nil
	}
	return r.Reader.Read(p)
}

func TestAPI_TooManyShares(t *testing.T) {
	s := newSite(t)
	ann := s.program("ann")
	file := ann.put("a.txt", "a")
	send := func(body io.Reader) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodPut, publicURL+"/api/v1/files/b.txt?share=1d", body)
		r.Header.Set("Authorization", "Bearer "+ann.token)
		r.Header.Set("Expect", "100-continue")
		rec := httptest.NewRecorder()
		s.handler.ServeHTTP(rec, r)
		return rec
	}
	want(t, ann.send("POST", "/shares", doc{"file_id": file}), http.StatusCreated)
	s.fillShares(models.MaxShares - 2)
	want(t, send(strings.NewReader("b")), http.StatusCreated)
	s.wantShares(t, "one before the limit", 2, 1, models.MaxShares-1)
	// The last place is lost while the file comes: no file stays, and no post.
	lost := want(t, send(&readCalls{strings.NewReader("b"), func() { s.fillShares(models.MaxShares) }}), http.StatusConflict)
	if lost["field"] != "share" {
		t.Errorf("the problem is at %v", lost["field"])
	}
	s.wantShares(t, "after the race", 2, 1, models.MaxShares)
	if got := want(t, send(unread{t}), http.StatusConflict); got["field"] != "share" {
		t.Errorf("the problem is at %v", got["field"])
	}
	want(t, ann.send("POST", "/shares", doc{"file_id": file}), http.StatusConflict)
	s.wantShares(t, "over the limit", 2, 1, models.MaxShares)
}

func TestAPI_AWrongShareIsRefusedUnread(t *testing.T) {
	s := newSite(t)
	ann := s.program("ann")
	r := httptest.NewRequest(http.MethodPut, publicURL+"/up/b.txt?share=soon", unread{t})
	r.Header.Set("Authorization", "Bearer "+ann.token)
	r.Header.Set("Expect", "100-continue")
	rec := httptest.NewRecorder()
	s.handler.ServeHTTP(rec, r)
	if rec.Code != http.StatusUnprocessableEntity || rec.Header().Get("Connection") != "close" {
		t.Errorf("status = %d, Connection = %q", rec.Code, rec.Header().Get("Connection"))
	}
}

// The page has lines to copy, with the token if it is new. The file for ShareX has none.
func TestTokenPage_SharesFromAProgram(t *testing.T) {
	s := newSite(t)
	ann := s.registered("ann")
	line := func(page, name string) string {
		return html.UnescapeString(between(page, `<code id="line-`+name+`">`, "<"))
	}
	uploader := func(text string) (at, key string) {
		var file struct {
			RequestMethod, RequestURL, Body, URL, Version string
			Headers                                       map[string]string
		}
		err := json.Unmarshal([]byte(text), &file)
		if err != nil || file.Body != "Binary" || file.Version < "15" || file.RequestMethod != "PUT" ||
			file.URL != "{json:share.url}" || file.Headers["Accept"] != "application/json" {
			t.Errorf("the file for ShareX is %s (%v)", text, err)
		}
		return file.RequestURL, strings.TrimPrefix(file.Headers["Authorization"], "Bearer ")
	}
	page := ann.get("/settings/tokens").Body.String()
	if got := line(page, "curl"); got != "curl -T photo.jpg -H 'Authorization: Bearer YOUR_TOKEN' "+publicURL+"/up/" {
		t.Errorf("the line for curl is %q", got)
	}
	for _, name := range []string{"curl", "function", "sharex"} {
		if !strings.Contains(page, `data-copy="line-`+name+`" hidden>Copy</button>`) {
			t.Errorf("%s has no button to copy it", name)
		}
	}
	file := ann.get("/settings/sharex.sxcu")
	at, key := uploader(file.Body.String())
	if at != publicURL+"/up/{filename}" || key != "YOUR_TOKEN" || line(page, "sharex") != file.Body.String() ||
		file.Header().Get("Content-Disposition") != `attachment; filename="cloakroom.sxcu"` {
		t.Errorf("it sends to %q with %q: %v", at, key, file.Header())
	}
	page = ann.post("/settings/tokens", url.Values{"name": {"laptop"}, "scope": {"upload"}, "expires": {"7"}}).Body.String()
	secret := between(page, `<code id="secret">`, "<")
	if _, key := uploader(line(page, "sharex")); key != secret || !strings.Contains(line(page, "curl"), "Bearer "+secret+"' ") {
		t.Errorf("the lines lack the new token: %q", line(page, "curl"))
	}
	// What ShareX sends and reads.
	p := &program{site: s, token: secret}
	sent := want(t, p.up("screen%20shot.txt", "pixels", "Accept", "application/json", "Content-Type", "text/plain"), http.StatusCreated)
	share := sent["share"].(doc)
	if !strings.HasPrefix(text(t, share, "url"), publicURL+"/s/") || ann.get("/shares/"+text(t, share, "id")).Code != http.StatusOK {
		t.Errorf("ShareX gets %v", sent)
	}
	if got := want(t, p.up("a.html", "<p>", "Accept", "application/json", "Content-Range", "bytes 0-2/9"), 400); text(t, got, "detail") == "" {
		t.Errorf("ShareX gets %v", got)
	}
	// The shell function sends each file, also with odd names.
	shell, err := exec.LookPath("sh")
	if err != nil {
		t.Fatal("there is no shell")
	}
	function := strings.Replace(line(page, "function"), publicURL, s.listen(), 1)
	dir := t.TempDir()
	for _, name := range []string{"a b.txt", "$(x) [1-3].txt"} {
		must(0, os.WriteFile(filepath.Join(dir, name), []byte("some text"), 0o600))(t)
	}
	cmd := exec.CommandContext(t.Context(), shell, "-c", function+"\nup *")
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil || strings.Count(string(out), publicURL+"/s/") != 2 || strings.Count(string(out), "\n") != 2 {
		t.Errorf("up prints %q (%v)", out, err)
	}
}

// curl -T adds the name of the file to a URL that ends with a slash, and prints the link.
func TestUp_ByCurl(t *testing.T) {
	curl, err := exec.LookPath("curl")
	if err != nil {
		testenv.Missing(t, "curl", "apt-get install curl")
	}
	s := newSite(t)
	ann, address := s.program("ann"), s.listen()
	file := filepath.Join(t.TempDir(), "a photo [1] für 100%.jpg")
	must(0, os.WriteFile(file, drawJPEG(t, 300, 200), 0o600))(t)
	token := "Authorization: Bearer " + ann.withScopes("upload").token
	run := func(args ...string) string {
		args = append([]string{"-sS", "--globoff", "-T", file, "-H", token}, args...)
		out, err := exec.CommandContext(t.Context(), curl, args...).CombinedOutput()
		if err != nil {
			t.Fatalf("curl: %v\n%s", err, out)
		}
		return string(out)
	}
	link := run(address + "/up/")
	share := want(t, ann.send("GET", "/shares", nil), http.StatusOK)["items"].([]any)[0].(doc)
	if link != text(t, share, "url")+"\n" || share["title"] != "a photo [1] für 100%.jpg" {
		t.Errorf("curl prints %q for %v", link, share)
	}
	if got := run(address+"/up/", "-H", "Accept: application/json"); !json.Valid([]byte(got)) || !strings.Contains(got, `"share":{`) {
		t.Errorf("as JSON: %s", got)
	}
	if got := run(address + "/up/?share=soon"); got != "share: Enter a number of days, such as 7, or 12h for hours.\n" {
		t.Errorf("curl prints %q", got)
	}
	if got := run(address+"/api/v1/files/a.jpg?share=1h", "-H", "Accept: text/plain"); !strings.HasPrefix(got, publicURL+"/s/") {
		t.Errorf("curl prints %q", got)
	}
	token = "X-Nothing: here"
	if got := run(address + "/up/"); !strings.HasPrefix(got, "Send an API token") || strings.Contains(got, "<") {
		t.Errorf("curl prints %q", got)
	}
}
