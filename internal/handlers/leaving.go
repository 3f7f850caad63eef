package handlers

import (
	"io"
	"net/http"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/problem"
)

const (
	dataPath = "/settings/data"
)

// settingsData handles GET /settings/data.
func (s *Server) settingsData(c echo.Context) error {
	return s.showData(c, http.StatusOK, nil)
}

func (s *Server) showData(c echo.Context, status int, problems Problems) error {
	return s.show(c, status, "settings_data", settingsDataPage{
		page: s.page(c, "Your data"), Used: visitor(c).StorageUsed, DeletedAt: s.Now().Add(s.Leaving.Grace), Problems: problems,
	})
}

// dataDelete handles POST /settings/data/delete.
func (s *Server) dataDelete(c echo.Context) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	if err := s.Leaving.Ask(c.Request().Context(), actor(c), form.Get("username")); err != nil {
		return s.showForm(err, func(status int, problems Problems) error { return s.showData(c, status, problems) })
	}
	s.setSession(c, "")
	c.Response().Header().Set("Clear-Site-Data", `"cache"`)
	return c.Redirect(http.StatusSeeOther, "/?notice=leaving")
}

// stayForm handles GET /settings/keep.
func (s *Server) stayForm(c echo.Context) error {
	at := visitor(c).DeletionAt
	if at == nil {
		return c.Redirect(http.StatusSeeOther, dataPath)
	}
	return s.show(c, http.StatusOK, "settings_keep", settingsKeepPage{page: s.page(c, "Your account is scheduled for deletion"), DeletedAt: *at})
}

// staySend handles POST /settings/keep.
func (s *Server) staySend(c echo.Context) error {
	if err := s.Leaving.Keep(c.Request().Context(), actor(c)); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/?notice=kept")
}

// dataExport handles GET /settings/data/export.zip and GET /api/v1/me/export. Each
// user has one export under way at a time.
func (s *Server) dataExport(c echo.Context) error {
	who := visitor(c)
	if _, running := s.exporting.LoadOrStore(who.ID, true); running {
		return problem.New(problem.Conflict, "An export of your data is already downloading. Wait until it finishes.")
	}
	defer s.exporting.Delete(who.ID)
	return s.SendArchive(c, "cloakroom-"+string(who.Username)+".zip", s.stillAuthenticated(c), who.StorageUsed, func(w io.Writer) error {
		return s.Leaving.Export(c.Request().Context(), actor(c), w)
	})
}
