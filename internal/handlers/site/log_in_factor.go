package site

import (
	"cmp"
	"net/http"
	"net/url"
	"time"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/handlers/page"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// loginFactorPage is the page "login_factor". Its fields are code and next.
type loginFactorPage struct {
	page.Frame
	Next     string // where to go afterwards: a path of this site
	Kept     string // the form to show afterwards instead: see gate.SavedForm
	Passkey  bool   // the user has one
	Problems page.Problems
	Wait     int           // seconds until the next try; zero: none
	pending  models.Secret // of the sign-in, if this request began it
}

const pendingLifetime = 5 * time.Minute // lifetime of the cookie

// pendingCookie holds the secret of a sign-in that waits for its second factor.
func (s *Site) pendingCookie() gate.Cookie {
	return gate.Cookie{Name: "login", Life: pendingLifetime, Secure: s.Options.Secure}
}

func (s *Site) pending(c echo.Context) models.Secret { return s.pendingCookie().Get(c) }

// LogInFactorForm handles GET /login/second-factor: the form for the second
// factor.
func (s *Site) LogInFactorForm(c echo.Context) error {
	next := gate.OwnPath(c.QueryParam("next"))
	_, err := s.Accounts.PendingLogIn(c.Request().Context(), s.pending(c))
	if problem.KindOf(err) == problem.NotFound {
		return s.restartLogIn(c, next)
	}
	if err != nil {
		return err
	}
	return s.showLoginFactor(c, http.StatusOK, loginFactorPage{Next: next})
}

// restartLogIn sends a visitor whose sign-in expired back to its first step.
func (s *Site) restartLogIn(c echo.Context, next string) error {
	s.pendingCookie().Set(c, "")
	to := "/login"
	if next != "/" {
		to += "?" + url.Values{"next": {next}}.Encode()
	}
	return c.Redirect(http.StatusSeeOther, to)
}

func (s *Site) showLoginFactor(c echo.Context, status int, data loginFactorPage) error {
	ctx := c.Request().Context()
	user, err := s.Accounts.PendingLogIn(ctx, cmp.Or(data.pending, s.pending(c)))
	if err == nil {
		data.Passkey, err = s.Accounts.HasPasskey(ctx, user)
	}
	if err != nil && problem.KindOf(err) != problem.NotFound {
		return err
	}
	data.Frame = s.GuestFrame(c, "Two-factor authentication")
	return s.Show(c, status, "login_factor", data)
}

// LogInFactor handles POST /login/second-factor: it checks a code and signs in.
func (s *Site) LogInFactor(c echo.Context) error {
	form, err := gate.ReadForm(c)
	if err != nil {
		return err
	}
	ctx, next, kept := c.Request().Context(), gate.OwnPath(form.Get("next")), form.Get(gate.SavedFormField)
	user, err := s.Accounts.PendingLogIn(ctx, s.pending(c))
	if problem.KindOf(err) == problem.NotFound {
		return s.restartLogIn(c, next)
	}
	if err != nil {
		return err
	}
	wait := func(err error) error {
		return s.ShowWait(c, err, func(problems page.Problems, wait int) error {
			return s.showLoginFactor(c, http.StatusTooManyRequests, loginFactorPage{Next: next, Kept: kept, Problems: problems, Wait: wait})
		})
	}
	if err := s.TakePasswordTry(c, string(user.Username), string(user.Username)); err != nil {
		return wait(err)
	}
	_, secret, err := s.Accounts.FinishLogIn(ctx, s.pending(c), form.Get("code"), gate.Client(c))
	if problem.KindOf(err) == problem.TooMany {
		return wait(err)
	}
	if err != nil {
		return s.ShowForm(err, func(status int, problems page.Problems) error {
			return s.showLoginFactor(c, status, loginFactorPage{Next: next, Kept: kept, Problems: problems})
		})
	}
	s.pendingCookie().Set(c, "")
	return s.startSession(c, secret, kept, next)
}
