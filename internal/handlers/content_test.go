package handlers_test

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"example.org/cloakroom/internal/files"
	"example.org/cloakroom/internal/handlers"
	"example.org/cloakroom/internal/models"
)

const (
	contentOrigin = "http://content.test"
	contentKey    = models.Secret("0123456789abcdef0123456789abcdef")
)

func newContentSite(t *testing.T) *site {
	t.Helper()
	return newSiteWith(t, handlers.Options{ContentOrigin: contentOrigin, ContentKey: contentKey})
}

// ask sends a request without cookies; at is an absolute URL.
func (s *site) ask(method, at string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, at, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	rec := httptest.NewRecorder()
	s.handler.ServeHTTP(rec, r)
	return rec
}

// writeFile posts one file and returns the URLs of the post and the file.
func (b *browser) writeFile(visibility, name, content string) (post, file string) {
	b.t.Helper()
	fields := postFields()
	fields.Set("visibility", visibility)
	post = b.write(fields, part{"file", name, "", []byte(content)})
	return post, links(b.get(post).Body.String(), `/files/[A-Z2-7]+/`+name)[0]
}

// linked follows a file to the content host.
func (b *browser) linked(file string) string {
	b.t.Helper()
	got := b.get(file)
	at := got.Header().Get("Location")
	if got.Code != http.StatusSeeOther || !strings.HasPrefix(at, contentOrigin+"/content/") ||
		got.Header().Get("Cache-Control") != "no-store" {
		b.t.Fatalf("%s = %d %s, Cache-Control %q", file, got.Code, at, got.Header().Get("Cache-Control"))
	}
	return at
}

func TestContent_ComesFromItsOwnHost(t *testing.T) {
	s := newContentSite(t)
	ann := s.registered("ann")
	_, file := ann.writeFile("private", "notes.txt", "secret notes")
	at := ann.linked(file)
	got := s.ask(http.MethodGet, at, "Range", "bytes=7-11", "Cookie", "session=x")
	if got.Code != http.StatusPartialContent || got.Body.String() != "notes" {
		t.Errorf("a range = %d %q", got.Code, got.Body)
	}
	if got.Header().Get("Set-Cookie") != "" || !strings.HasPrefix(got.Header().Get("Content-Security-Policy"), "default-src 'none'") ||
		!strings.Contains(got.Header().Get("Content-Security-Policy"), "sandbox") || got.Header().Get("X-Content-Type-Options") != "nosniff" ||
		got.Header().Get("Cross-Origin-Resource-Policy") != "same-origin" {
		t.Errorf("headers = %v", got.Header())
	}
	if got := s.ask(http.MethodHead, at); got.Code != http.StatusOK || got.Body.Len() != 0 || got.Header().Get("Content-Length") != "12" {
		t.Errorf("HEAD = %d %v", got.Code, got.Header())
	}
	head := httptest.NewRequest(http.MethodHead, publicURL+file, nil)
	if got := ann.do(head); got.Code != http.StatusSeeOther {
		t.Errorf("HEAD on the site = %d", got.Code)
	}
	if got := s.ask(http.MethodGet, ann.linked(file+"?download=1")); !strings.HasPrefix(got.Header().Get("Content-Disposition"),
		"attachment;") {
		t.Errorf("a download is %q", got.Header().Get("Content-Disposition"))
	}
	original := strings.TrimSuffix(file, "notes.txt") + "original"
	if got := s.ask(http.MethodGet, ann.linked(original)); got.Code != http.StatusOK ||
		!strings.HasPrefix(got.Header().Get("Content-Disposition"), "attachment;") {
		t.Errorf("the original = %d %q", got.Code, got.Header().Get("Content-Disposition"))
	}
	if got := s.browser().get(file); got.Code != http.StatusNotFound {
		t.Errorf("a guest is sent to a private file: %d", got.Code)
	}
}

func TestContent_HostsAreApart(t *testing.T) {
	s := newContentSite(t)
	ann := s.registered("ann")
	post, file := ann.writeFile("public", "notes.txt", "notes")
	at := ann.linked(file)
	cookie := ann.jar.Cookies(mustURL(t))[0].String()
	if got := s.ask(http.MethodGet, strings.Replace(at, contentOrigin, publicURL, 1), "Cookie", cookie); got.Code != http.StatusNotFound {
		t.Errorf("the content on the site's host = %d", got.Code)
	}
	for _, path := range []string{"/", post, file, "/login", "/settings/profile", "/api/v1/posts", "/api/v1/openapi.json", "/static/x.js",
		"/users/ann", "/content/", "/nowhere"} {
		for _, host := range []string{contentOrigin, contentOrigin + ":81", "http://CONTENT.test."} {
			got := s.ask(http.MethodGet, host+path, "Cookie", cookie, "Origin", "https://a.example")
			if got.Code != http.StatusNotFound || got.Header().Get("Set-Cookie") != "" || strings.Contains(got.Body.String(), "<html") {
				t.Errorf("%s%s = %d\n%s", host, path, got.Code, got.Body)
			}
		}
	}
	for _, path := range []string{"/livez", "/readyz", "/robots.txt"} {
		for _, host := range []string{contentOrigin, publicURL} {
			if got := s.ask(http.MethodGet, host+path); got.Code != http.StatusOK {
				t.Errorf("%s%s = %d", host, path, got.Code)
			}
		}
	}
	if got := ann.get("/"); !strings.Contains(got.Header().Get("Content-Security-Policy"), "media-src 'self' "+contentOrigin+";") {
		t.Errorf("the policy of a page = %q", got.Header().Get("Content-Security-Policy"))
	}
	if got := newSite(t).ask(http.MethodGet, strings.Replace(at, contentOrigin, publicURL, 1)); got.Code != http.StatusNotFound {
		t.Errorf("a link where there is no content host = %d", got.Code)
	}
}

func TestContentTicket_BindsAllItSays(t *testing.T) {
	s := newContentSite(t)
	ann := s.registered("ann")
	_, file := ann.writeFile("private", "notes.txt", "notes")
	_, other := ann.writeFile("private", "other.txt", "others")
	at := must(url.Parse(ann.linked(file)))(t)
	id := strings.Split(file, "/")[2]
	q := at.Query()
	change := func(name, to string) string {
		return strings.Replace(at.RawQuery, name+"="+q.Get(name), name+"="+to, 1)
	}
	bob := s.userNamed(string(s.registered("bob").userNamed("bob").Username))
	for what, address := range map[string]string{
		"another file":  "/content/" + strings.Split(other, "/")[2] + "/notes.txt?" + at.RawQuery,
		"later":         at.Path + "?" + change("e", q.Get("e")+"0"),
		"disposition":   at.Path + "?" + change("d", "attachment"),
		"variant":       at.Path + "?" + change("v", "original"),
		"viewer":        at.Path + "?" + change("u", string(bob.ID)),
		"no viewer":     at.Path + "?" + change("u", ""),
		"no session":    at.Path + "?" + change("k", ""),
		"signature":     at.Path + "?" + change("s", strings.Repeat("A", 43)),
		"no signature":  at.Path + "?" + change("s", ""),
		"nothing":       at.Path,
		"one more":      at.Path + "?" + at.RawQuery + "&x=1",
		"twice":         at.Path + "?" + at.RawQuery + "&d=attachment",
		"twice alike":   at.Path + "?" + at.RawQuery + "&d=" + q.Get("d"),
		"order":         at.Path + "?" + q.Encode(),
		"escaped":       at.Path + "?" + change("v", "%73hown"),
		"signed number": at.Path + "?" + change("e", "+"+q.Get("e")),
	} {
		if got := s.ask(http.MethodGet, contentOrigin+address); got.Code != http.StatusForbidden || strings.Contains(got.Body.String(), "notes") {
			t.Errorf("%s: %d %q", what, got.Code, got.Body)
		}
	}
	if got := s.ask(http.MethodPost, at.String()); got.Code != http.StatusMethodNotAllowed {
		t.Errorf("POST = %d", got.Code)
	}
	if got := s.ask(http.MethodGet, contentOrigin+"/content/"+id+"/any%20name?"+at.RawQuery); got.Body.String() != "notes" {
		t.Errorf("the name counts: %d", got.Code)
	}
	s.clock.advance(5*time.Minute - time.Second)
	if got := s.ask(http.MethodGet, at.String()); got.Code != http.StatusOK {
		t.Errorf("just before it expires: %d", got.Code)
	}
	s.clock.advance(time.Second)
	if got := s.ask(http.MethodGet, at.String()); got.Code != http.StatusForbidden {
		t.Errorf("when it expires: %d", got.Code)
	}
}

// A link ends with the permission of its viewer, even before it expires.
func TestContentTicket_EndsWithTheRight(t *testing.T) {
	ends := map[string]func(ann, bob *browser, post, file string){
		"log-out": func(_, bob *browser, _, _ string) { bob.post("/logout", nil) },
		"private": func(ann, _ *browser, post, _ string) {
			fields := postFields()
			fields.Set("visibility", "private")
			fields.Set("file_ids", strings.Split(between(ann.get(post+"/edit").Body.String(), `name="file_ids" value="`, `"`), "/")[0])
			ann.postForm(post+"/edit", fields)
		},
		"post deleted": func(ann, _ *browser, post, _ string) { ann.post(post+"/delete", nil) },
		"file deleted": func(ann, _ *browser, _, file string) {
			ann.post(strings.TrimSuffix(file, "/notes.txt")+"/delete", nil)
		},
	}
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			s := newContentSite(t)
			ann, bob := s.registered("ann"), s.registered("bob")
			post, file := ann.writeFile("public", "notes.txt", "notes")
			at := bob.linked(file)
			if got := s.ask(http.MethodGet, at); got.Body.String() != "notes" {
				t.Fatalf("before: %d", got.Code)
			}
			end(ann, bob, post, file)
			if got := s.ask(http.MethodGet, at); got.Code != http.StatusNotFound || strings.Contains(got.Body.String(), "notes") {
				t.Errorf("after: %d %q", got.Code, got.Body)
			}
		})
	}
}

func TestContent_OfTheAPI(t *testing.T) {
	s := newContentSite(t)
	ann := s.program("ann")
	f := must(s.files.Receive(t.Context(), ann.user, files.Input{Name: "a.txt", Size: 5, Body: strings.NewReader("hello")}))(t)
	got := ann.send(http.MethodGet, "/files/"+string(f.ID)+"/content", nil)
	at := got.Header().Get("Location")
	if got.Code != http.StatusSeeOther || s.ask(http.MethodGet, at).Body.String() != "hello" {
		t.Fatalf("content = %d %s", got.Code, at)
	}
	tokens := must(s.accounts.Tokens(t.Context(), ann.user))(t)
	if err := s.accounts.DeleteToken(t.Context(), models.Actor{User: ann.user}, tokens[0].ID); err != nil {
		t.Fatal(err)
	}
	if got := s.ask(http.MethodGet, at); got.Code != http.StatusNotFound {
		t.Errorf("after its token was deleted: %d", got.Code)
	}
}

func TestContent_NeedsAKeyAndAHost(t *testing.T) {
	for _, settings := range []handlers.Options{
		{PublicURL: publicURL, ContentOrigin: contentOrigin}, {PublicURL: publicURL, ContentOrigin: contentOrigin, ContentKey: "short"},
		{PublicURL: publicURL, ContentOrigin: publicURL + ":81", ContentKey: contentKey},
	} {
		if _, err := (&handlers.Server{Options: settings}).Handler(); err == nil {
			t.Errorf("%+v starts", settings)
		}
	}
}

// Behind a trusted proxy the forwarded host counts; from other clients it does
// not.
func TestContent_BehindAProxy(t *testing.T) {
	const proxy = "192.0.2.1" // where httptest's requests come from
	behind := handlers.Options{
		ContentOrigin: "https://content.test", ContentKey: contentKey, HSTS: "max-age=1",
		TrustedProxies: []netip.Prefix{netip.MustParsePrefix(proxy + "/32"), netip.MustParsePrefix("127.0.0.0/8")},
	}
	s := newSiteWith(t, behind)
	ann := s.program("ann")
	f := must(s.files.Receive(t.Context(), ann.user, files.Input{Name: "a.txt", Size: 5, Body: strings.NewReader("hello")}))(t)
	at := must(url.Parse(ann.send(http.MethodGet, "/files/"+string(f.ID)+"/content", nil).Header().Get("Location")))(t)
	if at.Scheme+"://"+at.Host != behind.ContentOrigin {
		t.Fatalf("the bytes are at %s", at)
	}
	inner := "http://127.0.0.1:8080" + at.RequestURI()
	if got := s.ask(http.MethodGet, inner, "X-Forwarded-Host", "content.test", "X-Forwarded-Proto", "https"); got.Body.String() != "hello" {
		t.Errorf("by the proxy = %d", got.Code)
	}
	for _, host := range []string{"", "cloakroom.test", "content.test.evil.example", "cloakroom.test, content.test",
		"content.test@cloakroom.test"} {
		if got := s.ask(http.MethodGet, inner, "X-Forwarded-Host", host); got.Code != http.StatusNotFound {
			t.Errorf("as %q = %d", host, got.Code)
		}
	}
	if got := s.ask(http.MethodGet, "http://127.0.0.1:8080/login", "X-Forwarded-Host", "CONTENT.test.:443"); got.Code != http.StatusNotFound {
		t.Errorf("a page on the content's host = %d", got.Code)
	}
	alone := behind
	alone.TrustedProxies = nil
	if got := newSiteWith(t, alone).ask(http.MethodGet, inner, "X-Forwarded-Host", "content.test"); got.Code != http.StatusNotFound {
		t.Errorf("a stranger's word on the host: %d", got.Code)
	}
	behind.Secure = true
	secure := newSiteWith(t, behind)
	for _, remote := range []string{proxy, "127.0.0.1"} { // a proxy on this machine too
		for proto, want := range map[string]string{"http": at.String(), "https": ""} {
			r := httptest.NewRequest(http.MethodGet, inner, nil)
			r.RemoteAddr = remote + ":4711"
			r.Header.Set("X-Forwarded-Host", "content.test")
			r.Header.Set("X-Forwarded-Proto", proto)
			rec := httptest.NewRecorder()
			secure.handler.ServeHTTP(rec, r)
			if got := rec.Header().Get("Location"); got != want || (rec.Code == http.StatusPermanentRedirect) != (want != "") ||
				(rec.Header().Get("Strict-Transport-Security") != "") != (want == "") {
				t.Errorf("%s by %s = %d, to %q, want %q", proto, remote, rec.Code, got, want)
			}
		}
	}
}
