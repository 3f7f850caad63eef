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
// has the pattern of the route and never the URL, because URLs can hold secrets.
func (g *Gate) LogRequest(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		start := g.Now()
		id := rand.Text()
		c.Response().Header().Set(echo.HeaderXRequestID, id)
		err := next(c)
		if err != nil {
			c.Error(err)
		}
		g.countTrouble(c.Response().Status)
		r := c.Request()
		g.Log.LogAttrs(r.Context(), slog.LevelInfo, "request",
			slog.String("id", id),
			slog.String("method", knownMethod(r.Method)),
			slog.String("route", c.Path()),
			slog.Int("status", c.Response().Status),
			slog.Int64("bytes", c.Response().Size),
			slog.Duration("duration", g.Now().Sub(start)),
			slog.String("user", string(Visitor(c).ID)))
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

// knownMethod returns method, or "other" for methods that the site does not serve:
// visitors must not be able to write into the log.
func knownMethod(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return method
	}
	return "other"
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
