package handlers

import (
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/limits"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/oidc"
	"example.org/cloakroom/internal/problem"
)

const signInPath = "/settings/sign-in"

// signInRoutes is where a user looks after their links to a provider.
func (s *Server) signInRoutes() []route {
	const get, post = http.MethodGet, http.MethodPost
	return []route{
		{get, signInPath, s.settingsSignIn, signedIn, limits.Page, noBody},
		{post, signInPath + "/link", s.signInLink, confirmed, limits.Change, smallBody},
		{post, signInPath + "/unlink", s.signInUnlink, confirmed, limits.Change, smallBody},
	}
}

// settingsSignIn handles GET /settings/sign-in.
func (s *Server) settingsSignIn(c echo.Context) error {
	return s.showSignIn(c, http.StatusOK, nil)
}

func (s *Server) showSignIn(c echo.Context, status int, problems Problems) error {
	ctx := c.Request().Context()
	me, err := s.Accounts.Me(ctx, visitor(c))
	if err != nil {
		return err
	}
	links, err := s.Accounts.Links(ctx, me)
	if err != nil {
		return err
	}
	data := settingsSignInPage{page: s.page(c, "Single sign-on"), NoPassword: me.NoPassword, Problems: problems}
	data.Mails = s.Accounts.SendsMail() && me.EmailVerifiedAt != nil
	if s.OIDC.On() {
		data.Provider = s.OIDC.Settings.Name
		s.leadsToProvider(c)
	}
	for _, link := range links {
		row := linkRow{link, link.Issuer}
		if link.Issuer == s.OIDC.Settings.Issuer {
			row.Name = s.OIDC.Settings.Name
		}
		data.Links = append(data.Links, row)
	}
	return s.show(c, status, "settings_sign_in", data)
}

// signInLink handles POST /settings/sign-in/link.
func (s *Server) signInLink(c echo.Context) error {
	to, state, err := s.OIDC.Begin(c.Request().Context(), oidc.Errand{Next: signInPath + "?notice=linked", User: visitor(c).ID, Session: session(c)})
	if err != nil {
		return err
	}
	s.setAway(c, state)
	return c.Redirect(http.StatusSeeOther, to)
}

// linked ends the way of who went to the provider to be linked: it must be the
// same user at the same session that comes back.
func (s *Server) linked(c echo.Context, who models.Identity, errand oidc.Errand) error {
	if visitor(c).ID != errand.User || session(c) != errand.Session {
		return problem.New(problem.Invalid, "Whoever asked for this link is not logged in here any more. Log in, and begin again in your settings.")
	}
	if err := s.Accounts.LinkIdentity(c.Request().Context(), actor(c), who, session(c)); err != nil {
		return s.showForm(err, func(status int, problems Problems) error { return s.showSignIn(c, status, problems) })
	}
	return c.Redirect(http.StatusSeeOther, errand.Next)
}

// signInUnlink handles POST /settings/sign-in/unlink.
func (s *Server) signInUnlink(c echo.Context) error {
	form, err := formOf(c)
	if err != nil {
		return err
	}
	if err := s.Accounts.Unlink(c.Request().Context(), actor(c), form.Get("issuer"), form.Get("subject"), session(c)); err != nil {
		return s.showForm(err, func(status int, problems Problems) error { return s.showSignIn(c, status, problems) })
	}
	return c.Redirect(http.StatusSeeOther, signInPath+"?notice=unlinked")
}

// hasSignIn reports whether the settings have a page of links: there is a
// provider, or there was one. In doubt there is none, and the rest is there.
func (s *Server) hasSignIn(c echo.Context) bool {
	if s.OIDC.On() || !strings.HasPrefix(c.Path(), "/settings/") {
		return s.OIDC.On()
	}
	links, err := s.Accounts.Links(c.Request().Context(), visitor(c))
	return err == nil && len(links) > 0
}

// linkedProvider returns the name of the provider at which the visitor can
// prove who they are, or "".
func (s *Server) linkedProvider(c echo.Context) (string, error) {
	if !s.OIDC.On() {
		return "", nil
	}
	links, err := s.Accounts.Links(c.Request().Context(), visitor(c))
	if !slices.ContainsFunc(links, func(l models.Link) bool { return l.Issuer == s.OIDC.Settings.Issuer }) {
		return "", err
	}
	s.leadsToProvider(c)
	return s.OIDC.Settings.Name, err
}
