package handlers_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"example.org/cloakroom/internal/models"
)

// ways returns every way in of a request for guests: method and path. FORM is the form
// with files.
func (q requested) ways() [][2]string {
	return [][2]string{
		{http.MethodGet, q.link}, {http.MethodHead, q.link}, {http.MethodGet, q.link + "/receipt"}, {http.MethodHead, q.link + "/receipt"},
		{http.MethodPost, q.link}, {"FORM", q.link + "/files"}, {http.MethodPut, q.link + "/a.txt"},
	}
}

// knock sends a request of ways.
func (b *browser) knock(way [2]string, accept string) *httptest.ResponseRecorder {
	b.t.Helper()
	r := httptest.NewRequest(http.MethodGet, publicURL+way[1], nil)
	switch way[0] {
	case "FORM":
		body, contentType := multipartForm(b.t, nil, textFile("a.txt", "hello"))
		r = httptest.NewRequest(http.MethodPost, publicURL+way[1], body)
		r.Header.Set("Content-Type", contentType)
	case http.MethodPost:
		r = httptest.NewRequest(http.MethodPost, publicURL+way[1], strings.NewReader("password=not+this+one"))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	case http.MethodPut:
		r = httptest.NewRequest(http.MethodPut, publicURL+way[1], strings.NewReader("hello"))
	default:
		r.Method = way[0]
	}
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Header.Set("Accept", accept)
	return b.do(r)
}

// told are words that only those who may open the request of these tests may read.
var told = []string{"regatta", "All of them", "mara", "first.txt"}

// Requests that take nothing look alike on every way in, and tell nothing.
func TestRequest_StatesLookAlike(t *testing.T) {
	nowhere := func(link string) func(*site, *requested) { return func(_ *site, q *requested) { q.link = link } }
	exec := func(query string) func(*site, *requested) { return func(s *site, _ *requested) { s.exec(query) } }
	states := map[string]func(s *site, q *requested){
		"never was":    nowhere("/r/" + string(models.NewShareID())),
		"malformed":    nowhere("/r/short"),
		"closed":       func(_ *site, q *requested) { q.owner.post(q.page+"/revoke", nil) },
		"deleted":      func(_ *site, q *requested) { q.owner.post(q.page+"/delete", nil) },
		"expired":      func(s *site, _ *requested) { s.clock.advance(7 * 24 * time.Hour) },
		"post deleted": func(_ *site, q *requested) { q.owner.post("/posts/"+string(q.post)+"/delete", nil) },
		"post hidden":  exec(`UPDATE posts SET hidden_at = created_at`),
		"suspended":    exec(`UPDATE users SET suspended_at = created_at WHERE username_key = 'mara'`),
		"owner leaves": exec(`UPDATE users SET deletion_at = created_at WHERE username_key = 'mara'`),
		"full":         exec(`UPDATE file_requests SET max_files = 1`),
		"no bytes":     exec(`UPDATE file_requests SET max_bytes = bytes`),
		"used":         exec(`UPDATE file_requests SET one_use = TRUE, guest = 'another'`),
		"full, locked": exec(`UPDATE file_requests SET max_files = 1, password = 'x'`),
		"a share":      func(_ *site, q *requested) { q.link = "/r/" + strings.TrimPrefix(q.owner.shareTwo(nil).link, "/s/") },
	}
	for name, end := range states {
		t.Run(name, func(t *testing.T) {
			s := newSite(t)
			q := s.registered("mara").request(url.Values{"message": {"All of them, please."}})
			if got := s.browser().leave(q, nil, textFile("first.txt", "first")); got.Code != http.StatusSeeOther {
				t.Fatal(got.Code)
			}
			end(s, &q)
			for _, way := range q.ways() {
				got := s.browser().knock(way, "text/html")
				if got.Code != http.StatusGone {
					t.Errorf("%v: %d", way, got.Code)
				}
				for _, word := range told {
					if strings.Contains(got.Body.String(), word) {
						t.Errorf("%v tells %q:\n%s", way, word, got.Body)
					}
				}
				if h := got.Header(); h.Get("Cache-Control") != "no-store" || strings.Contains(strings.Join(h.Values("Set-Cookie"), " "), "request=") {
					t.Errorf("%v: %v", way, h)
				}
			}
		})
	}
}

// A locked request tells nothing on any way in before its password, and takes nothing.
func TestRequest_LockedTellsNothing(t *testing.T) {
	s := newSite(t)
	mara := s.registered("mara")
	q := mara.request(url.Values{"message": {"All of them, please."}, "password": {"open sesame"}})
	guest := s.browser()
	for _, accept := range []string{"text/html", "*/*"} {
		for _, way := range q.ways() {
			got := guest.knock(way, accept)
			if got.Code != http.StatusUnauthorized {
				t.Errorf("%v, %s: %d", way, accept, got.Code)
			}
			for _, word := range told {
				if strings.Contains(got.Body.String(), word) {
					t.Errorf("%v tells %q:\n%s", way, word, got.Body)
				}
			}
			program := way[0] == http.MethodPut || accept != "text/html" && way[0] != http.MethodPost
			if basic := got.Header().Get("WWW-Authenticate"); (basic != "") != program {
				t.Errorf("%v, %s: WWW-Authenticate %q", way, accept, basic)
			}
		}
	}
	if n := len(q.received()); n != 0 {
		t.Fatalf("it has taken %d files", n)
	}
	if got := guest.post(q.link, url.Values{"password": {"open sesame"}}); got.Code != http.StatusSeeOther {
		t.Fatalf("the right password: %d", got.Code)
	}
	if got := guest.leave(q, nil, textFile("first.txt", "first")); got.Code != http.StatusSeeOther {
		t.Errorf("leaving a file after the password: %d", got.Code)
	}
	// Another password closes it again for those who are in, with their receipt.
	mara.post(q.page, url.Values{"title": {"Photos of the regatta"}, "password": {"another word"}})
	for _, way := range q.ways() {
		if got := guest.knock(way, "text/html"); got.Code != http.StatusUnauthorized || strings.Contains(got.Body.String(), "first.txt") {
			t.Errorf("%v with the old password: %d", way, got.Code)
		}
	}
	// The cookie of one request opens no other.
	other := mara.request(url.Values{"password": {"open sesame"}})
	if got := guest.knock([2]string{http.MethodGet, other.link}, "text/html"); got.Code != http.StatusUnauthorized {
		t.Errorf("another request with the same password: %d", got.Code)
	}
}

// Passwords are counted by request and address, and so are links that open nothing.
func TestRequest_GuessingIsLimited(t *testing.T) {
	s := newTransferSite(t, "unlock=3-M,share-miss=3-M")
	q := s.registered("mara").request(url.Values{"password": {"open sesame"}})
	guest := s.browser()
	for i, want := range []int{401, 401, 401, 429} {
		if got := guest.post(q.link, url.Values{"password": {"wrong password"}}); got.Code != want {
			t.Errorf("attempt %d: %d, want %d", i+1, got.Code, want)
		}
	}
	r := httptest.NewRequest(http.MethodPut, publicURL+q.link+"/a.txt", strings.NewReader("hello"))
	r.SetBasicAuth("", "open sesame")
	if got := guest.do(r); got.Code != http.StatusTooManyRequests || got.Header().Get("Retry-After") == "" {
		t.Errorf("by Basic over the limit: %d", got.Code)
	}
	for i, want := range []int{410, 410, 410, 429} {
		if got := guest.get("/r/" + string(models.NewShareID())); got.Code != want {
			t.Errorf("miss %d: %d, want %d", i+1, got.Code, want)
		}
	}
}

// Another user's request is not there, whatever is asked.
func TestRequest_OfAnotherUserIsNotFound(t *testing.T) {
	s := newSite(t)
	q := s.registered("mara").request(nil)
	before := q.row()
	jonas := s.registered("jonas")
	for _, path := range []string{q.page, q.page + "/qr.png"} {
		if got := jonas.get(path); got.Code != http.StatusNotFound {
			t.Errorf("GET %s: %d", path, got.Code)
		}
	}
	for _, path := range []string{q.page, q.page + "/revoke", q.page + "/delete"} {
		if got := jonas.post(path, url.Values{"title": {"Mine now"}}); got.Code != http.StatusNotFound {
			t.Errorf("POST %s: %d", path, got.Code)
		}
	}
	if after := q.row(); after.Title != before.Title || after.RevokedAt != nil {
		t.Errorf("it has changed: %+v", after)
	}
	if strings.Contains(jonas.get("/requests").Body.String(), "regatta") {
		t.Error("the list of another user has it")
	}
	if got := q.owner.get(q.page + "/qr.png"); got.Code != http.StatusOK || got.Header().Get("Content-Type") != "image/png" {
		t.Errorf("the QR code: %d %s", got.Code, got.Header().Get("Content-Type"))
	}
}

// A guest sees their own receipt, also after the request has ended, and never what others
// left.
func TestRequest_GuestsSeeOnlyTheirOwn(t *testing.T) {
	s := newSite(t)
	mara := s.registered("mara")
	q := mara.request(nil)
	jo, kim := s.browser(), s.browser()
	if got := jo.leave(q, nil, textFile("of-jo.txt", "jo")); got.Code != http.StatusSeeOther {
		t.Fatal(got.Code)
	}
	if got := kim.leave(q, nil, textFile("of-kim.txt", "kim")); got.Code != http.StatusSeeOther {
		t.Fatal(got.Code)
	}
	look := func(b *browser, path string) string {
		t.Helper()
		got := b.from("192.0.2.1", http.MethodGet, path, "Accept", "text/html")
		if got.Code != http.StatusOK {
			t.Errorf("%s: %d", path, got.Code)
		}
		return got.Body.String()
	}
	for _, path := range []string{q.link, q.link + "/receipt"} {
		for name, b := range map[string]*browser{"of-jo.txt": jo, "of-kim.txt": kim, "": s.browser()} {
			page := look(b, path)
			for _, file := range []string{"of-jo.txt", "of-kim.txt"} {
				if strings.Contains(page, file) != (file == name) {
					t.Errorf("%s of the guest who left %q and %s", path, name, file)
				}
			}
		}
	}
	// A program of the same network reads no receipt of what it sent.
	put := httptest.NewRequest(http.MethodPut, publicURL+q.link+"/by-put.txt", strings.NewReader("put"))
	if got := s.browser().do(put); got.Code != http.StatusCreated {
		t.Fatal(got.Code)
	}
	if page := look(s.browser(), q.link+"/receipt"); strings.Contains(page, "by-put.txt") {
		t.Error("a stranger of the same network reads the receipt of a program")
	}
	mara.post(q.page+"/revoke", nil)
	if page := look(jo, q.link+"/receipt"); !strings.Contains(page, "of-jo.txt") || strings.Contains(page, "Send more files") {
		t.Errorf("the receipt after the request was closed:\n%s", page)
	}
	if got := jo.leave(q, nil, textFile("late.txt", "late")); got.Code != http.StatusGone ||
		!holds(got.Body.String(), "The link may be full or expired, or its owner may have closed it.") {
		t.Errorf("a file after the request was closed: %d", got.Code)
	}
	if page := look(mara, q.page); !holds(page, "Files so far: 3 of") || holds(page, "Anyone with the link") {
		t.Errorf("the owner reads that others can leave files in a closed request:\n%s", page)
	}
}
