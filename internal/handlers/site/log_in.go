package site

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/handlers/page"
	"example.org/cloakroom/internal/models"
)

// loginForm is what the visitor entered to sign in.
type loginForm struct {
	Username string
	Next     string // where to go afterwards: a path of this site
	Kept     string // the form to show afterwards instead: see gate.SavedForm
}

// loginPage is the page "login". Its fields are username, password and next.
type loginPage struct {
	page.Frame
	Form     loginForm
	Problems page.Problems
	Wait     int    // seconds until the next try; zero: none
	Provider string // another way to sign in; empty: none
}

// LogInForm handles GET /login: the form to sign in.
func (s *Site) LogInForm(c echo.Context) error {
	next := gate.OwnPath(c.QueryParam("next"))
	if gate.Visitor(c).SignedIn() {
		return c.Redirect(http.StatusSeeOther, next)
	}
	return s.showLogin(c, http.StatusOK, loginPage{Form: loginForm{Next: next}})
}

func (s *Site) showLogin(c echo.Context, status int, data loginPage) error {
	data.Frame = s.GuestFrame(c, "Sign in")
	if s.OIDC.On() {
		data.Provider = s.OIDC.Provider.Name
		s.allowProvider(c)
	}
	return s.Show(c, status, "login", data)
}

// LogIn handles POST /login: it checks a password and signs in, or asks for the
// second factor.
func (s *Site) LogIn(c echo.Context) error {
	form, err := gate.ReadForm(c)
	if err != nil {
		return err
	}
	next := gate.OwnPath(form.Get("next"))
	typed := loginForm{form.Get("username"), next, form.Get(gate.SavedFormField)}
	ctx := c.Request().Context()
	account, err := s.Accounts.AccountNamed(ctx, typed.Username)
	if err != nil {
		return err
	}
	if err := s.TakePasswordTry(c, strings.TrimSpace(typed.Username), account); err != nil {
		return s.ShowWait(c, err, func(problems page.Problems, wait int) error {
			return s.showLogin(c, http.StatusTooManyRequests, loginPage{Form: typed, Problems: problems, Wait: wait})
		})
	}
	_, entry, err := s.Accounts.LogIn(ctx, account, form.Get("password"), gate.Client(c))
	if err != nil {
		return s.ShowForm(err, func(status int, problems page.Problems) error {
			return s.showLogin(c, status, loginPage{Form: typed, Problems: problems})
		})
	}
	if entry.Pending != "" {
		s.pendingCookie().Set(c, entry.Pending)
		if typed.Kept != "" {
			return s.showLoginFactor(c, http.StatusOK, loginFactorPage{Next: next, Kept: typed.Kept, pending: entry.Pending})
		}
		return c.Redirect(http.StatusSeeOther, "/login/second-factor?"+url.Values{"next": {next}}.Encode())
	}
	return s.startSession(c, entry.Session, typed.Kept, next)
}

// startSession starts a session. It shows the form in kept, which the visitor was about
// to send when they had no session, or else redirects to next.
func (s *Site) startSession(c echo.Context, secret models.Secret, kept, next string) error {
	saved := gate.ParseSavedForm(kept)
	if saved == nil {
		return s.StartSession(c, secret, next)
	}
	if err := s.BeginSession(c, secret); err != nil {
		return err
	}
	return s.ShowKept(c, saved)
}
