package handlers_test

import (
	"encoding/json"
	"image/png"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// A phone that shares files sends the form that the manifest describes, as a navigation of its
// user. Another site cannot send it.
func TestManifest_SharesFiles(t *testing.T) {
	s := newSite(t)
	var manifest struct {
		Icons []struct{ Src, Type string }
		Share struct {
			Action, Method, Enctype string
			Params                  struct {
				Text  string
				Files []struct{ Name string }
			}
		} `json:"share_target"`
	}
	got := s.browser().get("/manifest.webmanifest")
	if err := json.Unmarshal(got.Body.Bytes(), &manifest); err != nil || got.Header().Get("Content-Type") != "application/manifest+json" {
		t.Fatalf("the manifest is %q of type %q: %v", got.Body, got.Header().Get("Content-Type"), err)
	}
	for _, icon := range manifest.Icons { // none: the assets are not built
		if got := s.browser().get(icon.Src); got.Code != http.StatusOK || got.Header().Get("Content-Type") != icon.Type {
			t.Errorf("the icon %s is answered %d, with type %q", icon.Src, got.Code, got.Header().Get("Content-Type"))
		}
	}
	share := manifest.Share
	if len(share.Params.Files) != 1 {
		t.Fatalf("the manifest takes the files %v, want one field", share.Params.Files)
	}
	send := func(b *browser, site string) *httptest.ResponseRecorder {
		t.Helper()
		body, contentType := multipartForm(t, url.Values{share.Params.Text: {"Look at this"}},
			part{share.Params.Files[0].Name, "photo.txt", "", []byte("A file of the phone.")})
		request := httptest.NewRequest(share.Method, publicURL+share.Action, body)
		request.Header.Set("Content-Type", contentType)
		request.Header.Set("Sec-Fetch-Site", site)
		return b.do(request)
	}
	mara := s.registered("mara")
	made := send(mara, "none")
	if made.Code != http.StatusSeeOther || !strings.HasPrefix(made.Header().Get("Location"), "/shares/") {
		t.Fatalf("sharing is answered %d, to %q\n%s", made.Code, made.Header().Get("Location"), made.Body)
	}
	page := mara.get(made.Header().Get("Location")).Body.String()
	if !strings.Contains(page, "photo.txt") || !strings.Contains(page, "Look at this") {
		t.Errorf("the page of the link has neither the file nor the note:\n%s", page)
	}
	if got := send(mara, "cross-site"); got.Code != http.StatusForbidden {
		t.Errorf("the form from another site is answered %d, want 403", got.Code)
	}
	if got := send(s.browser(), "none"); got.Code != http.StatusUnauthorized || !strings.Contains(got.Body.String(), `href="/login`) {
		t.Errorf("the form of a guest is answered %d, want 401 with a link to sign in\n%s", got.Code, got.Body)
	}
}

// The theme is in the page itself, so a page that a browser keeps is another one after a switch.
func TestTheme(t *testing.T) {
	s := newSite(t)
	b := s.browser()
	first := b.get("/")
	if strings.Contains(first.Body.String(), "data-theme=") {
		t.Errorf("a page has a theme before one was chosen:\n%s", first.Body)
	}
	for theme, want := range map[string]string{"dark": `<html lang="en" data-theme="dark">`, "light": `<html lang="en" data-theme="light">`,
		"system": `<html lang="en">`} {
		if got := b.setTheme(theme, publicURL+"/search"); got.Header().Get("Location") != "/search" {
			t.Errorf("choosing %s is answered %d, to %q", theme, got.Code, got.Header().Get("Location"))
		}
		got := b.get("/")
		if !strings.Contains(got.Body.String(), want) {
			t.Errorf("with the theme %s the page has no %s", theme, want)
		}
		if same := got.Header().Get("ETag") == first.Header().Get("ETag"); same != (theme == "system") {
			t.Errorf("with the theme %s the entity tag is the same: %v", theme, same)
		}
	}
	if got := b.setTheme("pink", publicURL); got.Code != http.StatusUnprocessableEntity {
		t.Errorf("an unknown theme is answered %d, want 422", got.Code)
	}
	if got := b.setTheme("dark", "https://example.org/search"); got.Header().Get("Location") != "/" {
		t.Errorf("the switch leads to %q, want /", got.Header().Get("Location"))
	}
}

// A form that came back has the switch of the theme for scripts, which keep what was typed, and says
// each rule once at its field.
func TestRegister_WithAMistake(t *testing.T) {
	account := url.Values{"username": {"a b"}, "password": {"short"}, "email": {"x@example.org"}}
	page := newSite(t).browser().post("/register", account).Body.String()
	if !holds(page, "data-theme-form hidden>", `id="username-problem"`, `id="password-problem"`) ||
		strings.Contains(page, `id="username-hint"`) || strings.Contains(page, `id="password-hint"`) {
		t.Errorf("the form:\n%s", page)
	}
}

// setTheme sends the form of the theme from a page.
func (b *browser) setTheme(theme, page string) *httptest.ResponseRecorder {
	b.t.Helper()
	request := httptest.NewRequest(http.MethodPost, publicURL+"/theme", strings.NewReader(url.Values{"theme": {theme}}.Encode()))
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Sec-Fetch-Site", "same-origin")
	request.Header.Set("Referer", page)
	return b.do(request)
}

// Programs that know nothing but the name of the site get its icon.
func TestFavicon(t *testing.T) {
	got := newSite(t).browser().get("/favicon.ico")
	icon, err := png.DecodeConfig(got.Body)
	if err != nil || icon.Width != 32 || icon.Height != 32 || got.Header().Get("Content-Type") != "image/png" {
		t.Errorf("%d %v: %+v, %v", got.Code, got.Header(), icon, err)
	}
}
