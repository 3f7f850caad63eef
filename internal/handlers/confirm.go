package handlers

import (
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/problem"
)

const confirmKey = "confirm" // where a refused request keeps the address at which to confirm

// askToConfirm sends whoever wants a dangerous page to prove that they are
// there, and back. A form would be lost on that way, so it is told instead.
func askToConfirm(c echo.Context) error {
	r := c.Request()
	if r.Method == http.MethodGet && !wantsJSON(c) {
		return c.Redirect(http.StatusSeeOther, "/confirm?next="+url.QueryEscape(r.URL.RequestURI()))
	}
	c.Set(confirmKey, "/confirm?next="+url.QueryEscape(cameFrom(c)))
	return problem.New(problem.Forbidden, "Nothing was done yet: confirm that it is you first, then do it again.")
}

// cameFrom returns the page of ours that sent the request, or "/".
func cameFrom(c echo.Context) string {
	from, err := url.Parse(c.Request().Referer())
	if err != nil || from.Host != cameBy(c).host {
		return "/"
	}
	return ownPath(from.RequestURI())
}

// confirmForm handles GET /confirm.
func (s *Server) confirmForm(c echo.Context) error {
	return s.showConfirm(c, http.StatusOK, confirmPage{Next: ownPath(c.QueryParam("next"))})
}

func (s *Server) showConfirm(c echo.Context, status int, data confirmPage) (err error) {
	data.page = s.page(c, "Confirm that it is you")
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
	form, err := formOf(c)
	if err != nil {
		return err
	}
	next := ownPath(form.Get("next"))
	if err := s.takePassword(c, string(visitor(c).Username)); err != nil {
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
