package transfer

import (
	"fmt"
	"io"
	"net/http"

	"github.com/labstack/echo/v4"
)

// AsProblem runs send, which gives bytes by http.ServeContent, and makes
// a problem of the plain text with which that refuses a range or a condition.
func AsProblem(c echo.Context, send func() error) error {
	r := c.Response()
	w := &errorCatcher{ResponseWriter: r.Writer}
	r.Writer = w
	err := send()
	r.Writer = w.ResponseWriter
	if err != nil || w.status == 0 {
		return err
	}
	r.Committed, r.Size = false, 0
	r.Header().Del("Content-Disposition")
	r.Header().Del("Content-Type")
	if w.status >= http.StatusInternalServerError {
		return fmt.Errorf("sending bytes: status %d", w.status)
	}
	return &echo.HTTPError{Code: w.status}
}

// A errorCatcher keeps answers that are errors to itself.
type errorCatcher struct {
	http.ResponseWriter
	status int // of the error; zero: there is none
}

// Unwrap lets http.ResponseController find the writer of the connection.
func (w *errorCatcher) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// WriteHeader implements http.ResponseWriter.
func (w *errorCatcher) WriteHeader(status int) {
	if status >= http.StatusBadRequest {
		w.status = status
		return
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write implements io.Writer.
func (w *errorCatcher) Write(p []byte) (int, error) {
	if w.status != 0 {
		return len(p), nil
	}
	return w.ResponseWriter.Write(p)
}

// ReadFrom implements io.ReaderFrom, so that the kernel still copies files by
// itself.
func (w *errorCatcher) ReadFrom(r io.Reader) (int64, error) {
	if w.status != 0 {
		return io.Copy(io.Discard, r)
	}
	return io.Copy(w.ResponseWriter, r)
}
