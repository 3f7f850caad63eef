package site

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/handlers/page"
)

// confirmPage is the page "confirm". Its fields are password and next.
type confirmPage struct {
	page.Frame
	Next     string // where to go afterwards: a path of this site
	Passkey  bool   // the user has one
	Provider string // that can confirm the user instead; empty: none
	Problems page.Problems
	Wait     int // seconds until the next try; zero: none
}

// ConfirmForm handles GET /confirm: the form that asks for the password again.
func (s *Site) ConfirmForm(c echo.Context) error {
	return s.showConfirm(c, http.StatusOK, confirmPage{Next: gate.OwnPath(c.QueryParam("next"))})
}

func (s *Site) showConfirm(c echo.Context, status int, data confirmPage) (err error) {
	data.Frame = s.Frame(c, "Confirm it's you")
	if data.Passkey, err = s.Accounts.HasPasskey(c.Request().Context(), gate.Visitor(c)); err != nil {
		return err
	}
	if data.Provider, err = s.linkedProvider(c); err != nil {
		return err
	}
	return s.Show(c, status, "confirm", data)
}

// Confirm handles POST /confirm: it confirms the session with a password.
func (s *Site) Confirm(c echo.Context) error {
	form, err := gate.ReadForm(c)
	if err != nil {
		return err
	}
	next := gate.OwnPath(form.Get("next"))
	if err := s.TakePasswordTry(c, string(gate.Visitor(c).Username), ""); err != nil {
		return s.ShowWait(c, err, func(problems page.Problems, wait int) error {
			return s.showConfirm(c, http.StatusTooManyRequests, confirmPage{Next: next, Problems: problems, Wait: wait})
		})
	}
	renewed, err := s.Accounts.ConfirmByPassword(c.Request().Context(), gate.Actor(c), gate.SessionOf(c), form.Get("password"))
	if err != nil {
		return s.ShowForm(err, func(status int, problems page.Problems) error {
			return s.showConfirm(c, status, confirmPage{Next: next, Problems: problems})
		})
	}
	s.SetSession(c, renewed)
	return c.Redirect(http.StatusSeeOther, next)
}

// ConfirmOptions handles POST /confirm/options: the challenge for a passkey.
func (s *Site) ConfirmOptions(c echo.Context) error {
	options, err := s.Accounts.ConfirmPasskeyOptions(c.Request().Context(), gate.Visitor(c), gate.SessionOf(c))
	return sendOptions(c, options, err)
}

// ConfirmPasskey handles POST /confirm/passkey: it confirms the session with a
// passkey.
func (s *Site) ConfirmPasskey(c echo.Context) error {
	form, err := gate.ReadForm(c)
	if err != nil {
		return err
	}
	next := gate.OwnPath(form.Get("next"))
	renewed, err := s.Accounts.ConfirmByPasskey(c.Request().Context(), gate.Actor(c), gate.SessionOf(c), form.Get("credential"))
	if err != nil {
		return s.ShowForm(err, func(status int, problems page.Problems) error {
			return s.showConfirm(c, status, confirmPage{Next: next, Problems: problems})
		})
	}
	s.SetSession(c, renewed)
	return c.Redirect(http.StatusSeeOther, next)
}
