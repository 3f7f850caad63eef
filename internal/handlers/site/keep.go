package site

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/handlers/page"
)

// settingsKeepPage is the page "settings_keep".
type settingsKeepPage struct {
	page.Frame
	DeletedAt time.Time
}

// KeepForm handles GET /settings/keep: the page that offers to cancel the
// deletion of the account.
func (s *Site) KeepForm(c echo.Context) error {
	at := gate.Visitor(c).DeletionAt
	if at == nil {
		return c.Redirect(http.StatusSeeOther, dataPath)
	}
	return s.Show(c, http.StatusOK, "settings_keep", settingsKeepPage{
		Frame: s.Frame(c, "Your account is scheduled for deletion"), DeletedAt: *at,
	})
}

// Keep handles POST /settings/keep: it cancels the deletion of the account.
func (s *Site) Keep(c echo.Context) error {
	if err := s.Leaving.Cancel(c.Request().Context(), gate.Actor(c)); err != nil {
		return err
	}
	return s.Tell(c, "/", "kept")
}
