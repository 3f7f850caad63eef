package site

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/handlers/page"
	"example.org/cloakroom/internal/models"
)

// sendOptions answers with the options for an authenticator.
func sendOptions(c echo.Context, options []byte, err error) error {
	if err != nil {
		return err
	}
	c.Response().Header().Set("Cache-Control", "no-store")
	return c.JSONBlob(http.StatusOK, options)
}

// PasskeyOptions handles POST /settings/second-factor/passkeys/options: the
// challenge that creates a passkey.
func (s *Site) PasskeyOptions(c echo.Context) error {
	options, err := s.Accounts.NewPasskeyOptions(c.Request().Context(), gate.Visitor(c), gate.SessionOf(c))
	return sendOptions(c, options, err)
}

// PasskeyCreate handles POST /settings/second-factor/passkeys: it adds a
// passkey. With the first one, the answer shows the recovery codes, once.
func (s *Site) PasskeyCreate(c echo.Context) error {
	form, err := gate.ReadForm(c)
	if err != nil {
		return err
	}
	codes, err := s.Accounts.AddPasskey(c.Request().Context(), gate.Actor(c), form.Get("name"), form.Get("credential"), gate.SessionOf(c))
	if err != nil {
		return s.ShowForm(err, func(status int, problems page.Problems) error {
			return s.showFactor(c, status, settingsFactorPage{Name: form.Get("name"), Problems: problems})
		})
	}
	if len(codes) == 0 {
		return s.Tell(c, gate.FactorPath, "passkey")
	}
	return s.showFactor(c, http.StatusCreated, settingsFactorPage{Codes: codes})
}

// PasskeyDelete handles POST /settings/second-factor/passkeys/:id/delete: it
// deletes a passkey.
func (s *Site) PasskeyDelete(c echo.Context) error {
	if err := s.Accounts.DeletePasskey(c.Request().Context(), gate.Actor(c), models.PasskeyID(c.Param("id")), gate.SessionOf(c)); err != nil {
		return s.ShowForm(err, func(status int, problems page.Problems) error {
			return s.showFactor(c, status, settingsFactorPage{Problems: problems})
		})
	}
	return s.Tell(c, gate.FactorPath, "nokey")
}
