package transfer

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/handlers/gate"
)

// Deadlines sets the read and write deadlines of a request. An upload can take hours,
// so its read deadline moves while it is read, and its write deadline is set when the
// response begins.
func (l *Line) Deadlines(body gate.Body) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			control := http.NewResponseController(c.Response().Writer)
			now := time.Now() //nolint:forbidigo // the network keeps real time
			// Setting a deadline fails only without a connection, as in tests.
			_ = control.SetReadDeadline(now.Add(l.Options.ReadTimeout))
			if body.Files() {
				gate.SetBody(c, newMinRateBody(c.Request().Body, control, l.Options.ReadTimeout, gate.VisitOf(c).CountReceived))
				_ = control.SetWriteDeadline(time.Time{})
				c.Response().Before(func() {
					_ = control.SetWriteDeadline(time.Now().Add(l.Options.WriteTimeout)) //nolint:forbidigo // as above
				})
			} else {
				_ = control.SetWriteDeadline(now.Add(l.Options.ReadTimeout + l.Options.WriteTimeout))
			}
			return next(c)
		}
	}
}
