package handlers_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"
)

// routesOf walks the router, so that no route is forgotten.
func routesOf(t testing.TB, s *site) (routes []*echo.Route) {
	t.Helper()
	e, ok := s.handler.(*echo.Echo)
	if !ok {
		t.Fatal("the site is not a router")
	}
	for _, r := range e.Routes() {
		if r.Method != echo.RouteNotFound {
			routes = append(routes, r)
		}
	}
	if len(routes) < 40 {
		t.Fatalf("only %d routes", len(routes))
	}
	return routes
}

// address fills the parameters of a pattern with values that no row has.
func address(pattern string) string {
	return publicURL + strings.NewReplacer(":id", "NOSUCHTHING", ":name", "x.txt", ":secret", "NOSUCHSECRET", ":tag", "nosuchtag",
		":username", "nosuchuser", ":width", "1280", "*", "nosuchfile.js").Replace(pattern)
}

func TestEveryRoute_CarriesTheHeadersAndRefusesOtherSites(t *testing.T) {
	s := newSite(t)
	ann := s.registered("ann")
	for _, r := range routesOf(t, s) {
		request := httptest.NewRequest(r.Method, address(r.Path), nil)
		request.Header.Set("Sec-Fetch-Site", "cross-site")
		got := ann.do(request)
		changes := r.Method != http.MethodGet && r.Method != http.MethodHead
		if changes && got.Code != http.StatusForbidden {
			t.Errorf("%s %s from another site: %d", r.Method, r.Path, got.Code)
		}
		for header, want := range map[string]string{
			"Content-Security-Policy": "default-src 'none'", "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY",
			"Referrer-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
			"Cross-Origin-Embedder-Policy": "require-corp", "Permissions-Policy": "accelerometer=()", "X-XSS-Protection": "0",
		} {
			if r.Path == "/favicon.ico" && header == "Cross-Origin-Resource-Policy" {
				want = "cross-origin" // it is the same for everybody
			}
			if (strings.HasPrefix(r.Path, "/s/") || strings.HasPrefix(r.Path, "/r/")) && header == "Referrer-Policy" && !changes {
				want = "no-referrer" // the link is a secret
			}
			if !strings.HasPrefix(got.Header().Get(header), want) {
				t.Errorf("%s %s: %s = %q", r.Method, r.Path, header, got.Header().Get(header))
			}
		}
	}
}

// Things of another user answer 404, whatever the request.
func TestAnotherUsersThings_AreNotFound(t *testing.T) {
	s := newSite(t)
	ann, bob := s.registered("ann"), s.registered("bob")
	private := postFields()
	private.Set("visibility", "private")
	post := ann.write(private, part{"file", "secret.txt", "", []byte("secret")})
	ann.post(post+"/comments", url.Values{"body": {"mine"}})
	page := ann.get(post).Body.String()
	file := strings.TrimSuffix(links(page, `/files/[A-Z2-7]+/secret.txt`)[0], "/secret.txt")
	token := ann.post("/settings/tokens", url.Values{"name": {"laptop"}, "scope": {"read", "write", "upload"}}).Body.String()
	comment := between(page, `id="comment-`, `"`)
	for _, path := range []string{post, post + "/edit", file + "/secret.txt", file + "/original", file + "/thumbnail", file + "/state"} {
		for name, b := range map[string]*browser{"bob": bob, "a guest": s.browser()} {
			if got := b.get(path); got.Code != http.StatusNotFound && got.Code != http.StatusSeeOther ||
				strings.Contains(got.Body.String(), "secret") {
				t.Errorf("%s gets %s: %d", name, path, got.Code)
			}
		}
	}
	for _, path := range []string{post + "/delete", post + "/restore", file + "/delete", "/comments/" + comment + "/delete",
		"/settings/tokens/" + between(token, "/settings/tokens/", "/delete") + "/delete"} {
		if got := bob.post(path, nil); got.Code != http.StatusNotFound {
			t.Errorf("bob posts to %s: %d", path, got.Code)
		}
	}
	if got := bob.post(post+"/comments", url.Values{"body": {"hello"}}); got.Code != http.StatusNotFound {
		t.Errorf("bob comments: %d", got.Code)
	}
	if got := bob.postForm(post+"/edit", postFields(), part{"file", "a.txt", "", []byte("x")}); got.Code != http.StatusNotFound {
		t.Errorf("bob edits: %d", got.Code)
	}
	steal := postFields()
	steal.Set("file_ids", strings.TrimPrefix(file, "/files/"))
	if got := bob.postForm("/posts", steal); got.Code != http.StatusUnprocessableEntity {
		t.Errorf("bob attaches ann's file: %d", got.Code)
	}
	if got := ann.get(file + "/secret.txt"); got.Code != http.StatusOK || got.Body.String() != "secret" {
		t.Errorf("after all that ann's file = %d %q", got.Code, got.Body)
	}
}

func between(text, before, after string) string {
	_, text, _ = strings.Cut(text, before)
	text, _, _ = strings.Cut(text, after)
	return text
}

func TestSessionCookie(t *testing.T) {
	s := newSite(t)
	login := url.Values{"username": {"ann"}, "password": {testPassword}, "next": {"//evil.example"}}
	ann := s.registered("ann")
	old := ann.jar.Cookies(mustURL(t))[0]
	got := ann.post("/login", login)
	cookie := got.Result().Cookies()[0]
	if !cookie.HttpOnly || cookie.SameSite != http.SameSiteLaxMode || cookie.Path != "/" || cookie.Domain != "" || cookie.Value == old.Value {
		t.Errorf("cookie = %+v", cookie)
	}
	if got.Header().Get("Location") != "/" {
		t.Errorf("next=//evil.example leads to %q", got.Header().Get("Location"))
	}
	stale := httptest.NewRequest(http.MethodGet, publicURL+"/settings/profile", nil)
	stale.AddCookie(old)
	rec := httptest.NewRecorder()
	s.handler.ServeHTTP(rec, stale)
	if rec.Code != http.StatusSeeOther {
		t.Errorf("the session from before the log-in: %d", rec.Code)
	}
	if got := ann.get("/settings/profile"); got.Code != http.StatusOK || got.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("settings = %d, Cache-Control %q", got.Code, got.Header().Get("Cache-Control"))
	}
	ann.post("/logout", nil)
	if got := ann.get("/settings/profile?x=1"); got.Header().Get("Location") != "/login?next=%2Fsettings%2Fprofile%3Fx%3D1" {
		t.Errorf("logged out: %d %s", got.Code, got.Header().Get("Location"))
	}
}

func TestTheLog_HoldsNoSecrets(t *testing.T) {
	s := newSite(t)
	ann := s.registered("ann")
	secret := between(ann.post("/settings/tokens", url.Values{"name": {"laptop"}, "scope": {"read", "write", "upload"}}).Body.String(),
		"cloakroom_", "<")
	s.browser().get("/setup/THESETUPSECRET?x=hunter2")
	cookie := ann.jar.Cookies(mustURL(t))[0].Value
	for name, hidden := range map[string]string{"token": secret, "setup link": "THESETUPSECRET", "query": "hunter2", "session": cookie,
		"password": testPassword} {
		if hidden == "" || strings.Contains(s.log.String(), hidden) {
			t.Errorf("the log holds the %s %q", name, hidden)
		}
	}
	if !strings.Contains(s.log.String(), `"route":"/setup/:secret"`) {
		t.Errorf("the log does not name the route:\n%s", s.log)
	}
}

func mustURL(t *testing.T) *url.URL {
	t.Helper()
	return must(url.Parse(publicURL))(t)
}

func TestOddAddresses_AreNotFound(t *testing.T) {
	s := newSite(t)
	ann := s.registered("ann")
	fields := postFields()
	fields.Set("tags", "käse")
	post := ann.write(fields)
	for path, want := range map[string]int{
		"/tags/k%C3%A4se": 200, "/tags/k%c3%a4se": 200, "/tags/KÄSE": 200, "/users/%61nn": 200, post: 200,
		"/posts/" + "%00": 404, "/posts/%ff": 404, "/posts/x": 404, "/posts/%2e%2e": 404, "/users/%00": 404, "/users/%ff": 404, "/tags/%00": 404,
		"/tags/%ff": 404, "/files/%00/x": 404, "/files/..%2f..%2fetc/passwd": 404, "/files/%252e%252e/x": 404, "/users/a%2fb": 404,
		"/setup/%00": 404, "/static/..%2f..%2fgo.mod": 404, "/static/%2e%2e/manifest.json": 404, "/static/.gitkeep": 404, "/search?q=%00": 200,
	} {
		if got := ann.get(path); got.Code != want {
			t.Errorf("%s = %d, want %d", path, got.Code, want)
		}
	}
	for path, form := range map[string]url.Values{
		"/settings/sessions/end": {"session": {"\x00"}}, "/login": {"username": {"\x00"}, "password": {"x"}},
	} {
		if got := ann.post(path, form); got.Code < 400 || got.Code >= 500 {
			t.Errorf("%s with a NUL = %d", path, got.Code)
		}
	}
	fields.Set("file_ids", "\x00\xff")
	if got := ann.postForm("/posts", fields); got.Code != http.StatusUnprocessableEntity {
		t.Errorf("a file named by a NUL = %d", got.Code)
	}
}
