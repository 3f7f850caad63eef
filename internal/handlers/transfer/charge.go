package transfer

import (
	"io"
	"strconv"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/limits"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// AtOnce lets each visitor have only so many transfers of a kind under way. One
// is under way until its answer has been sent, however it ends.
func (l *Line) AtOnce(act limits.Act) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			end, err := l.Limits.Begin(act, gate.Caller(c))
			if err != nil {
				l.RefuseBody(c)
				return err
			}
			defer end()
			return next(c)
		}
	}
}

// moved says what became of the bytes of an act.
var moved = map[limits.Act]string{limits.UploadBytes: "uploaded", limits.DownloadBytes: "downloaded"}

// charge counts n bytes of act to the visitor before they move, and has the
// answer say where they stand. Its error is a TooMany problem for whoever has
// none left.
func (l *Line) charge(c echo.Context, act limits.Act, n int64) (*limits.Charge, error) {
	charge, decision, err := l.Limits.Charge(c.Request().Context(), act, gate.Caller(c), n)
	if err != nil {
		return nil, err
	}
	l.SetLimitHeaders(c, decision.Windows)
	if decision.Refused {
		spent := decision.Windows[len(decision.Windows)-1]
		return nil, decision.Because("You have reached your limit of %s %s per %s.", models.Size(spent.Limit), moved[act], limits.PeriodName(spent.Period))
	}
	return charge, nil
}

// minPiece is the least that is charged at once to an upload of unknown length.
const minPiece = 1 << 20

// ChargeUpload charges the bytes of a body to the visitor before they are stored:
// as many as its header says, which net/http holds it to, or else as the largest
// file has, again and again. What did not come is given back.
func (l *Line) ChargeUpload(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		body := &chargedBody{
			ReadCloser: r.Body,
			pay:        func(n int64) (*limits.Charge, error) { return l.charge(c, limits.UploadBytes, n) },
			piece:      max(l.Files.PolicyOf(gate.Visitor(c)).MaxFileSize, minPiece),
		}
		if r.ContentLength >= 0 {
			body.piece = r.ContentLength
		}
		if err := body.more(); err != nil {
			if problem.KindOf(err) == problem.TooMany {
				l.RefuseBody(c)
			}
			return err
		}
		defer func() { body.last.Settle(r.Context(), body.read-(body.paid-body.piece)) }()
		gate.SetBody(c, body)
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
func (l *Line) chargeDownload(c echo.Context, out *minRateWriter, whole int64) (settle func()) {
	var charge *limits.Charge
	out.admit = func() (err error) {
		n, malformed := strconv.ParseInt(out.Header().Get(echo.HeaderContentLength), 10, 64)
		if malformed != nil {
			n = whole
		}
		charge, err = l.charge(c, limits.DownloadBytes, n)
		return err
	}
	return func() {
		if charge != nil {
			charge.Settle(c.Request().Context(), out.written)
		}
	}
}
