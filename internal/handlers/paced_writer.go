package handlers

import (
	"io"
	"net/http"
	"time"
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
}

func newPacedWriter(w http.ResponseWriter, idle time.Duration) *pacedWriter {
	return &pacedWriter{ResponseWriter: w, control: http.NewResponseController(w), idle: idle, status: http.StatusOK}
}

// Unwrap lets http.ResponseController find the writer of the connection.
func (w *pacedWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// WriteHeader implements http.ResponseWriter.
func (w *pacedWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// Write implements io.Writer.
func (w *pacedWriter) Write(p []byte) (int, error) {
	w.move()
	n, err := w.ResponseWriter.Write(p)
	w.written += int64(n)
	return n, err
}

// ReadFrom implements io.ReaderFrom for http.ServeContent, which hands over an
// *io.LimitedReader.
func (w *pacedWriter) ReadFrom(r io.Reader) (total int64, err error) {
	limited, ok := r.(*io.LimitedReader)
	if !ok {
		limited = &io.LimitedReader{R: r, N: 1<<63 - 1}
	}
	for limited.N > 0 && err == nil {
		w.move()
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

// move sets the deadline anew, at most once a second. An error means a writer
// without a connection, as in tests: then there is nothing to end.
func (w *pacedWriter) move() {
	if now := time.Now(); now.Sub(w.moved) > time.Second { //nolint:forbidigo // the network keeps real time
		w.moved = now
		_ = w.control.SetWriteDeadline(now.Add(w.idle))
	}
}
