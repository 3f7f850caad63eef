package transfer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/problem"
)

const sentText = "0123456789"

// A hookedServer sends content and records the calls of the hooks.
type hookedServer struct {
	*httptest.Server
	mu     sync.Mutex
	calls  []string
	refuse error // of Begin
	ended  chan struct{}
}

// newHookedServer returns a server that sends content by SendBytes.
func newHookedServer(t *testing.T, content io.ReadSeeker) *hookedServer {
	t.Helper()
	s := &hookedServer{ended: make(chan struct{}, 1)}
	line := &Line{Gate: &gate.Gate{Log: slog.New(slog.DiscardHandler), Options: gate.Options{WriteTimeout: time.Minute}}}
	e := echo.New()
	e.HTTPErrorHandler = func(err error, c echo.Context) {
		if problem.KindOf(err) == problem.NotFound {
			_ = c.String(http.StatusNotFound, "gone")
		}
	}
	send := func(c echo.Context) error {
		return line.SendBytes(c, Bytes{
			Content: content, Size: int64(len(sentText)), MediaType: "text/plain", ETag: `"v1"`,
			May: func(context.Context) error { return nil },
			Begin: func() error {
				s.record("begin")
				return s.refuse
			},
			End: func(sent, length int64) {
				s.record(fmt.Sprintf("end %d of %d", sent, length))
				s.ended <- struct{}{}
			},
		})
	}
	e.GET("/", send)
	e.HEAD("/", send)
	s.Server = httptest.NewServer(e)
	t.Cleanup(s.Close)
	return s
}

func (s *hookedServer) record(call string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, call)
}

// ask sends a request and returns the status, the body and the calls of the hooks.
func (s *hookedServer) ask(t *testing.T, method string, header http.Header, ends bool) (res *http.Response, body, calls string, err error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, s.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header = header
	if res, err = s.Client().Do(req); err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	all, err := io.ReadAll(res.Body)
	if ends {
		<-s.ended
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	calls, s.calls = strings.Join(s.calls, ", "), nil
	return res, string(all), calls, err
}

// The hooks are called for each response that has bytes of the content, and for no
// other.
func TestSendBytes_Hooks(t *testing.T) {
	s := newHookedServer(t, strings.NewReader(sentText))
	tests := []struct {
		name, method string
		header       http.Header
		status       int
		body, calls  string
	}{
		{"whole", http.MethodGet, nil, http.StatusOK, sentText, "begin, end 10 of 10"},
		{"HEAD", http.MethodHead, nil, http.StatusOK, "", ""},
		{"range", http.MethodGet, http.Header{"Range": {"bytes=4-"}}, http.StatusPartialContent, "456789", "begin, end 6 of 6"},
		{"not modified", http.MethodGet, http.Header{"If-None-Match": {`"v1"`}}, http.StatusNotModified, "", ""},
		{"failed condition", http.MethodGet, http.Header{"If-Match": {`"v0"`}}, http.StatusPreconditionFailed, "", ""},
		{"range past the end", http.MethodGet, http.Header{"Range": {"bytes=10-"}}, http.StatusRequestedRangeNotSatisfiable,
			"invalid range: failed to overlap\n", ""},
		{"range of another version", http.MethodGet, http.Header{"Range": {"bytes=4-"}, "If-Range": {`"v0"`}}, http.StatusOK,
			sentText, "begin, end 10 of 10"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			res, body, calls, err := s.ask(t, tt.method, tt.header, tt.calls != "")
			if err != nil || res.StatusCode != tt.status || body != tt.body || calls != tt.calls {
				t.Errorf("%d, %q, hooks %q, %v; want %d, %q, hooks %q", res.StatusCode, body, calls, err, tt.status, tt.body, tt.calls)
			}
		})
	}
}

// An error of Begin is the answer: no byte and no header of the content is sent, and
// End is not called.
func TestSendBytes_BeginRefuses(t *testing.T) {
	s := newHookedServer(t, strings.NewReader(sentText))
	s.refuse = problem.New(problem.NotFound, "The link has ended.")
	res, body, calls, err := s.ask(t, http.MethodGet, nil, false)
	if err != nil || res.StatusCode != http.StatusNotFound || body != "gone" || calls != "begin" {
		t.Errorf("%d, %q, hooks %q, %v", res.StatusCode, body, calls, err)
	}
	if etag := res.Header.Get("ETag"); etag != "" {
		t.Errorf("ETag is %s", etag)
	}
}

// brokenContent fails after its first 4 bytes.
type brokenContent struct{ *strings.Reader }

func (c brokenContent) Read(p []byte) (int, error) {
	if c.Len() <= len(sentText)-4 {
		return 0, errors.New("the disk is broken")
	}
	return c.Reader.Read(p[:min(len(p), 4)])
}

// Content that fails ends the connection before its length, and End is told so.
func TestSendBytes_Cut(t *testing.T) {
	s := newHookedServer(t, brokenContent{strings.NewReader(sentText)})
	res, body, calls, err := s.ask(t, http.MethodGet, nil, true)
	if err == nil || res.ContentLength != 10 || len(body) > 4 || calls != "begin, end 4 of 10" {
		t.Errorf("%d bytes of %d, hooks %q, %v", len(body), res.ContentLength, calls, err)
	}
}
