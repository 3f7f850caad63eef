package transfer

import (
	"fmt"
	"io"
	"net/http"

	"github.com/labstack/echo/v4"
)

// AsProblem calls send and turns the error responses of http.ServeContent, which are
// plain text, into errors, so that clients of the API get problem documents.
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

// An errorCatcher discards error responses and keeps their status.
type errorCatcher struct {
	http.ResponseWriter
	status int // of the error response; zero: none
}

// Unwrap gives http.ResponseController the writer of the connection.
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

// ReadFrom implements io.ReaderFrom, so that the kernel copies files.
func (w *errorCatcher) ReadFrom(r io.Reader) (int64, error) {
	if w.status != 0 {
		return io.Copy(io.Discard, r)
	}
	return io.Copy(w.ResponseWriter, r)
}
