package site

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/accounts"
	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/handlers/page"
	"example.org/cloakroom/internal/models"
)

// accountForm is what someone without an account typed. Passwords are never
// sent back.
type accountForm struct {
	Username string
	Email    string
}

// registerPage is the page "register". Its fields are username, email and
// password.
type registerPage struct {
	page.Frame
	Form     accountForm
	Problems page.Problems
}

// setupPage is the page "setup", which creates the first admin. It has the
// fields of "register", and posts to its own address: the secret is in it.
type setupPage struct {
	page.Frame
	Form     accountForm
	Problems page.Problems
}

// RegisterForm handles GET /register.
func (s *Site) RegisterForm(c echo.Context) error {
	if gate.Visitor(c).SignedIn() {
		return c.Redirect(http.StatusSeeOther, "/")
	}
	if err := s.Accounts.MayRegister(); err != nil {
		return err
	}
	return s.showRegister(c, http.StatusOK, accountForm{}, nil)
}

func (s *Site) showRegister(c echo.Context, status int, form accountForm, problems page.Problems) error {
	return s.Show(c, status, "register", registerPage{s.GuestFrame(c, "Create an account"), form, problems})
}

// Register handles POST /register.
func (s *Site) Register(c echo.Context) error {
	in, err := registration(c)
	if err != nil {
		return err
	}
	_, secret, err := s.Accounts.Register(c.Request().Context(), in, gate.Client(c))
	if err != nil {
		return s.ShowForm(err, func(status int, problems page.Problems) error {
			return s.showRegister(c, status, accountForm{in.Username, in.Email}, problems)
		})
	}
	s.SetSession(c, secret)
	return c.Redirect(http.StatusSeeOther, "/?notice=welcome")
}

func registration(c echo.Context) (accounts.RegistrationInput, error) {
	form, err := gate.ReadForm(c)
	return accounts.RegistrationInput{Username: form.Get("username"), Email: form.Get("email"), Password: form.Get("password")}, err
}

// SetUpForm handles GET /setup/:secret, the link printed at the first start.
func (s *Site) SetUpForm(c echo.Context) error {
	if err := s.Accounts.CheckSetupLink(c.Request().Context(), models.Secret(c.Param("secret"))); err != nil {
		return err
	}
	return s.showSetup(c, http.StatusOK, accountForm{}, nil)
}

func (s *Site) showSetup(c echo.Context, status int, form accountForm, problems page.Problems) error {
	return s.Show(c, status, "setup", setupPage{s.GuestFrame(c, "Create the first admin"), form, problems})
}

// SetUp handles POST /setup/:secret.
func (s *Site) SetUp(c echo.Context) error {
	in, err := registration(c)
	if err != nil {
		return err
	}
	link := models.Secret(c.Param("secret"))
	_, secret, err := s.Accounts.SetUp(c.Request().Context(), link, in, gate.Client(c))
	if err != nil {
		return s.ShowForm(err, func(status int, problems page.Problems) error {
			return s.showSetup(c, status, accountForm{in.Username, in.Email}, problems)
		})
	}
	s.SetSession(c, secret)
	return c.Redirect(http.StatusSeeOther, "/?notice=welcome")
}

// InvitationForm handles GET /invite/:secret.
func (s *Site) InvitationForm(c echo.Context) error {
	return s.showInvite(c, http.StatusOK, accountForm{}, nil)
}

func (s *Site) showInvite(c echo.Context, status int, form accountForm, problems page.Problems) error {
	i, err := s.Accounts.Invitation(c.Request().Context(), models.Secret(c.Param("secret")))
	if err != nil {
		return err
	}
	if form.Email == "" {
		form.Email = string(i.Email)
	}
	return s.Show(c, status, "register", registerPage{s.GuestFrame(c, "You're invited"), form, problems})
}

// InvitationAccept handles POST /invite/:secret.
func (s *Site) InvitationAccept(c echo.Context) error {
	in, err := registration(c)
	if err != nil {
		return err
	}
	_, secret, err := s.Accounts.RegisterInvited(c.Request().Context(), models.Secret(c.Param("secret")), in, gate.Client(c))
	if err != nil {
		return s.ShowForm(err, func(status int, problems page.Problems) error {
			return s.showInvite(c, status, accountForm{in.Username, in.Email}, problems)
		})
	}
	s.SetSession(c, secret)
	return c.Redirect(http.StatusSeeOther, "/?notice=welcome")
}
