package transfer

import (
	"bufio"
	"io"
	"net/http"
	"time"
)

// minBytesIn is how many bytes of an upload must arrive within the read timeout. With
// the default of a minute, the slowest mobile connection sends much more; a client
// that sends single bytes to occupy a connection is disconnected.
const minBytesIn = 16 << 10

// slack is the fraction of the timeout by which a deadline can be late: setting it at
// every read costs more than the read.
const slack = 10

// bodyBuffer is how many bytes of an upload one read requests. mime/multipart alone
// would request 4 KiB each, with as many system calls.
const bodyBuffer = 64 << 10

// A minRateReader moves the read deadline while bytes arrive, so that a slow upload
// continues and a stalled one ends. Only the time spent waiting for bytes counts, not
// the time in which the site processes them.
type minRateReader struct {
	io.ReadCloser
	control  *http.ResponseController
	idle     time.Duration
	left     time.Duration // until minBytesIn bytes must have arrived
	arrived  int           // of those bytes
	deadline time.Time     // as last set, without the slack
	count    func(n int)   // is told of all bytes, for the metrics
}

// newMinRateBody returns body behind a minRateReader, which tells count of its bytes, and a buffer.
func newMinRateBody(body io.ReadCloser, control *http.ResponseController, idle time.Duration, count func(n int)) io.ReadCloser {
	reader := &minRateReader{ReadCloser: body, control: control, idle: idle, left: idle, count: count}
	return struct {
		io.Reader
		io.Closer
	}{bufio.NewReaderSize(reader, bodyBuffer), body}
}

// Read implements io.Reader.
func (r *minRateReader) Read(p []byte) (int, error) {
	start := time.Now() //nolint:forbidigo // the network keeps real time
	if deadline := start.Add(r.left); deadline.Sub(r.deadline).Abs() > r.idle/slack {
		r.deadline = deadline
		// The slack makes it late rather than early, because one deadline can serve
		// several periods. It fails only without a connection, as in tests.
		_ = r.control.SetReadDeadline(deadline.Add(r.idle / slack))
	}
	n, err := r.ReadCloser.Read(p)
	r.count(n)
	r.left -= time.Since(start) //nolint:forbidigo // as above
	if r.arrived += n; r.arrived >= minBytesIn {
		r.arrived, r.left = 0, r.idle
	}
	return n, err
}
