package transfer

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/handlers/gate"
)

// Deadlines ends a connection on which nothing moves. A body without a cap may
// take as long as it likes, so its deadline is moved along while it is read.
func (l *Line) Deadlines(body gate.Body) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			control := http.NewResponseController(c.Response().Writer)
			now := time.Now() //nolint:forbidigo // the network keeps real time
			// Errors mean a writer without a connection, as in tests: then there
			// is nothing to end.
			_ = control.SetReadDeadline(now.Add(l.Options.ReadTimeout))
			if body.Files() {
				gate.SetBody(c, newMinRateBody(c.Request().Body, control, l.Options.ReadTimeout))
				_ = control.SetWriteDeadline(time.Time{})
				c.Response().Before(func() { // the answer, whenever it comes, must be taken
					_ = control.SetWriteDeadline(time.Now().Add(l.Options.WriteTimeout)) //nolint:forbidigo // as above
				})
			} else {
				_ = control.SetWriteDeadline(now.Add(l.Options.ReadTimeout + l.Options.WriteTimeout))
			}
			return next(c)
		}
	}
}
