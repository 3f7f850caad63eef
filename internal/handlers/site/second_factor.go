package site

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/accounts"
	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/handlers/page"
	"example.org/cloakroom/internal/models"
)

// settingsFactorPage is the page "settings_factor". Its fields are code, and
// name in the form for a passkey.
type settingsFactorPage struct {
	page.Frame
	Factor   models.SecondFactor
	Owed     bool     // the site requires a second factor, and the user has none
	Secret   string   // of the app that is being set up
	Name     string   // of a new passkey, as entered
	Codes    []string // new recovery codes, shown once
	Problems page.Problems
}

// FactorShow handles GET /settings/second-factor: the user's two-factor
// authentication.
func (s *Site) FactorShow(c echo.Context) error {
	return s.showFactor(c, http.StatusOK, settingsFactorPage{})
}

func (s *Site) showFactor(c echo.Context, status int, data settingsFactorPage) (err error) {
	ctx := c.Request().Context()
	data.Frame, data.Owed = s.Frame(c, "Two-factor authentication"), s.Accounts.OwesFactor(gate.Visitor(c)) && len(data.Codes) == 0
	if data.Factor, err = s.Accounts.SecondFactor(ctx, gate.Visitor(c)); err != nil {
		return err
	}
	if data.Factor.Begun {
		var key accounts.FactorKey
		if key, err = s.Accounts.PendingFactorKey(ctx, gate.Visitor(c)); err != nil {
			return err
		}
		data.Secret = inGroups(key.Secret)
	}
	return s.Show(c, status, "settings_factor", data)
}

// inGroups puts a space after every fourth letter, which makes a key easier to
// copy.
func inGroups(s string) string {
	var text strings.Builder
	for i, r := range s {
		if i > 0 && i%4 == 0 {
			text.WriteByte(' ')
		}
		text.WriteRune(r)
	}
	return text.String()
}

// FactorQR handles GET /settings/second-factor/qr.png: the QR code for an
// authenticator app.
func (s *Site) FactorQR(c echo.Context) error {
	key, err := s.Accounts.PendingFactorKey(c.Request().Context(), gate.Visitor(c))
	if err != nil {
		return err
	}
	return c.Blob(http.StatusOK, "image/png", key.QR)
}

// FactorBegin handles POST /settings/second-factor/begin: it starts the setup
// of an authenticator app.
func (s *Site) FactorBegin(c echo.Context) error {
	if err := s.Accounts.BeginFactor(c.Request().Context(), gate.Visitor(c)); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, gate.FactorPath)
}

// FactorCancel handles POST /settings/second-factor/cancel: it ends the setup of
// an authenticator app.
func (s *Site) FactorCancel(c echo.Context) error {
	if err := s.Accounts.CancelFactor(c.Request().Context(), gate.Visitor(c)); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, gate.FactorPath)
}

// FactorFinish handles POST /settings/second-factor/finish: it turns on the
// authenticator app. The answer shows the recovery codes, once.
func (s *Site) FactorFinish(c echo.Context) error {
	form, err := gate.ReadForm(c)
	if err != nil {
		return err
	}
	codes, err := s.Accounts.FinishFactor(c.Request().Context(), gate.Actor(c), form.Get("code"), gate.SessionOf(c))
	if err != nil {
		return s.ShowForm(err, func(status int, problems page.Problems) error {
			return s.showFactor(c, status, settingsFactorPage{Problems: problems})
		})
	}
	return s.showFactor(c, http.StatusCreated, settingsFactorPage{Codes: codes})
}

// FactorCodes handles POST /settings/second-factor/codes: it creates new
// recovery codes and shows them once.
func (s *Site) FactorCodes(c echo.Context) error {
	codes, err := s.Accounts.NewRecoveryCodes(c.Request().Context(), gate.Actor(c))
	if err != nil {
		return err
	}
	return s.showFactor(c, http.StatusCreated, settingsFactorPage{Codes: codes})
}

// FactorRemove handles POST /settings/second-factor/remove: it removes the
// authenticator app.
func (s *Site) FactorRemove(c echo.Context) error {
	if err := s.Accounts.RemoveTOTP(c.Request().Context(), gate.Actor(c), gate.SessionOf(c)); err != nil {
		return err
	}
	return s.Tell(c, gate.FactorPath, "factor")
}
