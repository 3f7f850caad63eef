package gate

import (
	"fmt"
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// An Audience is the weakest kind of visitor that may use a route.
type Audience int

// The audiences. Each is a part of the one before it.
const (
	Everyone Audience = iota // guests too
	Users
	Moderators // admins too
	Admins
)

// A Credential is how the visitors of a route identify themselves.
type Credential int

// The credentials. A route honours one of them and ignores the others.
const (
	Session      Credential = iota // a session cookie; the route answers with pages
	Token                          // an API token
	Ticket                         // a signed ticket in the URL
	NoCredential                   // visitors are not identified
)

// A Standing is a set of duties that keep a signed-in user from most of the site.
type Standing int

// The standings. A user may have several.
const (
	Unverified Standing = 1 << iota // must verify their email address first, and may only read
	OwesFactor                      // must set up two-factor authentication first
	Leaving                         // asked for the deletion of their account
)

// A Host is the host that serves a route: a site with a content origin has two.
type Host int

// The hosts.
const (
	SiteHost    Host = iota
	ContentHost      // serves what users uploaded
	AnyHost
)

// An Access says which visitors can use a route, and on what terms. The row of a
// route names one, and nothing else decides.
type Access struct {
	Who   Audience
	By    Credential
	Scope models.Scope // the scope an API token must have; required if By is Token
	Fresh bool         // the visitor must have re-authenticated recently (OWASP ASVS 5.0, 7.5.3)
	Open  Standing     // standings in which the route stays open
	On    Host
	File  bool // the path parameter id is a file, which is looked up together with the session
}

// While returns a copy of a that stays open to users of the given standing. GET
// and HEAD are always open to Unverified users.
func (a Access) While(s Standing) Access {
	a.Open |= s
	return a
}

// The access of the routes of the site.
var (
	Public         = Access{Who: Everyone, By: Session}
	PublicFile     = Access{Who: Everyone, By: Session, File: true}
	SignedIn       = Access{Who: Users, By: Session}
	ConfirmedUsers = Access{Who: Users, By: Session, Fresh: true}
	Machines       = Access{Who: Everyone, By: NoCredential}
	Probes         = Access{Who: Everyone, By: NoCredential, On: AnyHost}
	WithTicket     = Access{Who: Everyone, By: Ticket, On: ContentHost}
	ModeratorsOnly = Access{Who: Moderators, By: Session}
	AdminsOnly     = Access{Who: Admins, By: Session}

	ConfirmedModerators = Access{Who: Moderators, By: Session, Fresh: true}
	ConfirmedAdmins     = Access{Who: Admins, By: Session, Fresh: true}
	FactorSetup         = ConfirmedUsers.While(Unverified | OwesFactor) // changes two-factor authentication

	APIPublic = Access{Who: Everyone, By: Token, Scope: models.ScopeRead}
	APIRead   = Access{Who: Users, By: Token, Scope: models.ScopeRead}
	APIWrite  = Access{Who: Users, By: Token, Scope: models.ScopeWrite}
	APIUpload = Access{Who: Users, By: Token, Scope: models.ScopeUpload}
	APIAdmin  = Access{Who: Admins, By: Token, Scope: models.ScopeAdmin}
)

// Role returns the weakest role that may use the route.
func (a Access) Role() models.Role {
	switch a.Who {
	case Moderators:
		return models.RoleModerator
	case Admins:
		return models.RoleAdmin
	case Everyone, Users:
	}
	return models.RoleUser
}

// The pages to which users of a standing are redirected.
const (
	FactorPath = "/settings/second-factor"
	KeepPath   = "/settings/keep"
)

// RequireAccess rejects visitors who lack the access that the route requires. It
// runs after Identify and LimitRate.
func (g *Gate) RequireAccess(a Access) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			v := VisitOf(c)
			if v.refusal != nil {
				return v.refusal
			}
			revalidateFor(c, a.By)
			restricted := a.Who != Everyone
			if restricted && !v.User.SignedIn() {
				g.saveForm(c)
				return redirectToLogIn(c, a)
			}
			if restricted || v.User.SignedIn() {
				c.Response().Header().Set("Cache-Control", "no-store")
			}
			if restricted && !v.User.Role.AtLeast(a.Role()) {
				return lowRole(v, a)
			}
			if v.Token != "" && !v.Scopes.Has(a.Scope) {
				return missingScope(c, a.Scope)
			}
			if blocked := g.standing(c, a) &^ a.Open; blocked != 0 {
				g.saveForm(c)
				return explainStanding(c, blocked)
			}
			if a.Fresh && !v.Fresh {
				g.saveForm(c)
				return askToConfirm(c)
			}
			return next(c)
		}
	}
}

// revalidateFor keeps shared caches from storing the response, and browsers from using
// it again unasked, because it depends on the credential of the visitor. Handlers of
// what depends on nothing can say otherwise.
func revalidateFor(c echo.Context, by Credential) {
	header := map[Credential]string{Session: "Cookie", Token: "Authorization"}[by]
	if header == "" {
		return
	}
	c.Response().Header().Set("Cache-Control", "private, no-cache")
	c.Response().Header().Add("Vary", header)
}

// standing returns the duties of the visitor that this route enforces. Requests
// that only read need no verified email address. A user who leaves only has to
// decide whether to stay.
func (g *Gate) standing(c echo.Context, a Access) (standing Standing) {
	who := Visitor(c)
	if a.By == Session {
		if who.DeletionAt != nil {
			standing = Leaving
		} else if g.Accounts.OwesFactor(who) {
			standing = OwesFactor
		}
	}
	reads := c.Request().Method == http.MethodGet || c.Request().Method == http.MethodHead
	if !reads && g.Accounts.OwesVerification(who) {
		standing |= Unverified
	}
	return standing
}

// explainStanding redirects visitors to the page where they can fulfil their most
// urgent duty. A form or an API request gets an error instead, because a redirect
// would lose its body.
func explainStanding(c echo.Context, standing Standing) error {
	page, sentence := "", "Verify your email first: open the link we sent you, or request a new one in your profile."
	switch {
	case standing&Leaving != 0:
		page, sentence = KeepPath, "Your account is scheduled for deletion. Keep it before you do anything else."
	case standing&OwesFactor != 0:
		page, sentence = FactorPath, "Your role requires two-factor authentication. Set it up in your settings first."
	}
	if page != "" && c.Request().Method == http.MethodGet && !WantsJSON(c) {
		return c.Redirect(http.StatusSeeOther, page)
	}
	return problem.New(problem.Forbidden, "%s", sentence)
}

// lowRole returns the error for a user whose role cannot use a route.
func lowRole(v *Visit, a Access) error {
	switch {
	case v.Token == "":
		return problem.New(problem.Forbidden, "You don't have access to this page.")
	case a.Role() == models.RoleModerator:
		return problem.New(problem.Forbidden, "Only moderators and admins can use this.")
	}
	return problem.New(problem.Forbidden, "Only admins can use this.")
}

// missingScope returns the error for a valid API token without the required scope
// (RFC 6750, 3.1).
func missingScope(c echo.Context, required models.Scope) error {
	c.Response().Header().Set("WWW-Authenticate", fmt.Sprintf(`Bearer realm="cloakroom", error="insufficient_scope", scope=%q`, required))
	return problem.New(problem.Forbidden, "This API token lacks the permission %q. Create a token with it in your settings.", required)
}

// redirectToLogIn redirects a guest who requests a page to the sign-in form, which
// leads back. A form or an API request gets an error instead, because a redirect
// would lose its body.
func redirectToLogIn(c echo.Context, a Access) error {
	r := c.Request()
	if a.By == Session && r.Method == http.MethodGet && !WantsJSON(c) {
		return RedirectToLogIn(c)
	}
	if a.By == Token {
		c.Response().Header().Set("WWW-Authenticate", `Bearer realm="cloakroom"`)
		return problem.New(problem.Unauthenticated, "Send an API token as a bearer token. You can create one in your settings.")
	}
	return problem.New(problem.Unauthenticated, "You are signed out.")
}

// RedirectToLogIn redirects to the sign-in form, which leads back to this page.
func RedirectToLogIn(c echo.Context) error {
	return c.Redirect(http.StatusSeeOther, "/login?next="+url.QueryEscape(Target(c.Request().URL)))
}

// askToConfirm redirects a visitor to the re-authentication form, which leads back.
// A form gets an error with a link to it instead, because a redirect would lose
// its body.
func askToConfirm(c echo.Context) error {
	r := c.Request()
	if r.Method == http.MethodGet && !WantsJSON(c) {
		return c.Redirect(http.StatusSeeOther, "/confirm?next="+url.QueryEscape(Target(r.URL)))
	}
	VisitOf(c).Confirm = "/confirm?next=" + url.QueryEscape(PageBefore(c))
	return problem.New(problem.Forbidden, "Nothing has changed yet. Confirm it's you, then try again.")
}

// PageBefore returns the path of the page of this site that sent the request, or "/".
func PageBefore(c echo.Context) string {
	from, err := url.Parse(c.Request().Referer())
	if err != nil || from.Host != originOf(c).Host {
		return "/"
	}
	return OwnPath(Target(from))
}
