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

// A BareBody reads a request whose whole body is one file.
type BareBody struct {
	c      echo.Context
	begun  bool // it was read from
	waits  bool // the sender waits for 100 Continue
	broken bool // it ended too soon
}

// NewBareBody returns the body of c as one file.
func NewBareBody(c echo.Context) *BareBody {
	return &BareBody{c: c, waits: strings.EqualFold(c.Request().Header.Get("Expect"), "100-continue")}
}

// Read implements io.Reader. A body that ends too soon is a Malformed problem, so
// that it does not pass for a complete file.
func (b *BareBody) Read(p []byte) (int, error) {
	b.begun = true
	n, err := b.c.Request().Body.Read(p)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		b.broken = true
		err = problem.New(problem.Malformed, "The upload was interrupted. Send the file again.")
	}
	return n, err
}

// Drain discards the rest of a refused body, so that the sender reads the response.
// A sender that still waits for 100 Continue gets "Connection: close" instead.
func (b *BareBody) Drain() {
	switch {
	case b.waits && !b.begun:
		b.c.Response().Header().Set("Connection", "close")
	case !b.broken:
		Drain(b.c)
	}
}

// RefuseBody saves the fields of a form that a limit refuses and discards the rest
// of the body, so that the browser reads the response. Of a guest it reads no form with
// files: they could send more than the limit lets them.
func (g *Gate) RefuseBody(c echo.Context) {
	size, signedIn := c.Request().ContentLength, Visitor(c).SignedIn()
	if !signedIn && (size < 0 || size > SmallBody.Max) {
		return
	}
	if !g.saveForm(c) && signedIn {
		NewBareBody(c).Drain()
	}
}

// RequireWhole rejects uploads of a part of a file: this site would store the part as the
// whole (RFC 9110, 14.5).
func (g *Gate) RequireWhole(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if len(c.Request().Header.Values("Content-Range")) > 0 {
			g.RefuseBody(c)
			return problem.New(problem.Malformed, "Send the whole file. A part of a file, with Content-Range, is not taken.")
		}
		return next(c)
	}
}

// LimitBody limits how many bytes of the body a handler can read. It counts bytes
// as they arrive, because Content-Length is only a claim.
func LimitBody(body Body) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			r := c.Request()
			VisitOf(c).saves = body.Saves
			if !body.Files() {
				if r.ContentLength > body.Max {
					return ErrBodyTooLarge()
				}
				VisitOf(c).received = r.ContentLength
				SetBody(c, http.MaxBytesReader(c.Response().Writer, r.Body, body.Max))
			}
			return next(c)
		}
	}
}

// SetBody replaces the body that the handler reads, on a copy of the request.
// net/http keeps the original, because it stores state in its body, such as whether
// the sender still waits for 100 Continue.
func SetBody(c echo.Context, body io.ReadCloser) {
	r := c.Request().WithContext(c.Request().Context())
	r.Body = body
	c.SetRequest(r)
}

// ErrBodyTooLarge returns the problem of a body over its limit.
func ErrBodyTooLarge() error {
	return problem.New(problem.TooLarge, "This form is too large.")
}

const (
	// MaxParts is the maximum number of parts of a form with files: its fields,
	// twice as many files as a post can have, and some empty ones.
	MaxParts = 4*models.MaxPostFiles + 20
	// MaxFields is the maximum size of all fields of such a form with their names, in bytes.
	MaxFields = 256 << 10
	// MaxDrain is how much of a refused upload is still read, in bytes: a browser
	// reads the response only after it has sent its request.
	MaxDrain = 64 << 20
)

// Drain discards up to MaxDrain bytes of a refused body, so that the browser reads
// the response.
func Drain(c echo.Context) { _, _ = io.CopyN(io.Discard, c.Request().Body, MaxDrain) }
