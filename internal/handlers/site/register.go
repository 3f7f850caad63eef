package site

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/accounts"
	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/handlers/page"
)

// accountForm is what a visitor entered to sign up. The server never sends
// passwords back.
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

// RegisterForm handles GET /register: the form to sign up.
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

// Register handles POST /register: it creates an account and signs in.
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
	if err := s.EndSession(c); err != nil { // of another account in this browser
		return err
	}
	s.SetSession(c, secret)
	return s.Tell(c, "/", "welcome")
}

func registration(c echo.Context) (accounts.RegistrationInput, error) {
	form, err := gate.ReadForm(c)
	return accounts.RegistrationInput{Username: form.Get("username"), Email: form.Get("email"), Password: form.Get("password")}, err
}
