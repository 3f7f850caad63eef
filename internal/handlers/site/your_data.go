package site

import (
	"io"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/handlers/page"
	"example.org/cloakroom/internal/problem"
)

// settingsDataPage is the page "settings_data". Its field is username.
type settingsDataPage struct {
	page.Frame
	Used      int64     // bytes of all files
	DeletedAt time.Time // if the user asks for deletion now
	Problems  page.Problems
}

const (
	dataPath = "/settings/data"
)

// DataShow handles GET /settings/data: how to export data and delete the
// account.
func (s *Site) DataShow(c echo.Context) error {
	return s.showData(c, http.StatusOK, nil)
}

func (s *Site) showData(c echo.Context, status int, problems page.Problems) error {
	return s.Show(c, status, "settings_data", settingsDataPage{
		Frame: s.Frame(c, "Your data"), Used: gate.Visitor(c).StorageUsed, DeletedAt: s.Now().Add(s.Leaving.Grace), Problems: problems,
	})
}

// DataDelete handles POST /settings/data/delete: it schedules the account for
// deletion.
func (s *Site) DataDelete(c echo.Context) error {
	form, err := gate.ReadForm(c)
	if err != nil {
		return err
	}
	if err := s.Leaving.RequestDeletion(c.Request().Context(), gate.Actor(c), form.Get("username")); err != nil {
		return s.ShowForm(err, func(status int, problems page.Problems) error { return s.showData(c, status, problems) })
	}
	s.SetSession(c, "")
	c.Response().Header().Set("Clear-Site-Data", `"cache"`)
	return s.Tell(c, "/", "leaving")
}

// DataExport handles GET /settings/data/export.zip and GET /api/v1/me/export: a
// zip of the user's data. Each user can run one export at a time.
func (s *Site) DataExport(c echo.Context) error {
	who := gate.Visitor(c)
	if _, running := s.exporting.LoadOrStore(who.ID, true); running {
		return problem.New(problem.Conflict, "An export of your data is already downloading. Wait until it finishes.")
	}
	defer s.exporting.Delete(who.ID)
	return s.SendArchive(c, "cloakroom-"+string(who.Username)+".zip", s.StillAuthenticated(c), who.StorageUsed, func(w io.Writer) error {
		return s.Leaving.Export(c.Request().Context(), gate.Actor(c), w)
	})
}
