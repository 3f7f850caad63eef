package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"
)

// confirmForm handles GET /confirm.
func (s *Server) confirmForm(c echo.Context) error {
	return s.showConfirm(c, http.StatusOK, confirmPage{Next: ownPath(c.QueryParam("next"))})
}

func (s *Server) showConfirm(c echo.Context, status int, data confirmPage) (err error) {
	data.page = s.page(c, "Confirm it's you")
	if data.Passkey, err = s.Accounts.HasPasskey(c.Request().Context(), visitor(c)); err != nil {
		return err
	}
	if data.Provider, err = s.linkedProvider(c); err != nil {
		return err
	}
	return s.show(c, status, "confirm", data)
}

// confirmSend handles POST /confirm.
func (s *Server) confirmSend(c echo.Context) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	next := ownPath(form.Get("next"))
	if err := s.takePasswordTry(c, string(visitor(c).Username)); err != nil {
		return s.showWait(c, err, func(problems Problems, wait int) error {
			return s.showConfirm(c, http.StatusTooManyRequests, confirmPage{Next: next, Problems: problems, Wait: wait})
		})
	}
	if err := s.Accounts.ConfirmByPassword(c.Request().Context(), actor(c), session(c), form.Get("password")); err != nil {
		return s.showForm(err, func(status int, problems Problems) error {
			return s.showConfirm(c, status, confirmPage{Next: next, Problems: problems})
		})
	}
	return c.Redirect(http.StatusSeeOther, next)
}
