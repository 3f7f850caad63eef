package gate

import (
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// A BareBody is a file that is the whole body of a request.
type BareBody struct {
	c      echo.Context
	begun  bool
	waits  bool // the sender waits for us to begin
	broken bool
}

func NewBareBody(c echo.Context) *BareBody {
	return &BareBody{c: c, waits: strings.EqualFold(c.Request().Header.Get("Expect"), "100-continue")}
}

// Read implements io.Reader. A body that breaks off is a problem of its sender,
// and must not pass for a file that ends there.
func (b *BareBody) Read(p []byte) (int, error) {
	b.begun = true
	n, err := b.c.Request().Body.Read(p)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		b.broken = true
		err = problem.New(problem.Malformed, "The upload was interrupted. Send the file again.")
	}
	return n, err
}

// Drain takes the rest of a body that was refused. A sender who waits for us
// before they begin is told that nothing more will be read.
func (b *BareBody) Drain() {
	switch {
	case b.waits && !b.begun:
		b.c.Response().Header().Set("Connection", "close")
	case !b.broken:
		Drain(b.c)
	}
}

// RefuseBody keeps what was written in a form that comes too often, and takes
// the rest, so that the answer is read. Of a guest nothing is taken: they could
// hold a connection by it that no limit counts.
func (g *Gate) RefuseBody(c echo.Context) {
	if Visitor(c).SignedIn() && !g.saveForm(c) {
		NewBareBody(c).Drain()
	}
}

// LimitBody lets a handler read at most that many bytes of the body, counted as
// they arrive: the number in a header is only a claim.
func LimitBody(body Body) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			r := c.Request()
			VisitOf(c).saves = body.Saves
			if !body.Files() {
				if r.ContentLength > body.Max {
					return ErrBodyTooLarge()
				}
				SetBody(c, http.MaxBytesReader(c.Response().Writer, r.Body, body.Max))
			}
			return next(c)
		}
	}
}

// SetBody replaces the body for the handler on a copy of the request: net/http
// keeps its own, and must find in it what it put there, such as whether the
// sender still waits to be told to go on.
func SetBody(c echo.Context, body io.ReadCloser) {
	r := c.Request().WithContext(c.Request().Context())
	r.Body = body
	c.SetRequest(r)
}

func ErrBodyTooLarge() error {
	return problem.New(problem.TooLarge, "This form is too large.")
}

const (
	// MaxParts is how many parts a form with files may have: its fields, the
	// most files a post may have twice over, and some that stay empty.
	MaxParts = 4*models.MaxPostFiles + 20
	// MaxField is the largest field of such a form that is not a file, in bytes.
	MaxField = 64 << 10
	// MaxDrain is how much of a refused upload is still taken, in bytes: a
	// browser reads an answer only once it has sent its question.
	MaxDrain = 64 << 20
)

// Drain takes the rest of a body that was refused, within reason, so that the
// browser comes to read the answer.
func Drain(c echo.Context) { _, _ = io.CopyN(io.Discard, c.Request().Body, MaxDrain) }
