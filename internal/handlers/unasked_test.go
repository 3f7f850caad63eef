package handlers_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/models"
)

// The site shows no directory, no file of its repository, no monitoring and no debug
// page, and does not repeat a request (TRACE).
func TestUnasked_IsNotAnswered(t *testing.T) {
	s := newSite(t)
	for _, path := range []string{"/static/", "/static", "/.git/config", "/.env", "/metrics", "/debug/pprof/", "/server-status", "/go.mod"} {
		if got := s.ask(http.MethodGet, publicURL+path); got.Code != http.StatusNotFound {
			t.Errorf("%s = %d", path, got.Code)
		}
	}
	for _, path := range []string{"/", "/posts", "/api/v1/me", "/static/app.js"} {
		got := s.ask(http.MethodTrace, publicURL+path, "X-Mine", "hunter2")
		if got.Code < 400 || got.Code >= 500 || strings.Contains(got.Body.String(), "hunter2") {
			t.Errorf("TRACE %s = %d\n%s", path, got.Code, got.Body)
		}
	}
	const description = publicURL + "/api/v1/openapi.json"
	if got := s.ask(http.MethodGet, description); got.Code != http.StatusOK {
		t.Errorf("the description of the API = %d", got.Code)
	}
	s.server.Options.APIDocs = false
	s.handler = must(s.server.Handler())(t)
	if got := s.ask(http.MethodGet, description); got.Code != http.StatusNotFound {
		t.Errorf("the description of the API without API_DOCS = %d", got.Code)
	}
}

// Signing out tells the browser to drop the cookie and what it has cached. Pages of a
// user are not cached anyway.
func TestLogOut_ClearsTheBrowser(t *testing.T) {
	s := newSite(t)
	ann := s.registered("ann")
	if got := ann.get("/files"); got.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("a page of a user: Cache-Control %q", got.Header().Get("Cache-Control"))
	}
	got := ann.post("/logout", nil)
	if clears := got.Header().Get("Clear-Site-Data"); !strings.Contains(clears, `"cache"`) {
		t.Errorf("Clear-Site-Data is %q", clears)
	}
	if set := got.Header().Get("Set-Cookie"); !strings.Contains(set, "session=;") || !strings.Contains(set, "Max-Age=0") {
		t.Errorf("the cookie is %q", set)
	}
}

// Every page that a signed-in user can open has a button to sign out.
func TestEveryPage_HasSignOut(t *testing.T) {
	s := newSite(t)
	boss := s.withRole("boss", models.RoleAdmin)
	seen := 0
	for _, r := range routesOf(t, s) {
		if r.Method != http.MethodGet || strings.ContainsAny(r.Path, ":*") {
			continue
		}
		got := boss.get(r.Path)
		if got.Code != http.StatusOK || !strings.HasPrefix(got.Header().Get(echo.HeaderContentType), echo.MIMETextHTML) {
			continue
		}
		if seen++; !strings.Contains(got.Body.String(), `action="/logout"`) {
			t.Errorf("%s has no way to sign out", r.Path)
		}
	}
	if seen < 30 {
		t.Errorf("only %d pages", seen)
	}
}

// The log has a line for each refusal, with its status, its route and the user.
func TestTheLog_TellsOfRefusals(t *testing.T) {
	s := newSite(t)
	ann, bob := s.registered("ann"), s.registered("bob")
	private := postFields()
	private.Set("visibility", "private")
	post := ann.write(private)
	who := `"user":"` + string(s.userNamed("bob").ID) + `"`
	s.ask(http.MethodPost, publicURL+"/posts", "Sec-Fetch-Site", "same-origin")
	bob.get(post)
	bob.get("/admin/users")
	for _, want := range [][]string{
		{`"route":"/posts"`, `"status":401`, `"user":""`},
		{`"route":"/posts/:id"`, `"status":404`, who},
		{`"route":"/admin/users"`, `"status":403`, who},
	} {
		if !hasLine(s.log.String(), want) {
			t.Errorf("no line of the log has %q:\n%s", want, s.log)
		}
	}
}

// hasLine reports whether a line of log has all of parts.
func hasLine(log string, parts []string) bool {
	for line := range strings.Lines(log) {
		found := 0
		for _, part := range parts {
			if strings.Contains(line, part) {
				found++
			}
		}
		if found == len(parts) {
			return true
		}
	}
	return false
}
