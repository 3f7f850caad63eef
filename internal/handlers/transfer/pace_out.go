package transfer

import (
	"context"
	"io"
	"io/fs"
	"net/http"
	"os"
	"sync/atomic"
	"time"

	"example.org/cloakroom/internal/archive"
)

// minBytesOut is how many bytes a client must read within the write timeout. With the
// default of a minute, a client slower than 17 KiB per second is disconnected.
const minBytesOut = 1 << 20

// A minRateWriter moves the write deadline while bytes are sent, so that a slow
// download continues and a stalled one ends. It also charges the download before its
// first byte, and ends it once cut is set. It gives files to net/http in pieces that
// the kernel copies (sendfile).
type minRateWriter struct {
	http.ResponseWriter
	control  *http.ResponseController
	idle     time.Duration
	extended time.Time // when the deadline was last set
	status   int
	written  int64
	cut      atomic.Bool  // the visitor has lost access
	admit    func() error // charges before the first byte; nil: the download is free
	refused  error        // the error of admit; if set, nothing was written
}

// newMinRateWriter returns a writer to w whose client must read minBytesOut bytes
// within idle.
func newMinRateWriter(w http.ResponseWriter, idle time.Duration) *minRateWriter {
	return &minRateWriter{ResponseWriter: w, control: http.NewResponseController(w), idle: idle, status: http.StatusOK}
}

// Unwrap gives http.ResponseController the writer of the connection.
func (w *minRateWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// WriteHeader implements http.ResponseWriter. It calls admit before a response that
// has bytes of the file.
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
	if err := w.extendDeadline(); err != nil {
		return 0, err
	}
	n, err := w.ResponseWriter.Write(p)
	w.written += int64(n)
	return n, err
}

// ReadFrom implements io.ReaderFrom for http.ServeContent, which passes an
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
		if err = w.extendDeadline(); err != nil {
			break
		}
		piece := min(limited.N, minBytesOut)
		var n int64
		switch from := limited.R.(type) {
		case *archive.Archive:
			n, err = copySegment(w.ResponseWriter, from, piece)
		case *sizedFile:
			n, err = from.copyTo(w.ResponseWriter, piece)
		default:
			n, err = io.CopyN(w.ResponseWriter, from, piece)
		}
		limited.N -= n
		total += n
	}
	w.written += total
	if !ok && err == io.EOF { //nolint:errorlint // io.CopyN returns it bare
		err = nil
	}
	return total, err
}

// A sizedFile is a file whose size is known: http.ServeContent seeks to learn it, and seeks
// back, and here that costs no system call.
type sizedFile struct {
	file   *os.File
	size   int64
	at     int64 // where the next byte is read
	really int64 // where the file is
}

// Seek implements io.Seeker.
func (f *sizedFile) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += f.at
	case io.SeekEnd:
		offset += f.size
	}
	if offset < 0 {
		return f.at, fs.ErrInvalid
	}
	f.at = offset
	return offset, nil
}

// Read implements io.Reader.
func (f *sizedFile) Read(p []byte) (int, error) {
	if err := f.move(); err != nil {
		return 0, err
	}
	n, err := f.file.Read(p)
	f.at, f.really = f.at+int64(n), f.really+int64(n)
	return n, err
}

// copyTo copies the next bytes, at most most.
func (f *sizedFile) copyTo(w io.Writer, most int64) (int64, error) {
	if err := f.move(); err != nil {
		return 0, err
	}
	n, err := io.CopyN(w, f.file, most)
	f.at, f.really = f.at+n, f.really+n
	return n, err
}

// move moves the file to where the next byte is read.
func (f *sizedFile) move() error {
	if f.at == f.really {
		return nil
	}
	at, err := f.file.Seek(f.at, io.SeekStart)
	f.really = at
	return err
}

// copySegment copies the next bytes of a, at most most. The kernel copies the content of
// a member, because net/http gets its *os.File.
func copySegment(w io.Writer, a *archive.Archive, most int64) (n int64, err error) {
	s, err := a.Segment()
	if err != nil {
		return 0, err
	}
	most = min(most, s.Size)
	if s.Content != nil {
		n, err = io.CopyN(w, s.Content, most)
		return n, a.Advance(n, err)
	}
	written, err := w.Write(s.Header[:most])
	return int64(written), a.Advance(int64(written), err)
}

// extendDeadline sets the deadline again, at most once a second, and returns
// errRevoked once cut is set. Setting it fails only without a connection, as in tests.
func (w *minRateWriter) extendDeadline() error {
	if now := time.Now(); now.Sub(w.extended) > time.Second { //nolint:forbidigo // the network keeps real time
		w.extended = now
		_ = w.control.SetWriteDeadline(now.Add(w.idle))
	}
	if w.cut.Load() { // checked last: the line above may have replaced the deadline of watch
		_ = w.control.SetWriteDeadline(time.Unix(1, 0))
		return errRevoked
	}
	return nil
}

// watch aborts the response as soon as may denies access. The body is then shorter
// than its length, so the client knows that it is incomplete. watch ends when stop
// returns. A nil may always allows.
func (w *minRateWriter) watch(ctx context.Context, may func(context.Context) error) (stop func()) {
	if may == nil {
		return func() {}
	}
	return watchPermission(ctx, may, func() {
		w.cut.Store(true)
		_ = w.control.SetWriteDeadline(time.Unix(1, 0))
	})
}
