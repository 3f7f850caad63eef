package transfer

import (
	"bufio"
	"io"
	"net/http"
	"time"
)

// minBytesIn is how much of an upload must come within the read timeout: with the
// default of a minute, the slowest mobile line does it many times over, and
// one who sends a byte now and then to keep a connection is let go.
const minBytesIn = 16 << 10

// slack is the part of the timeout by which a deadline may be off: setting it
// with every read costs more than reading.
const slack = 10

// bodyBuffer is how much of an upload is asked of the network at once:
// mime/multipart would ask for 4 KiB at a time, and wake the kernel as often.
const bodyBuffer = 64 << 10

// A minRateReader moves the read deadline along as bytes come, so that a slow
// but living upload goes on and a dead one ends. Only the time that is spent
// waiting for bytes counts: the sender cannot help it when we are slow.
type minRateReader struct {
	io.ReadCloser
	control  *http.ResponseController
	idle     time.Duration
	left     time.Duration // until minBytesIn bytes must have come
	came     int           // of them
	deadline time.Time     // that was set last, without the slack
}

// newMinRateBody returns body, to be read at a pace. Its deadline must be set anew.
func newMinRateBody(body io.ReadCloser, control *http.ResponseController, idle time.Duration) io.ReadCloser {
	paced := &minRateReader{ReadCloser: body, control: control, idle: idle, left: idle}
	return struct {
		io.Reader
		io.Closer
	}{bufio.NewReaderSize(paced, bodyBuffer), body}
}

// Read implements io.Reader.
func (r *minRateReader) Read(p []byte) (int, error) {
	start := time.Now() //nolint:forbidigo // the network keeps real time
	if deadline := start.Add(r.left); deadline.Sub(r.deadline).Abs() > r.idle/slack {
		r.deadline = deadline
		// Too late rather than too soon, for it may be set once for several
		// times 16 KiB. It fails in tests without a connection.
		_ = r.control.SetReadDeadline(deadline.Add(r.idle / slack))
	}
	n, err := r.ReadCloser.Read(p)
	r.left -= time.Since(start) //nolint:forbidigo // as above
	if r.came += n; r.came >= minBytesIn {
		r.came, r.left = 0, r.idle
	}
	return n, err
}
