package handlers_test

import (
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/models"
)

// toldAt returns where a response redirects to, and the notice that it has for that page.
func toldAt(got *httptest.ResponseRecorder) string {
	to, notice := got.Header().Get("Location"), ""
	for _, cookie := range got.Result().Cookies() {
		if strings.HasSuffix(cookie.Name, "notice") {
			notice, _, _ = strings.Cut(cookie.Value, ":")
		}
	}
	return to + " " + notice
}

// A notice is shown once, by the page that the action redirects to, and by no other.
func TestNotice_IsShownOnce(t *testing.T) {
	s := newSite(t)
	ann := s.browser()
	const welcome = "Your account is ready."
	got := ann.post("/register", url.Values{"username": {"ann"}, "email": {"ann@example.org"}, "password": {testPassword}})
	if toldAt(got) != "/ welcome" {
		t.Fatalf("registering: %s", toldAt(got))
	}
	for _, cookie := range got.Result().Cookies() {
		if cookie.Name == "notice" && (!cookie.HttpOnly || cookie.SameSite != http.SameSiteLaxMode || cookie.MaxAge != 60) {
			t.Errorf("the cookie is %s", cookie)
		}
	}
	if page := ann.get("/files").Body.String(); strings.Contains(page, welcome) {
		t.Error("another page shows the notice")
	}
	if got := ann.do(httptest.NewRequest(http.MethodHead, publicURL+"/", nil)); got.Header().Get("Set-Cookie") != "" {
		t.Errorf("HEAD forgets the notice: %s", got.Header().Get("Set-Cookie"))
	}
	if got := ann.get("/"); !strings.Contains(got.Body.String(), welcome) || got.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("the page does not show the notice, or can be kept: %v", got.Header())
	}
	if page := ann.get("/").Body.String(); strings.Contains(page, welcome) {
		t.Error("the notice is shown twice")
	}
}

// A guest's notice is on their page alone, although guests share a rendering of the feed.
func TestNotice_OfAGuest(t *testing.T) {
	s := newSite(t)
	ann := s.registered("ann")
	if got := toldAt(ann.post("/settings/data/delete", url.Values{"username": {"ann"}})); got != "/ leaving" {
		t.Fatalf("closing the account: %s", got)
	}
	if page := s.browser().get("/").Body.String(); strings.Contains(page, "Your account is closed") {
		t.Error("another guest sees the notice")
	}
	if page := ann.get("/").Body.String(); !strings.Contains(page, "Your account is closed") {
		t.Error("the notice is not shown")
	}
}

// No link makes a page show a notice, and no cookie shows text of its own.
func TestNotice_ComesFromNoLink(t *testing.T) {
	s := newSite(t)
	ann, boss := s.registered("ann"), s.withRole("boss", models.RoleAdmin)
	none := `class="notice"`
	for _, path := range []string{"/", "/login", "/files", "/settings/profile", "/posts/new", "/users/ann"} {
		for _, name := range []string{"welcome", "reset", "posted", "saved"} {
			ann.get(path) // shows what registering told
			for who, b := range map[string]*browser{"ann": ann, "a guest": s.browser()} {
				if page := b.get(path + "?notice=" + name).Body.String(); strings.Contains(page, none) {
					t.Errorf("%s?notice=%s shows a notice to %s", path, name, who)
				}
			}
		}
	}
	for _, name := range []string{"suspended", "saved"} {
		if page := boss.get("/admin/users/ann?notice=" + name).Body.String(); strings.Contains(page, none) {
			t.Errorf("the panel shows the notice %s of a link", name)
		}
	}
	for _, value := range []string{"Pay+here:%2Flogin", "reset", "reset:", ":%2Flogin", "reset:/login", "reset:%2Fforgot"} {
		r := httptest.NewRequest(http.MethodGet, publicURL+"/login", nil)
		r.AddCookie(&http.Cookie{Name: "notice", Value: value})
		if page := s.browser().do(r).Body.String(); strings.Contains(page, none) {
			t.Errorf("the cookie %q shows a notice", value)
		}
	}
}

// The panel says what happened to whom.
func TestNotice_NamesTheUser(t *testing.T) {
	s := newSite(t)
	s.registered("ann")
	boss := s.withRole("boss", models.RoleAdmin)
	if got := toldAt(boss.post("/admin/users/ann/suspend", url.Values{"why": {"spam"}})); got != "/admin/users/ann suspended" {
		t.Fatalf("suspending: %s", got)
	}
	boss.wantPage("/admin/users/ann", ">ann is suspended.<")
}

// Over HTTPS, the browser keeps the notice for this host alone.
func TestNotice_StaysOnItsHost(t *testing.T) {
	s := newSiteWith(t, gate.Options{Secure: true})
	form := url.Values{"username": {"ann"}, "email": {"ann@example.org"}, "password": {testPassword}}
	r := httptest.NewRequest(http.MethodPost, publicURL+"/register", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.TLS = new(tls.ConnectionState)
	got := s.browser().do(r)
	if set := strings.Join(got.Header().Values("Set-Cookie"), "\n"); !strings.Contains(set, "__Host-notice=welcome:%2F; Path=/;") {
		t.Errorf("the cookies are\n%s", set)
	}
}

// A script that deletes a file gets no page, and leaves no notice for the next one.
func TestNotice_NotForScripts(t *testing.T) {
	s := newSite(t)
	ann := s.registered("ann")
	ann.postForm("/files", nil, part{"file", "a.pdf", "", pdf})
	r := httptest.NewRequest(http.MethodPost, publicURL+"/files/"+ann.fileOf("ann", "a.pdf")+"/delete", nil)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Header.Set("Accept", "application/json")
	if got := ann.do(r); got.Code != http.StatusNoContent || len(got.Result().Cookies()) > 0 {
		t.Errorf("deleting a file: %d %v", got.Code, got.Header())
	}
}
