package site

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/handlers/page"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/oidc"
	"example.org/cloakroom/internal/problem"
)

// A linkRow is an identity at a provider that signs in to the user's account.
type linkRow struct {
	models.LinkedIdentity
	Name string // of the provider
}

// settingsSignInPage is the page "settings_sign_in". Its fields are issuer and
// subject, which name a row.
type settingsSignInPage struct {
	page.Frame
	Links      []linkRow
	Provider   string // available for linking; empty: none
	NoPassword bool   // the account has no known password
	Mails      bool   // the site can email a link that sets one
	Problems   page.Problems
}

const identitiesPath = "/settings/sign-in"

// IdentityList handles GET /settings/sign-in: the accounts elsewhere that sign
// in to the user's.
func (s *Site) IdentityList(c echo.Context) error {
	return s.showIdentities(c, http.StatusOK, nil)
}

func (s *Site) showIdentities(c echo.Context, status int, problems page.Problems) error {
	ctx := c.Request().Context()
	me, err := s.Accounts.Me(ctx, gate.Visitor(c))
	if err != nil {
		return err
	}
	links, err := s.Accounts.Identities(ctx, me)
	if err != nil {
		return err
	}
	data := settingsSignInPage{Frame: s.Frame(c, "Single sign-on"), NoPassword: me.NoPassword, Problems: problems}
	data.Mails = s.Accounts.SendsMail() && me.EmailVerifiedAt != nil
	if s.OIDC.On() {
		data.Provider = s.OIDC.Provider.Name
		s.allowProvider(c)
	}
	for _, link := range links {
		row := linkRow{link, link.Issuer}
		if link.Issuer == s.OIDC.Provider.Issuer {
			row.Name = s.OIDC.Provider.Name
		}
		data.Links = append(data.Links, row)
	}
	return s.Show(c, status, "settings_sign_in", data)
}

// IdentityLink handles POST /settings/sign-in/link: it sends the user to the
// provider to link an account.
func (s *Site) IdentityLink(c echo.Context) error {
	to, state, err := s.OIDC.Begin(c.Request().Context(), oidc.LoginRequest{
		Next: identitiesPath, User: gate.Visitor(c).ID, Session: gate.SessionOf(c),
	})
	if err != nil {
		return err
	}
	s.stateCookie().Set(c, state)
	return c.Redirect(http.StatusSeeOther, to)
}

// finishLink links an identity to the account of the user who requested it. The
// same user must return in the same session.
func (s *Site) finishLink(c echo.Context, who models.Identity, errand oidc.LoginRequest) error {
	if gate.Visitor(c).ID != errand.User || gate.SessionOf(c) != errand.Session {
		return problem.New(problem.Invalid, "You were signed out meanwhile. Sign in and start again in your settings.")
	}
	if err := s.Accounts.LinkIdentity(c.Request().Context(), gate.Actor(c), who, gate.SessionOf(c)); err != nil {
		return s.ShowForm(err, func(status int, problems page.Problems) error { return s.showIdentities(c, status, problems) })
	}
	return s.Tell(c, errand.Next, "linked")
}

// IdentityUnlink handles POST /settings/sign-in/unlink: it removes a link to a
// provider.
func (s *Site) IdentityUnlink(c echo.Context) error {
	form, err := gate.ReadForm(c)
	if err != nil {
		return err
	}
	issuer, subject := form.Get("issuer"), form.Get("subject")
	if err := s.Accounts.UnlinkIdentity(c.Request().Context(), gate.Actor(c), issuer, subject, gate.SessionOf(c)); err != nil {
		return s.ShowForm(err, func(status int, problems page.Problems) error { return s.showIdentities(c, status, problems) })
	}
	return s.Tell(c, identitiesPath, "unlinked")
}
