package site

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/handlers/page"
	"example.org/cloakroom/internal/models"
)

// A sessionRow is a session of the user.
type sessionRow struct {
	models.Session
	Current bool // the session of this request
}

// settingsSessionsPage is the page "settings_sessions". Its field is session,
// the Hash of a row; all=1 ends all other sessions.
type settingsSessionsPage struct {
	page.Frame
	Sessions []sessionRow
}

// SessionList handles GET /settings/sessions: the user's sessions.
func (s *Site) SessionList(c echo.Context) error {
	sessions, err := s.Accounts.Sessions(c.Request().Context(), gate.Visitor(c))
	if err != nil {
		return err
	}
	data := settingsSessionsPage{Frame: s.Frame(c, "Sessions")}
	for _, one := range sessions {
		data.Sessions = append(data.Sessions, sessionRow{Session: one, Current: one.Hash == gate.SessionOf(c)})
	}
	return s.Show(c, http.StatusOK, "settings_sessions", data)
}

// SessionEnd handles POST /settings/sessions/end: it ends one session, or all
// others.
func (s *Site) SessionEnd(c echo.Context) error {
	form, err := gate.ReadForm(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	if form.Get("all") != "" {
		err = s.Accounts.EndOtherSessions(ctx, gate.Visitor(c), gate.SessionOf(c))
	} else {
		err = s.Accounts.EndSession(ctx, gate.Visitor(c), models.SecretHash(form.Get("session")))
	}
	if err != nil {
		return err
	}
	return s.Tell(c, "/settings/sessions", "ended")
}
