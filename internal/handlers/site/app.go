package site

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/handlers/page"
	"example.org/cloakroom/internal/problem"
)

// appManifest is a web app manifest (W3C): what phones need to install the site as an app.
// Its members are a part of the standard's.
type appManifest struct {
	Name       string      `json:"name"`
	ShortName  string      `json:"short_name"`
	ID         string      `json:"id"`
	StartURL   string      `json:"start_url"`
	Scope      string      `json:"scope"`
	Display    string      `json:"display"`
	Background string      `json:"background_color"`
	Theme      string      `json:"theme_color"`
	Icons      []appIcon   `json:"icons"`
	Share      shareTarget `json:"share_target"`
}

type appIcon struct {
	Src     string `json:"src"`
	Sizes   string `json:"sizes"`
	Type    string `json:"type"`
	Purpose string `json:"purpose"`
}

// A shareTarget tells a phone how to send what its user shares with the app: as the form that
// makes a link for files (POST /shares). Phones send it like a navigation by the user
// (Sec-Fetch-Site: none), which no other site can.
type shareTarget struct {
	Action string      `json:"action"`
	Method string      `json:"method"`
	Type   string      `json:"enctype"`
	Params shareParams `json:"params"`
}

// shareParams names the form field of each thing that is shared.
type shareParams struct {
	Text  string       `json:"text"`
	Files []shareFiles `json:"files"`
}

type shareFiles struct {
	Name   string   `json:"name"`
	Accept []string `json:"accept"`
}

// AppManifest handles GET /manifest.webmanifest.
func (s *Site) AppManifest(c echo.Context) error {
	name := s.About().Name
	manifest := appManifest{
		Name: name, ShortName: name, ID: "/", StartURL: "/", Scope: "/", Display: "standalone", Background: "#edf1ee", Theme: "#123f33",
		Icons: []appIcon{},
		Share: shareTarget{
			Action: "/shares", Method: http.MethodPost, Type: echo.MIMEMultipartForm,
			Params: shareParams{Text: "note", Files: []shareFiles{{Name: "file", Accept: []string{"*/*"}}}},
		},
	}
	for _, icon := range []appIcon{
		{"icon-192.png", "192x192", "image/png", "any"}, {"icon-512.png", "512x512", "image/png", "any"},
		{"icon-512.png", "512x512", "image/png", "maskable"},
	} {
		if icon.Src = s.Pages.Asset(icon.Src); icon.Src != "" {
			manifest.Icons = append(manifest.Icons, icon)
		}
	}
	c.Response().Header().Set("Cache-Control", "public, max-age=3600")
	c.Response().Header().Set(echo.HeaderContentType, "application/manifest+json")
	return c.JSON(http.StatusOK, manifest)
}

// ThemeSet handles POST /theme: it keeps the theme in a cookie and returns to the page that
// sent the form, which does not name itself: its path can have a secret. A script asks for no page.
func (s *Site) ThemeSet(c echo.Context) error {
	form, err := gate.ReadForm(c)
	if err != nil {
		return err
	}
	theme, ok := page.ParseTheme(form.Get("theme"))
	if !ok {
		return problem.OnField("theme", "Choose light, dark or system.")
	}
	s.KeepTheme(c, theme)
	if gate.WantsJSON(c) {
		return c.NoContent(http.StatusNoContent)
	}
	return c.Redirect(http.StatusSeeOther, gate.PageBefore(c))
}
