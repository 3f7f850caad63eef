package handlers

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/accounts"
	"example.org/cloakroom/internal/database/databasetest"
	"example.org/cloakroom/internal/files"
	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/handlers/page"
	"example.org/cloakroom/internal/iprules"
	"example.org/cloakroom/internal/jobs"
	"example.org/cloakroom/internal/limits"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/overview"
	"example.org/cloakroom/internal/problem"
	"example.org/cloakroom/internal/settings"
	"example.org/cloakroom/web"
)

// Every response is counted by its status.
func TestTroubleIsCounted(t *testing.T) {
	s := newBareServer(t, io.Discard)
	db := databasetest.New(t)
	queue := &jobs.Queue{DB: db, Now: time.Now}
	s.Overview = &overview.Service{DB: db, Jobs: queue, Now: time.Now}
	for _, handle := range []echo.HandlerFunc{
		func(echo.Context) error { return errors.New("x") },
		func(echo.Context) error { panic("x") },
		func(echo.Context) error { return problem.New(problem.Unavailable, "Later.") },
		func(c echo.Context) error { return c.NoContent(http.StatusBadGateway) },
		func(echo.Context) error { return problem.New(problem.TooMany, "Later.") },
		func(c echo.Context) error { return c.NoContent(http.StatusTooManyRequests) },
		func(echo.Context) error { return problem.New(problem.NotFound, "None.") },
		func(c echo.Context) error { return c.NoContent(http.StatusOK) },
	} {
		serveBare(s, row{http.MethodGet, "/x", handle, gate.Machines, limits.Exempt, gate.NoBody},
			httptest.NewRequest(http.MethodGet, "http://cloakroom.test/x", nil))
	}
	if err := s.Overview.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	got, err := s.Overview.Numbers(t.Context())
	if err != nil || got.Errors.LastDay != 4 || got.Limits.LastDay != 2 {
		t.Errorf("%d errors and %d refusals, %v; want 4 and 2", got.Errors.LastDay, got.Limits.LastDay, err)
	}
}

// newBareServer returns the server with its guards, without the services.
func newBareServer(t testing.TB, log io.Writer) *Server {
	t.Helper()
	if log == nil {
		log = io.Discard
	}
	pages, err := web.Parse(page.Funcs)
	if err != nil {
		t.Fatal(err)
	}
	wide, err := limits.Defaults().Override("*=1000000-S,stray=1000000-S")
	if err != nil {
		t.Fatal(err)
	}
	return &Server{
		Limits: &limits.Service{Policy: models.NewLive(wide), Stores: limits.Memory(1000, time.Now), Now: time.Now,
			Counted: func(limits.Act, limits.Class, bool) {}},
		Files: &files.Service{Policy: models.NewLive(files.Policy{})}, Accounts: &accounts.Service{Policy: models.NewLive(accounts.Policy{})},
		IPRules: &iprules.Service{Now: time.Now}, Overview: &overview.Service{Now: time.Now},
		Pages: pages, Now: time.Now, Log: slog.New(slog.NewTextHandler(log, nil)),
		Ready:        func(context.Context) error { return errors.New("hunter2") },
		Certificates: nil,
		SettingEdits: &settings.Service{},
		Options:      gate.Options{PublicURL: "http://cloakroom.test", ReadTimeout: time.Minute, WriteTimeout: time.Minute},
	}
}

func serveBare(s *Server, r row, request *http.Request, more ...echo.MiddlewareFunc) *httptest.ResponseRecorder {
	room := s.rooms()
	e := echo.New()
	e.HTTPErrorHandler = room.page.ShowProblem
	e.Use(room.gate.LogRequest, gate.RecoverPanic, room.gate.SecureHeaders(), gate.RequireSameOrigin())
	e.Use(more...)
	room.register(e, gate.Route(r))
	rec := httptest.NewRecorder()
	e.ServeHTTP(rec, request)
	return rec
}

func TestUnclassifiedErrors_AreHidden(t *testing.T) {
	var log bytes.Buffer
	s := newBareServer(t, &log)
	handlers := map[string]echo.HandlerFunc{
		"error": func(echo.Context) error { return errors.New("hunter2") },
		"panic": func(echo.Context) error { panic("hunter2") },
		"mixed": func(echo.Context) error {
			return errors.Join(problem.OnField("a", "A mistake."), errors.New("hunter2"))
		},
		"ready": s.rooms().machines.ready,
	}
	for name, handler := range handlers {
		for _, accept := range []string{"text/html", "application/json"} {
			request := httptest.NewRequest(http.MethodGet, "/x", nil)
			request.Header.Set("Accept", accept)
			got := serveBare(s, row{http.MethodGet, "/x", handler, gate.Machines, limits.Page, gate.NoBody}, request)
			if got.Code < 500 || strings.Contains(got.Body.String(), "hunter2") || strings.Contains(got.Body.String(), "goroutine") {
				t.Errorf("%s as %s: %d\n%s", name, accept, got.Code, got.Body)
			}
			if !strings.Contains(log.String(), "hunter2") {
				t.Errorf("%s: the log does not say why", name)
			}
		}
	}
}

func TestBodyCap_AtItsEdge(t *testing.T) {
	s := newBareServer(t, new(bytes.Buffer))
	read := func(c echo.Context) error {
		var body bytes.Buffer
		if _, err := body.ReadFrom(c.Request().Body); err != nil {
			return err
		}
		return c.String(http.StatusOK, "read")
	}
	tests := []struct {
		most  gate.Body
		size  int
		want  int
		known bool // the length is in a header
	}{
		{gate.SmallBody, 64 << 10, 200, true}, {gate.SmallBody, 64<<10 + 1, 413, true},
		{gate.SmallBody, 64 << 10, 200, false}, {gate.SmallBody, 64<<10 + 1, 413, false},
		{gate.NoBody, 0, 200, true}, {gate.NoBody, 1, 413, true}, {gate.NoBody, 1, 413, false},
		{gate.FileBody, 1 << 20, 200, false},
	}
	for _, tt := range tests {
		request := httptest.NewRequest(http.MethodPost, "/x", strings.NewReader(strings.Repeat("x", tt.size)))
		if !tt.known {
			request.ContentLength = -1
		}
		if got := serveBare(s, row{http.MethodPost, "/x", read, gate.Machines, limits.Page, tt.most}, request); got.Code != tt.want {
			t.Errorf("%d bytes where %d are taken: %d, want %d", tt.size, tt.most.Max, got.Code, tt.want)
		}
	}
}

// A visitor who closes the connection cancels queries; that is no error of ours.
func TestClosedConnectionIsNotLoggedAsError(t *testing.T) {
	for _, closed := range []bool{true, false} {
		var log bytes.Buffer
		s := newBareServer(t, &log)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		handler := func(echo.Context) error {
			if closed {
				cancel()
			}
			return fmt.Errorf("file: %w", context.Canceled)
		}
		request := httptest.NewRequest(http.MethodGet, "http://cloakroom.test/x", nil).WithContext(ctx)
		serveBare(s, row{http.MethodGet, "/x", handler, gate.Machines, limits.Page, gate.NoBody}, request)
		status := map[bool]string{true: "status=499", false: "status=500"}[closed]
		if got := strings.Contains(log.String(), "level=ERROR"); got == closed || !strings.Contains(log.String(), status) {
			t.Errorf("connection closed: %v, logged as an error: %v, want %s\n%s", closed, got, status, log.String())
		}
	}
}
