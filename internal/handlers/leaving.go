package handlers

import (
	"maps"
	"net/http"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/limits"
	"example.org/cloakroom/internal/problem"
)

const dataPath = "/settings/data"

// leavingRoutes is the map of what users do who take what is theirs.
func (s *Server) leavingRoutes() []route {
	const get = http.MethodGet
	return []route{
		{get, dataPath, s.settingsData, signedIn, limits.Page, noBody},
		{get, dataPath + "/export.zip", s.dataExport, confirmed, limits.Zip, noBody},
		{get, "/api/v1/me/export", s.dataExport, apiUser, limits.Zip, noBody},
	}
}

// settingsData handles GET /settings/data.
func (s *Server) settingsData(c echo.Context) error {
	return s.show(c, http.StatusOK, "settings_data", settingsDataPage{page: s.page(c, "Your data"), Used: visitor(c).StorageUsed})
}

// dataExport handles GET /settings/data/export.zip and GET /api/v1/me/export. It
// streams, as a download: at its pace, charged, and cut when its right ends. What
// goes wrong on the way cuts the connection, so that nobody takes a part for all.
func (s *Server) dataExport(c echo.Context) error {
	who, h := visitor(c), c.Response().Header()
	if _, running := s.exporting.LoadOrStore(who.ID, true); running {
		return problem.New(problem.Conflict, "All of your data is on its way already. Wait until it is there.")
	}
	defer s.exporting.Delete(who.ID)
	before := maps.Clone(h)
	h.Set(echo.HeaderContentType, "application/zip")
	h.Set(echo.HeaderContentDisposition, contentDisposition("attachment", "cloakroom-"+string(who.Username)+".zip"))
	if c.Request().Method == http.MethodHead {
		return c.NoContent(http.StatusOK)
	}
	out := newPacedWriter(c.Response().Writer, s.Settings.WriteTimeout)
	defer out.watch(c.Request().Context(), s.stillIn(c))()
	defer s.paysFor(c, out, who.StorageUsed)()
	out.WriteHeader(http.StatusOK)
	if out.refused != nil {
		clear(h)
		maps.Copy(h, before)
		s.tellWindows(c, nil) // they were counted in between
		return out.refused
	}
	err := s.Leaving.Export(c.Request().Context(), actor(c), out)
	c.Response().Status, c.Response().Size, c.Response().Committed = out.status, out.written, true
	if err != nil {
		s.Log.WarnContext(c.Request().Context(), "an export was cut", "user", who.ID, "err", err)
		panic(http.ErrAbortHandler)
	}
	return nil
}
