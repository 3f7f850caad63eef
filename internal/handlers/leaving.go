package handlers

import (
	"maps"
	"net/http"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/limits"
	"example.org/cloakroom/internal/problem"
)

const (
	dataPath = "/settings/data"
	keepPath = "/settings/keep"
)

// leavingRoutes is the map of what users do who take what is theirs.
func (s *Server) leavingRoutes() []route {
	const get, post = http.MethodGet, http.MethodPost
	return []route{
		{get, dataPath, s.settingsData, signedIn, limits.Page, noBody},
		{get, dataPath + "/export.zip", s.dataExport, confirmed, limits.Zip, noBody},
		{post, dataPath + "/delete", s.dataDelete, confirmed, limits.Change, smallBody},
		{get, keepPath, s.stayForm, signedIn, limits.Page, noBody},
		{post, keepPath, s.staySend, signedIn, limits.Change, smallBody},
		{get, "/api/v1/me/export", s.dataExport, apiReader, limits.Zip, noBody},
	}
}

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
	form, err := formOf(c)
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

// askToStay shows nothing but the way back to who asked to be deleted.
func askToStay(c echo.Context) error {
	if c.Request().Method == http.MethodGet && !wantsJSON(c) {
		return c.Redirect(http.StatusSeeOther, keepPath)
	}
	return problem.New(problem.Forbidden, "Your account is about to be deleted. Keep it first.")
}

// leadsToStay reports whether a route is open to who asked to be deleted.
func leadsToStay(path string) bool { return path == keepPath || path == "/logout" }

// stayForm handles GET /settings/keep.
func (s *Server) stayForm(c echo.Context) error {
	at := visitor(c).DeletionAt
	if at == nil {
		return c.Redirect(http.StatusSeeOther, dataPath)
	}
	return s.show(c, http.StatusOK, "settings_keep", settingsKeepPage{page: s.page(c, "Your account is about to be deleted"), DeletedAt: *at})
}

// staySend handles POST /settings/keep.
func (s *Server) staySend(c echo.Context) error {
	if err := s.Leaving.Keep(c.Request().Context(), actor(c)); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/?notice=kept")
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
