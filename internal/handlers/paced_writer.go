package handlers

import (
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"example.org/cloakroom/internal/problem"
)

// paceBytes is how much must be taken within the write timeout: with the
// default of a minute, a visitor slower than 17 KiB a second is let go.
const paceBytes = 1 << 20

// A pacedWriter moves the write deadline along as bytes go, so that a slow but
// living download goes on and a dead one ends. It hands files to net/http in
// pieces that the kernel still copies by itself (sendfile).
type pacedWriter struct {
	http.ResponseWriter
	control *http.ResponseController
	idle    time.Duration
	moved   time.Time
	status  int
	written int64
	cut     atomic.Bool  // the visitor may no longer have this
	admit   func() error // asked before the first byte of a file; nil: it is free
	refused error        // by admit: then nothing was written
}

func newPacedWriter(w http.ResponseWriter, idle time.Duration) *pacedWriter {
	return &pacedWriter{ResponseWriter: w, control: http.NewResponseController(w), idle: idle, status: http.StatusOK}
}

// Unwrap lets http.ResponseController find the writer of the connection.
func (w *pacedWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// WriteHeader implements http.ResponseWriter.
func (w *pacedWriter) WriteHeader(status int) {
	if w.admit != nil && (status == http.StatusOK || status == http.StatusPartialContent) {
		if w.refused = w.admit(); w.refused != nil {
			return
		}
	}
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// Write implements io.Writer.
func (w *pacedWriter) Write(p []byte) (int, error) {
	if w.refused != nil {
		return 0, w.refused
	}
	if err := w.move(); err != nil {
		return 0, err
	}
	n, err := w.ResponseWriter.Write(p)
	w.written += int64(n)
	return n, err
}

// ReadFrom implements io.ReaderFrom for http.ServeContent, which hands over an
// *io.LimitedReader.
func (w *pacedWriter) ReadFrom(r io.Reader) (total int64, err error) {
	if w.refused != nil {
		return 0, w.refused
	}
	limited, ok := r.(*io.LimitedReader)
	if !ok {
		limited = &io.LimitedReader{R: r, N: 1<<63 - 1}
	}
	for limited.N > 0 && err == nil {
		if err = w.move(); err != nil {
			break
		}
		piece := min(limited.N, paceBytes)
		var n int64
		n, err = io.CopyN(w.ResponseWriter, limited.R, piece)
		limited.N -= n
		total += n
	}
	w.written += total
	if !ok && err == io.EOF { //nolint:errorlint // io.CopyN returns it bare
		err = nil
	}
	return total, err
}

// move sets the deadline anew, at most once a second. An error of that means a
// writer without a connection, as in tests: then there is nothing to end.
func (w *pacedWriter) move() error {
	if now := time.Now(); now.Sub(w.moved) > time.Second { //nolint:forbidigo // the network keeps real time
		w.moved = now
		_ = w.control.SetWriteDeadline(now.Add(w.idle))
	}
	if w.cut.Load() { // looked at last, for the deadline may have been set over that of watch
		_ = w.control.SetWriteDeadline(time.Unix(1, 0))
		return errRevoked
	}
	return nil
}

// lookEvery is how soon a running download ends whose right has ended.
const lookEvery = 2 * time.Second

// maxBlind is how many looks in a row may fail to tell: half a minute, in which
// a database comes back, or its standby takes over.
const maxBlind = 15

var errRevoked = errors.New("the right to have this has ended")

// watch asks every few seconds whether the visitor may still have what is being
// sent, and cuts it off in the middle if not: the answer is then shorter than it
// said, so nobody takes it for whole. It looks beside the copying, which costs
// that nothing, and until stop has returned. While nobody can tell, it goes on:
// a database that is away for a moment must not end every download.
func (w *pacedWriter) watch(ctx context.Context, may func(context.Context) error) (stop func()) {
	if may == nil {
		return func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	var looking sync.WaitGroup
	looking.Add(1)
	// Most downloads are over by then, and cost no goroutine.
	first := time.AfterFunc(lookEvery, func() {
		defer looking.Done()
		w.look(ctx, may)
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
func (w *pacedWriter) look(ctx context.Context, may func(context.Context) error) {
	again := time.NewTicker(lookEvery)
	defer again.Stop()
	for blind := 0; ; {
		err := may(ctx)
		if ctx.Err() != nil {
			return
		}
		if kind := problem.KindOf(err); err != nil && (kind == problem.Internal || kind == problem.Unavailable) {
			blind++
		} else if blind = 0; err != nil {
			blind = maxBlind
		}
		if blind >= maxBlind {
			w.cut.Store(true)
			_ = w.control.SetWriteDeadline(time.Unix(1, 0))
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-again.C:
		}
	}
}
