package handlers

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// A pagePolicy is the Content-Security-Policy of our own pages (OWASP ASVS 5.0,
// 3.4.3): only what the site itself serves, nothing inline. Its fields name the
// one origin each that is allowed beside it, or are empty.
type pagePolicy struct {
	media      string // players play from there
	formAction string // forms may be redirected there
}

// String writes the policy as the value of its header.
func (p pagePolicy) String() string {
	beside := func(origin string) string {
		if origin == "" {
			return "'self'"
		}
		return "'self' " + origin
	}
	return "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src " + beside(p.media) + "; font-src 'self'; " +
		"connect-src 'self'; form-action " + beside(p.formAction) + "; frame-ancestors 'none'; base-uri 'none'; object-src 'none'; " +
		"require-trusted-types-for 'script'; trusted-types 'none'; report-to default; report-uri " + BrowserReportsPath
}

// bytesPolicy is the Content-Security-Policy of what a user uploaded: should it
// turn out to be active after all, it runs as nobody and reaches nothing (OWASP
// ASVS 5.0, 3.2.1).
const bytesPolicy = "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox"

// allowFormRedirectTo lets the forms of a page be redirected to an origin:
// browsers check where a form ends up.
func (s *Server) allowFormRedirectTo(c echo.Context, origin string) {
	c.Response().Header().Set(headerPolicy, pagePolicy{media: s.Settings.ContentOrigin, formAction: origin}.String())
}

const headerPolicy = "Content-Security-Policy"

// permissions turns off what no page of ours asks a browser for.
const permissions = "accelerometer=(), autoplay=(), browsing-topics=(), camera=(), display-capture=(), encrypted-media=(), geolocation=(), " +
	"gyroscope=(), identity-credentials-get=(), local-fonts=(), magnetometer=(), microphone=(), midi=(), payment=(), screen-wake-lock=(), " +
	"serial=(), storage-access=(), usb=(), xr-spatial-tracking=()"

// secureHeaders sets the headers that every response carries. The players of our
// pages may play from the content origin.
func (s *Server) secureHeaders(next echo.HandlerFunc) echo.HandlerFunc {
	policy := pagePolicy{media: s.Settings.ContentOrigin, formAction: ""}.String()
	return func(c echo.Context) error {
		h := c.Response().Header()
		h.Set(headerPolicy, policy)
		h.Set("Reporting-Endpoints", `default="`+BrowserReportsPath+`"`)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "same-origin")
		// Old browsers had a filter against XSS that could be turned against the
		// page it was to protect; it is off (OWASP Secure Headers).
		h.Set("X-XSS-Protection", "0")
		h.Set("Permissions-Policy", permissions)
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Embedder-Policy", "require-corp") // all we embed is our own
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		return next(c)
	}
}

// sameOrigin refuses what another site makes a browser send: what is not a
// plain read must come from a page of ours (OWASP ASVS 5.0, 3.5.1 and 3.5.3).
func sameOrigin() echo.MiddlewareFunc {
	protection := http.NewCrossOriginProtection()
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			if allowedByCORS(c) {
				return next(c)
			}
			if err := protection.Check(c.Request()); err != nil {
				return problem.New(problem.Forbidden, "This request came from another site and was blocked. Open the page on this site and try again.")
			}
			return next(c)
		}
	}
}

// logRequest gives the request an identifier, of our own making, and writes one
// line about it when it is done. The line holds the pattern of the route and
// never the address: secrets live in addresses.
func (s *Server) logRequest(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		start := s.Now()
		id := rand.Text()
		c.Response().Header().Set(echo.HeaderXRequestID, id)
		err := next(c)
		if err != nil {
			c.Error(err)
		}
		s.count(c.Response().Status)
		r := c.Request()
		s.Log.LogAttrs(r.Context(), slog.LevelInfo, "request",
			slog.String("id", id),
			slog.String("method", knownMethod(r.Method)),
			slog.String("route", c.Path()),
			slog.Int("status", c.Response().Status),
			slog.Int64("bytes", c.Response().Size),
			slog.Duration("duration", s.Now().Sub(start)),
			slog.String("user", string(visitor(c).ID)))
		return nil
	}
}

// count counts an answer that tells of trouble, for the panel.
func (s *Server) count(status int) {
	switch {
	case status >= http.StatusInternalServerError:
		s.Overview.Count(models.CountErrors)
	case status == http.StatusTooManyRequests:
		s.Overview.Count(models.CountLimits)
	}
}

// knownMethod keeps a method a visitor made up out of the log.
func knownMethod(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return method
	}
	return "other"
}

// recoverPanic turns a panic in a handler into an internal error.
func recoverPanic(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) (err error) {
		defer func() {
			cause := recover()
			if cause == nil {
				return
			}
			if aborted, ok := cause.(error); ok && errors.Is(aborted, http.ErrAbortHandler) {
				panic(cause) // net/http's own way to cut an answer short
			}
			err = fmt.Errorf("panic: %v\n%s", cause, debug.Stack())
		}()
		return next(c)
	}
}

// limitBody lets a handler read at most that many bytes of the body, counted as
// they arrive: the number in a header is only a claim.
func limitBody(body Body) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			r := c.Request()
			VisitOf(c).saves = body.Saves
			if !body.Files() {
				if r.ContentLength > body.Max {
					return errBodyTooLarge()
				}
				setBody(c, http.MaxBytesReader(c.Response().Writer, r.Body, body.Max))
			}
			return next(c)
		}
	}
}

// setBody replaces the body for the handler on a copy of the request: net/http
// keeps its own, and must find in it what it put there, such as whether the
// sender still waits to be told to go on.
func setBody(c echo.Context, body io.ReadCloser) {
	r := c.Request().WithContext(c.Request().Context())
	r.Body = body
	c.SetRequest(r)
}

func errBodyTooLarge() error {
	return problem.New(problem.TooLarge, "This form is too large.")
}

// deadlines ends a connection on which nothing moves. A body without a cap may
// take as long as it likes, so its deadline is moved along while it is read.
func (s *Server) deadlines(body Body) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			control := http.NewResponseController(c.Response().Writer)
			now := time.Now() //nolint:forbidigo // the network keeps real time
			// Errors mean a writer without a connection, as in tests: then there
			// is nothing to end.
			_ = control.SetReadDeadline(now.Add(s.Settings.ReadTimeout))
			if body.Files() {
				setBody(c, newMinRateBody(c.Request().Body, control, s.Settings.ReadTimeout))
				_ = control.SetWriteDeadline(time.Time{})
				c.Response().Before(func() { // the answer, whenever it comes, must be taken
					_ = control.SetWriteDeadline(time.Now().Add(s.Settings.WriteTimeout)) //nolint:forbidigo // as above
				})
			} else {
				_ = control.SetWriteDeadline(now.Add(s.Settings.ReadTimeout + s.Settings.WriteTimeout))
			}
			return next(c)
		}
	}
}
