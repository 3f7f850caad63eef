package handlers

import (
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/accounts"
	"example.org/cloakroom/internal/models"
)

// registerForm handles GET /register.
func (s *Server) registerForm(c echo.Context) error {
	if visitor(c).SignedIn() {
		return c.Redirect(http.StatusSeeOther, "/")
	}
	if err := s.Accounts.MayRegister(); err != nil {
		return err
	}
	return s.showRegister(c, http.StatusOK, accountForm{}, nil)
}

func (s *Server) showRegister(c echo.Context, status int, form accountForm, problems Problems) error {
	return s.show(c, status, "register", registerPage{s.guestPage(c, "Create an account"), form, problems})
}

// registerSend handles POST /register.
func (s *Server) registerSend(c echo.Context) error {
	in, err := registration(c)
	if err != nil {
		return err
	}
	_, secret, err := s.Accounts.Register(c.Request().Context(), in, client(c))
	if err != nil {
		return s.showForm(err, func(status int, problems Problems) error {
			return s.showRegister(c, status, accountForm{in.Username, in.Email}, problems)
		})
	}
	s.setSession(c, secret)
	return c.Redirect(http.StatusSeeOther, "/?notice=welcome")
}

func registration(c echo.Context) (accounts.Registration, error) {
	form, err := readForm(c)
	return accounts.Registration{Username: form.Get("username"), Email: form.Get("email"), Password: form.Get("password")}, err
}

// loginForm handles GET /login.
func (s *Server) loginForm(c echo.Context) error {
	next := ownPath(c.QueryParam("next"))
	if visitor(c).SignedIn() {
		return c.Redirect(http.StatusSeeOther, next)
	}
	return s.showLogin(c, http.StatusOK, loginPage{Form: loginForm{Next: next}})
}

func (s *Server) showLogin(c echo.Context, status int, data loginPage) error {
	data.page = s.guestPage(c, "Sign in")
	if s.OIDC.On() {
		data.Provider = s.OIDC.Settings.Name
		s.allowProvider(c)
	}
	return s.show(c, status, "login", data)
}

// loginSend handles POST /login.
func (s *Server) loginSend(c echo.Context) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	next := ownPath(form.Get("next"))
	typed := loginForm{form.Get("username"), next}
	if err := s.takePasswordTry(c, typed.Username); err != nil {
		return s.showWait(c, err, func(problems Problems, wait int) error {
			return s.showLogin(c, http.StatusTooManyRequests, loginPage{Form: typed, Problems: problems, Wait: wait})
		})
	}
	ctx := c.Request().Context()
	_, entry, err := s.Accounts.LogIn(ctx, typed.Username, form.Get("password"), client(c))
	if err != nil {
		return s.showForm(err, func(status int, problems Problems) error {
			return s.showLogin(c, status, loginPage{Form: typed, Problems: problems})
		})
	}
	if entry.Pending != "" {
		s.pendingCookie().set(c, entry.Pending)
		return c.Redirect(http.StatusSeeOther, "/login/second-factor?"+url.Values{"next": {next}}.Encode())
	}
	return s.startSession(c, entry.Session, next)
}

// logout handles POST /logout.
func (s *Server) logout(c echo.Context) error {
	if err := s.endSession(c); err != nil {
		return err
	}
	s.setSession(c, "")
	c.Response().Header().Set("Clear-Site-Data", `"cache"`)
	return c.Redirect(http.StatusSeeOther, "/")
}

// setupForm handles GET /setup/:secret, the link printed at the first start.
func (s *Server) setupForm(c echo.Context) error {
	if err := s.Accounts.CheckSetupLink(c.Request().Context(), models.Secret(c.Param("secret"))); err != nil {
		return err
	}
	return s.showSetup(c, http.StatusOK, accountForm{}, nil)
}

func (s *Server) showSetup(c echo.Context, status int, form accountForm, problems Problems) error {
	return s.show(c, status, "setup", setupPage{s.guestPage(c, "Create the first admin"), form, problems})
}

// setupSend handles POST /setup/:secret.
func (s *Server) setupSend(c echo.Context) error {
	in, err := registration(c)
	if err != nil {
		return err
	}
	link := models.Secret(c.Param("secret"))
	_, secret, err := s.Accounts.SetUp(c.Request().Context(), link, in, client(c))
	if err != nil {
		return s.showForm(err, func(status int, problems Problems) error {
			return s.showSetup(c, status, accountForm{in.Username, in.Email}, problems)
		})
	}
	s.setSession(c, secret)
	return c.Redirect(http.StatusSeeOther, "/?notice=welcome")
}
