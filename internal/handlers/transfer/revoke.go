package transfer

import (
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/problem"
)

// pollInterval is how soon a running transfer ends whose right has ended.
const pollInterval = 2 * time.Second

// maxUnknown is how many looks in a row may fail to tell: half a minute, in which
// a database comes back, or its standby takes over.
const maxUnknown = 15

var errRevoked = errors.New("permission to read this was revoked")

// watchPermission asks every few seconds whether a visitor may still do what is under
// way, and calls cut if not, again and again, for a deadline may have been set
// over that of cut. It looks beside the copying, which costs that nothing, and
// until stop has returned. While nobody can tell, it goes on: a database that is
// away for a moment must not end every transfer.
func watchPermission(ctx context.Context, may func(context.Context) error, cut func()) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var looking sync.WaitGroup
	looking.Add(1)
	// Most transfers are over by then, and cost no goroutine.
	first := time.AfterFunc(pollInterval, func() {
		defer looking.Done()
		look(ctx, may, cut)
	})
	return func() {
		cancel()
		if first.Stop() {
			looking.Done()
		}
		looking.Wait()
	}
}

// look asks until ctx is done, and cuts when the right has ended.
func look(ctx context.Context, may func(context.Context) error, cut func()) {
	again := time.NewTicker(pollInterval)
	defer again.Stop()
	for blind := 0; ; {
		if blind < maxUnknown {
			err := may(ctx)
			if ctx.Err() != nil {
				return
			}
			if kind := problem.KindOf(err); err != nil && (kind == problem.Internal || kind == problem.Unavailable) {
				blind++
			} else if blind = 0; err != nil {
				blind = maxUnknown
			}
		}
		if blind >= maxUnknown {
			cut()
		}
		select {
		case <-ctx.Done():
			return
		case <-again.C:
		}
	}
}

// StillAuthenticated reports why the visitor may no longer come by what they came by.
func (l *Line) StillAuthenticated(c echo.Context) func(context.Context) error {
	id, with := gate.Visitor(c).ID, gate.CredentialOf(c)
	return func(ctx context.Context) error {
		_, err := l.Accounts.StillAuthenticated(ctx, id, with)
		return err
	}
}

// StopWhenRevoked ends an upload whose session or API token ends meanwhile, and
// that of a user who is suspended: nothing of it is kept.
func (l *Line) StopWhenRevoked(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if !gate.Visitor(c).SignedIn() { // a guest came in by nothing that could end
			return next(c)
		}
		control := http.NewResponseController(c.Response().Writer)
		body := &revocableBody{ReadCloser: c.Request().Body}
		gate.SetBody(c, body)
		stop := watchPermission(c.Request().Context(), l.StillAuthenticated(c), func() {
			body.cut.Store(true)
			_ = control.SetReadDeadline(time.Unix(1, 0))
		})
		defer stop()
		err := next(c)
		if err != nil && body.cut.Load() {
			return problem.New(problem.Unauthenticated, "You were signed out during the upload, so nothing was saved.")
		}
		return err
	}
}

// A revocableBody gives nothing more once its sender may not send it.
type revocableBody struct {
	io.ReadCloser
	cut atomic.Bool
}

// Read implements io.Reader.
func (b *revocableBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if b.cut.Load() {
		return 0, errRevoked
	}
	return n, err
}
