package handlers

import (
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/oidc"
	"example.org/cloakroom/internal/problem"
)

const signInPath = "/settings/sign-in"

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
		s.allowProvider(c)
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
	s.stateCookie().set(c, state)
	return c.Redirect(http.StatusSeeOther, to)
}

// finishLink links an identity to the account of the user who asked for it: the
// same user with the same session must return from the provider.
func (s *Server) finishLink(c echo.Context, who models.Identity, errand oidc.Errand) error {
	if visitor(c).ID != errand.User || session(c) != errand.Session {
		return problem.New(problem.Invalid, "You were signed out meanwhile. Sign in and start again in your settings.")
	}
	if err := s.Accounts.LinkIdentity(c.Request().Context(), actor(c), who, session(c)); err != nil {
		return s.showForm(err, func(status int, problems Problems) error { return s.showSignIn(c, status, problems) })
	}
	return c.Redirect(http.StatusSeeOther, errand.Next)
}

// signInUnlink handles POST /settings/sign-in/unlink.
func (s *Server) signInUnlink(c echo.Context) error {
	form, err := readForm(c)
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
	s.allowProvider(c)
	return s.OIDC.Settings.Name, err
}
