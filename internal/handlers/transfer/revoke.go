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

// pollInterval is how often a running transfer checks the visitor's access.
const pollInterval = 2 * time.Second

// maxUnknown is the number of consecutive failed checks, about 30 seconds, before a
// transfer is cut. A database can restart or fail over in that time.
const maxUnknown = 15

// errRevoked is the error of a transfer whose visitor has lost access.
var errRevoked = errors.New("permission to read this was revoked")

// watchPermission checks every pollInterval, on a goroutine of its own, whether may
// still allows the transfer, and calls cut if not. It calls cut again at each check,
// because the transfer may have replaced the deadline that cut set. A check that
// fails neither allows nor denies, up to maxUnknown in a row. The checks end when stop
// returns.
func watchPermission(ctx context.Context, may func(context.Context) error, cut func()) (stop func()) {
	var polling sync.WaitGroup
	polling.Add(1)
	var end atomic.Pointer[context.CancelFunc] // of the checks
	// Most transfers end before the first check, and start neither a goroutine nor a context.
	first := time.AfterFunc(pollInterval, func() {
		defer polling.Done()
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		if end.CompareAndSwap(nil, &cancel) {
			poll(ctx, may, cut)
		}
	})
	return func() {
		if first.Stop() {
			polling.Done()
			return
		}
		nothing := context.CancelFunc(func() {})
		if !end.CompareAndSwap(nil, &nothing) {
			(*end.Load())()
		}
		polling.Wait()
	}
}

// poll checks may until ctx ends, and calls cut once permission is gone.
func poll(ctx context.Context, may func(context.Context) error, cut func()) {
	ticker := time.NewTicker(pollInterval)
	defer ticker.Stop()
	for unknown := 0; ; {
		if unknown < maxUnknown {
			err := may(ctx)
			if ctx.Err() != nil {
				return
			}
			if kind := problem.KindOf(err); err != nil && (kind == problem.Internal || kind == problem.Unavailable) {
				unknown++
			} else if unknown = 0; err != nil {
				unknown = maxUnknown
			}
		}
		if unknown >= maxUnknown {
			cut()
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// StillAuthenticated returns a function that returns an error once the visitor's
// session or API token has ended or they are suspended.
func (l *Line) StillAuthenticated(c echo.Context) func(context.Context) error {
	id, credential := gate.Visitor(c).ID, gate.CredentialOf(c)
	return func(ctx context.Context) error {
		_, err := l.Accounts.StillAuthenticated(ctx, id, credential)
		return err
	}
}

// StopWhenRevoked cuts an upload once the visitor's session or API token ends or they
// are suspended, so that nothing of it is saved.
func (l *Line) StopWhenRevoked(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if !gate.Visitor(c).SignedIn() { // a guest has no credential that could end
			return next(c)
		}
		isCut, stop := l.CutUpload(c, l.StillAuthenticated(c))
		defer stop()
		err := next(c)
		if err != nil && isCut() {
			return problem.New(problem.Unauthenticated, "You were signed out during the upload, so nothing was saved.")
		}
		return err
	}
}

// CutUpload cuts the upload of the request once may returns an error, so that nothing of
// it is saved. Call stop when the request has been read.
func (l *Line) CutUpload(c echo.Context, may func(context.Context) error) (isCut func() bool, stop func()) {
	control := http.NewResponseController(c.Response().Writer)
	body := &revocableBody{ReadCloser: c.Request().Body}
	gate.SetBody(c, body)
	stop = watchPermission(c.Request().Context(), may, func() {
		body.cut.Store(true)
		_ = control.SetReadDeadline(time.Unix(1, 0))
	})
	return body.cut.Load, stop
}

// A revocableBody returns errRevoked once cut is set.
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
