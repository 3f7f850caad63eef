package site

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/accounts"
	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/handlers/page"
)

// settingsSecurityPage is the page "settings_security". Its fields are
// current_password and password.
type settingsSecurityPage struct {
	page.Frame
	Problems page.Problems
	Wait     int // seconds until the next try; zero: none
}

// PasswordEdit handles GET /settings/security: the form to change the password.
func (s *Site) PasswordEdit(c echo.Context) error {
	return s.showSecurity(c, http.StatusOK, settingsSecurityPage{})
}

func (s *Site) showSecurity(c echo.Context, status int, data settingsSecurityPage) error {
	data.Frame = s.Frame(c, "Security")
	return s.Show(c, status, "settings_security", data)
}

// PasswordUpdate handles POST /settings/security: it changes the password.
func (s *Site) PasswordUpdate(c echo.Context) error {
	form, err := gate.ReadForm(c)
	if err != nil {
		return err
	}
	if err := s.TakePasswordTry(c, string(gate.Visitor(c).Username), ""); err != nil {
		return s.ShowWait(c, err, func(problems page.Problems, wait int) error {
			return s.showSecurity(c, http.StatusTooManyRequests, settingsSecurityPage{Problems: problems, Wait: wait})
		})
	}
	in := accounts.PasswordInput{
		Current: form.Get("current_password"), Password: form.Get("password"), KeepTokens: form.Get("keep_tokens") != "",
	}
	renewed, err := s.Accounts.ChangePassword(c.Request().Context(), gate.Actor(c), in, gate.SessionOf(c))
	if err != nil {
		return s.ShowForm(err, func(status int, problems page.Problems) error {
			return s.showSecurity(c, status, settingsSecurityPage{Problems: problems})
		})
	}
	s.SetSession(c, renewed)
	return s.Tell(c, "/settings/security", "password")
}
