package transfer

import (
	"context"
	"io"
	"net/http"
	"sync/atomic"
	"time"
)

// minBytesOut is how much must be taken within the write timeout: with the
// default of a minute, a visitor slower than 17 KiB a second is let go.
const minBytesOut = 1 << 20

// A minRateWriter moves the write deadline along as bytes go, so that a slow but
// living download goes on and a dead one ends. It hands files to net/http in
// pieces that the kernel still copies by itself (sendfile).
type minRateWriter struct {
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

func newMinRateWriter(w http.ResponseWriter, idle time.Duration) *minRateWriter {
	return &minRateWriter{ResponseWriter: w, control: http.NewResponseController(w), idle: idle, status: http.StatusOK}
}

// Unwrap lets http.ResponseController find the writer of the connection.
func (w *minRateWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// WriteHeader implements http.ResponseWriter.
func (w *minRateWriter) WriteHeader(status int) {
	if w.admit != nil && (status == http.StatusOK || status == http.StatusPartialContent) {
		if w.refused = w.admit(); w.refused != nil {
			return
		}
	}
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// Write implements io.Writer.
func (w *minRateWriter) Write(p []byte) (int, error) {
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
func (w *minRateWriter) ReadFrom(r io.Reader) (total int64, err error) {
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
		piece := min(limited.N, minBytesOut)
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
func (w *minRateWriter) move() error {
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

// watch cuts what is being sent off in the middle once may says that the visitor
// may have it no more: the answer is then shorter than it said, so nobody takes
// it for whole. It does so until stop has returned.
func (w *minRateWriter) watch(ctx context.Context, may func(context.Context) error) (stop func()) {
	if may == nil {
		return func() {}
	}
	return watchPermission(ctx, may, func() {
		w.cut.Store(true)
		_ = w.control.SetWriteDeadline(time.Unix(1, 0))
	})
}
