package gate

import (
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/models"
)

// LogRequest gives the request an ID, and logs one line when it is done. The line
// has the pattern of the route and never the URL, because URLs can hold secrets. Health
// checks that succeed are only logged at the level debug: there are thousands a day.
func (g *Gate) LogRequest(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		start := g.Now()
		id := rand.Text()
		c.Response().Header().Set(echo.HeaderXRequestID, id)
		err := next(c)
		if err != nil {
			c.Error(err)
		}
		took := g.Now().Sub(start)
		g.countTrouble(c.Response().Status)
		g.Traffic.count(c, took)
		r, level := c.Request(), slog.LevelInfo
		if path := c.Path(); (path == "/readyz" || path == "/livez") && c.Response().Status == http.StatusOK {
			level = slog.LevelDebug
		}
		g.Log.LogAttrs(r.Context(), level, "request",
			slog.String("id", id),
			slog.String("method", knownMethod(r.Method)),
			slog.String("route", c.Path()),
			slog.Int("status", c.Response().Status),
			slog.Int64("bytes", c.Response().Size),
			slog.Duration("duration", took),
			slog.String("user", string(Visitor(c).ID)),
			slog.String("network", Client(c).Place()))
		return nil
	}
}

// countTrouble counts responses with a server error or status 429, for the panel.
func (g *Gate) countTrouble(status int) {
	switch {
	case status >= http.StatusInternalServerError:
		g.Overview.Count(models.CountErrors)
	case status == http.StatusTooManyRequests:
		g.Overview.Count(models.CountLimits)
	}
}

// RecoverPanic turns a panic in a handler into an internal error. It lets
// http.ErrAbortHandler pass.
func RecoverPanic(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) (err error) {
		defer func() {
			cause := recover()
			if cause == nil {
				return
			}
			if aborted, ok := cause.(error); ok && errors.Is(aborted, http.ErrAbortHandler) {
				panic(cause) // net/http aborts the response
			}
			err = fmt.Errorf("panic: %v\n%s", cause, debug.Stack())
		}()
		return next(c)
	}
}
