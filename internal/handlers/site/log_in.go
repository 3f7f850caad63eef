package site

import (
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/handlers/page"
)

// loginForm is what the visitor entered to sign in.
type loginForm struct {
	Username string
	Next     string // where to go afterwards: a path of this site
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
	typed := loginForm{form.Get("username"), next}
	if err := s.TakePasswordTry(c, typed.Username); err != nil {
		return s.ShowWait(c, err, func(problems page.Problems, wait int) error {
			return s.showLogin(c, http.StatusTooManyRequests, loginPage{Form: typed, Problems: problems, Wait: wait})
		})
	}
	ctx := c.Request().Context()
	_, entry, err := s.Accounts.LogIn(ctx, typed.Username, form.Get("password"), gate.Client(c))
	if err != nil {
		return s.ShowForm(err, func(status int, problems page.Problems) error {
			return s.showLogin(c, status, loginPage{Form: typed, Problems: problems})
		})
	}
	if entry.Pending != "" {
		s.pendingCookie().Set(c, entry.Pending)
		return c.Redirect(http.StatusSeeOther, "/login/second-factor?"+url.Values{"next": {next}}.Encode())
	}
	return s.StartSession(c, entry.Session, next)
}
