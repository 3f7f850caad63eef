package handlers

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// access says who may come.
type access int

const (
	public      access = iota // everyone; a session is honoured
	signedIn                  // users; guests are sent to the log-in page
	machines                  // everyone, and nobody asks who: no session is looked up
	api                       // everyone; an API token that may read is honoured, a session is not
	apiReader                 // users, by an API token that may read
	apiWriter                 // users, by an API token that may change things
	apiUploader               // users, by an API token that may send bytes
	apiAdmin                  // admins, by an API token with the scope admin
	signed                    // whoever has a signed link, on the host of the content alone
	probes                    // machines, by either host

	confirmed           // users who proved of late to be there
	moderators          // moderators and admins
	confirmedModerators // and they proved of late to be there
	admins              // admins alone
	confirmedAdmins     // and they proved of late to be there
)

// pages reports whether whoever comes wants a page, and may have a session.
func (a access) pages() bool {
	switch a {
	case public, signedIn, confirmed, moderators, confirmedModerators, admins, confirmedAdmins:
		return true
	}
	return false
}

// users reports whether guests are turned away.
func (a access) users() bool { return a.scope() != "" && a != api || a.pages() && a != public }

// scope returns what an API token must be good for here; empty: none is asked
// for.
func (a access) scope() models.Scope {
	switch a {
	case api, apiReader:
		return models.ScopeRead
	case apiWriter:
		return models.ScopeWrite
	case apiUploader:
		return models.ScopeUpload
	case apiAdmin:
		return models.ScopeAdmin
	}
	return ""
}

// role returns the weakest role that may come.
func (a access) role() models.Role {
	switch a {
	case moderators, confirmedModerators:
		return models.RoleModerator
	case admins, confirmedAdmins, apiAdmin:
		return models.RoleAdmin
	}
	return models.RoleUser
}

// proof reports whether who comes must have proved of late to be there (OWASP
// ASVS 5.0, 7.5.3).
func (a access) proof() bool {
	return a == confirmed || a == confirmedModerators || a == confirmedAdmins
}

// entitled lets in whom who says.
func (s *Server) entitled(who access) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			if err, ok := c.Get(refusalKey).(error); ok {
				return err
			}
			if who.users() && !visitor(c).SignedIn() {
				return turnAway(c, who)
			}
			if who.users() || visitor(c).SignedIn() {
				c.Response().Header().Set("Cache-Control", "no-store")
			}
			if scopes, ok := c.Get(scopesKey).(models.Scopes); ok && !scopes.Has(who.scope()) {
				return lacksScope(c, who.scope())
			}
			if who.users() && !visitor(c).Role.AtLeast(who.role()) {
				return problem.New(problem.Forbidden, "This is for those who look after the site.")
			}
			leaves := visitor(c).DeletionAt != nil
			if who.pages() && leaves && !leadsToStay(c.Path()) {
				return askToStay(c)
			}
			if who.pages() && !leaves && s.Accounts.OwesFactor(visitor(c)) && !leadsToFactor(c.Path()) {
				return askForFactor(c)
			}
			if s.Accounts.OwesVerification(visitor(c)) && !mayWrite(c) {
				return errUnverified()
			}
			if who.proof() && c.Get(confirmedKey) == nil {
				return askToConfirm(c)
			}
			return next(c)
		}
	}
}

// lacksScope tells a program that its token is good, but not for this (RFC
// 6750, 3.1).
func lacksScope(c echo.Context, wanted models.Scope) error {
	c.Response().Header().Set("WWW-Authenticate", fmt.Sprintf(`Bearer realm="cloakroom", error="insufficient_scope", scope=%q`, wanted))
	return problem.New(problem.Forbidden, "This API token does not have the right %q. Make one that has it in your settings.", wanted)
}

// leadsToFactor reports whether a route is open to who must set up a second
// factor first.
func leadsToFactor(path string) bool {
	return strings.HasPrefix(path, factorPath) || path == "/confirm" || path == "/logout"
}

// askForFactor sends who must have a second factor to set one up.
func askForFactor(c echo.Context) error {
	if c.Request().Method == http.MethodGet && !wantsJSON(c) {
		return c.Redirect(http.StatusSeeOther, factorPath)
	}
	return problem.New(problem.Forbidden, "Your role needs a second factor. Set one up in your settings first.")
}

// turnAway sends a guest who wants a page to the log-in form and back. What
// was sent by a form would be lost on that way, so a form is told instead.
func turnAway(c echo.Context, who access) error {
	r := c.Request()
	if who.pages() && r.Method == http.MethodGet && !wantsJSON(c) {
		return c.Redirect(http.StatusSeeOther, "/login?next="+url.QueryEscape(r.URL.RequestURI()))
	}
	if who.scope() != "" {
		c.Response().Header().Set("WWW-Authenticate", `Bearer realm="cloakroom"`)
		return problem.New(problem.Unauthenticated, "Send an API token, made in your settings, as a bearer token.")
	}
	return problem.New(problem.Unauthenticated, "You are not logged in, or no longer. Log in in another tab, then send this again.")
}
