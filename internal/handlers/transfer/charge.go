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

// AtOnce limits how many transfers of a kind a visitor has at the same time. A
// transfer counts until its handler returns.
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

// pastTense has the verb of each act of bytes, for messages.
var pastTense = map[limits.Act]string{limits.UploadBytes: "uploaded", limits.DownloadBytes: "downloaded"}

// charge counts n bytes of act for the visitor before they are transferred, and sets
// the limit headers. Over the limit it returns a TooMany problem.
func (l *Line) charge(c echo.Context, act limits.Act, n int64) (*limits.Charge, error) {
	charge, decision, err := l.Limits.Charge(c.Request().Context(), act, gate.Caller(c), n)
	if err != nil {
		return nil, err
	}
	l.SetLimitHeaders(c, decision.Windows)
	if decision.Refused {
		spent := decision.Windows[len(decision.Windows)-1]
		return nil, decision.Because("You have reached your limit of %s %s per %s.",
			models.Size(spent.Limit), pastTense[act], limits.PeriodName(spent.Period))
	}
	return charge, nil
}

// minPiece is the minimum charge, in bytes, for a piece of an upload of unknown
// length.
const minPiece = 1 << 20

// ChargeUpload charges the visitor for the bytes of a body before they are stored,
// and refunds those that do not arrive. It charges Content-Length, which net/http
// enforces, or else pieces of the maximum file size.
func (l *Line) ChargeUpload(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		body := &chargedBody{
			ReadCloser: r.Body,
			charge:     func(n int64) (*limits.Charge, error) { return l.charge(c, limits.UploadBytes, n) },
			piece:      max(l.Files.PolicyOf(gate.Visitor(c)).MaxFileSize, minPiece),
		}
		if r.ContentLength >= 0 {
			body.piece = r.ContentLength
		}
		if err := body.chargePiece(); err != nil {
			if problem.KindOf(err) == problem.TooMany {
				l.RefuseBody(c)
			}
			return err
		}
		defer func() { body.last.Settle(r.Context(), body.read-(body.charged-body.piece)) }()
		gate.SetBody(c, body)
		return next(c)
	}
}

// A chargedBody is a body whose bytes are charged before they are read.
type chargedBody struct {
	io.ReadCloser
	charge  func(n int64) (*limits.Charge, error)
	piece   int64          // bytes of each charge
	last    *limits.Charge // the only charge that is not used up
	charged int64          // bytes in total
	read    int64          // bytes in total
}

// chargePiece charges one more piece.
func (b *chargedBody) chargePiece() error {
	charge, err := b.charge(b.piece)
	if err != nil {
		return err
	}
	b.last, b.charged = charge, b.charged+b.piece
	return nil
}

// Read implements io.Reader. It returns a TooMany problem once the visitor is over
// their limit.
func (b *chargedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.read += int64(n)
	for b.read > b.charged {
		if refused := b.chargePiece(); refused != nil {
			return 0, refused
		}
	}
	return n, err
}

// admitDownload makes out charge the visitor and call what.Begin before its first
// byte. The charge is for the bytes of Content-Length, or else for what.Size.
// settle refunds those that were not written, and calls what.End. Responses without a
// file, such as 304, are free.
func (l *Line) admitDownload(c echo.Context, out *minRateWriter, what Bytes) (settle func()) {
	var charge *limits.Charge
	var length int64
	begun := false
	out.admit = func() (err error) {
		if length, err = strconv.ParseInt(out.Header().Get(echo.HeaderContentLength), 10, 64); err != nil {
			length = what.Size
		}
		if what.Charged {
			if charge, err = l.charge(c, limits.DownloadBytes, length); err != nil {
				return err
			}
		}
		if what.Begin != nil {
			if err := what.Begin(); err != nil {
				return err
			}
		}
		begun = true
		return nil
	}
	return func() {
		if charge != nil {
			charge.Settle(c.Request().Context(), out.written)
		}
		if begun && what.End != nil {
			what.End(out.written, length)
		}
	}
}
