package handlers

import (
	"io"
	"strconv"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/limits"
	"example.org/cloakroom/internal/problem"
)

// atOnce lets each visitor have only so many transfers of a kind under way. One
// is under way until its answer has been sent, however it ends.
func (s *Server) atOnce(act limits.Act) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			end, err := s.Limits.Begin(act, caller(c))
			if err != nil {
				s.refuseBody(c)
				return err
			}
			defer end()
			return next(c)
		}
	}
}

// refuseBody keeps what was written in a form that comes too often, and takes
// the rest, so that the answer is read. Of a guest nothing is taken: they could
// hold a connection by it that no limit counts.
func (s *Server) refuseBody(c echo.Context) {
	if visitor(c).SignedIn() && !s.saveForm(c) {
		newBareBody(c).drain()
	}
}

// moved says what became of the bytes of an act.
var moved = map[limits.Act]string{limits.UploadBytes: "uploaded", limits.DownloadBytes: "downloaded"}

// charge counts n bytes of act to the visitor before they move, and has the
// answer say where they stand. Its error is a TooMany problem for whoever has
// none left.
func (s *Server) charge(c echo.Context, act limits.Act, n int64) (*limits.Charge, error) {
	charge, decision, err := s.Limits.Charge(c.Request().Context(), act, caller(c), n)
	if err != nil {
		return nil, err
	}
	s.tellWindows(c, decision.Windows)
	if decision.Refused {
		spent := decision.Windows[len(decision.Windows)-1]
		return nil, decision.Because("You have reached your limit of %s %s per %s.", size(spent.Limit), moved[act], limits.PeriodName(spent.Period))
	}
	return charge, nil
}

// minPiece is the least that is charged at once to an upload of unknown length.
const minPiece = 1 << 20

// chargeUpload charges the bytes of a body to the visitor before they are stored:
// as many as its header says, which net/http holds it to, or else as the largest
// file has, again and again. What did not come is given back.
func (s *Server) chargeUpload(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		body := &chargedBody{
			ReadCloser: r.Body,
			pay:        func(n int64) (*limits.Charge, error) { return s.charge(c, limits.UploadBytes, n) },
			piece:      max(s.Files.PolicyOf(visitor(c)).MaxFileSize, minPiece),
		}
		if r.ContentLength >= 0 {
			body.piece = r.ContentLength
		}
		if err := body.more(); err != nil {
			if problem.KindOf(err) == problem.TooMany {
				s.refuseBody(c)
			}
			return err
		}
		defer func() { body.last.Settle(r.Context(), body.read-(body.paid-body.piece)) }()
		setBody(c, body)
		return next(c)
	}
}

// A chargedBody is a body whose bytes are charged before they come.
type chargedBody struct {
	io.ReadCloser
	pay   func(n int64) (*limits.Charge, error)
	piece int64          // what is charged at once
	last  *limits.Charge // the only one that is not used up
	paid  int64          // bytes, in all
	read  int64
}

func (b *chargedBody) more() error {
	charge, err := b.pay(b.piece)
	if err != nil {
		return err
	}
	b.last, b.paid = charge, b.paid+b.piece
	return nil
}

// Read implements io.Reader.
func (b *chargedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.read += int64(n)
	for b.read > b.paid {
		if refused := b.more(); refused != nil {
			return 0, refused
		}
	}
	return n, err
}

// chargeDownload has the answer that out writes charged to the visitor: the bytes it
// says to have, of which those that were not written are given back by settle.
// What has no bytes costs none: HEAD, and what is not modified.
func (s *Server) chargeDownload(c echo.Context, out *minRateWriter, whole int64) (settle func()) {
	var charge *limits.Charge
	out.admit = func() (err error) {
		n, malformed := strconv.ParseInt(out.Header().Get(echo.HeaderContentLength), 10, 64)
		if malformed != nil {
			n = whole
		}
		charge, err = s.charge(c, limits.DownloadBytes, n)
		return err
	}
	return func() {
		if charge != nil {
			charge.Settle(c.Request().Context(), out.written)
		}
	}
}
