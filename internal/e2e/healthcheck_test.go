package e2e_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"example.org/cloakroom/internal/testenv"
)

// The health check of a container asks the server at its own address, with and without TLS.
func TestHealthcheck(t *testing.T) {
	for _, tt := range []struct {
		name, asks string // the port follows
		settings   []string
	}{
		{"plain", "http://", nil},
		{"TLS", "https://", []string{"TLS_MODE=self-signed", "PUBLIC_URL=https://files.example.org"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			port := fmt.Sprint(testenv.FreePort(t))
			s := &site{t: t, place: sqliteAndDisk(t), extra: append(tt.settings, "ADDR=127.0.0.1:"+port)}
			wantNotReady := func(when string) {
				t.Helper()
				if out, said, code := s.run("healthcheck"); code != 1 || out != "" || strings.Count(said, "\n") != 1 ||
					!strings.HasPrefix(said, "not ready: ") || !strings.Contains(said, "connection refused") {
					t.Errorf("%s: %d\n%s%s", when, code, out, said)
				}
			}
			wantNotReady("before the start")
			s.start()
			for addr, at := range map[string]string{
				"127.0.0.1:": "127.0.0.1:", ":": "127.0.0.1:", "0.0.0.0:": "127.0.0.1:", "[::]:": "127.0.0.1:", "localhost:": "localhost:",
			} {
				same := *s
				same.extra = append(slices.Clone(s.extra), "ADDR="+addr+port, "HTTP_PROXY=http://127.0.0.1:1", "HTTPS_PROXY=http://127.0.0.1:1")
				want := "ready: " + tt.asks + at + port + "/readyz\n"
				if out, said, code := same.run("healthcheck"); code != 0 || out != want || said != "" {
					t.Errorf("at %s: exit code %d, want 0 and %q:\n%s%s", addr, code, want, out, said)
				}
			}
			if strings.Contains(s.log.String(), "readyz") {
				t.Errorf("successful health checks are in the log:\n%s", s.log)
			}
			s.stop()
			wantNotReady("after the end")
		})
	}
}

// What answers at the address, but is not a server that is ready, is not healthy.
func TestHealthcheck_FailsUnlessReady(t *testing.T) {
	for _, status := range []int{http.StatusServiceUnavailable, http.StatusFound, http.StatusNoContent, http.StatusNotFound} {
		var asked string
		other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			asked = r.Method + " " + r.URL.Path
			w.Header().Set("Location", "/elsewhere")
			w.WriteHeader(status)
		}))
		defer other.Close()
		addr := other.Listener.Addr().String()
		s := &site{t: t, place: sqliteAndDisk(t)}
		want := fmt.Sprintf("not ready: http://%s/readyz answers %d %s\n", addr, status, http.StatusText(status))
		if out, said, code := s.run("healthcheck", "--addr", addr); code != 1 || out != "" || said != want || asked != "GET /readyz" {
			t.Errorf("asked %q: %d\n%s%s", asked, code, out, said)
		}
	}
}

// An address that cannot be asked is an error that says what to do.
func TestHealthcheck_NeedsAnAddress(t *testing.T) {
	s := &site{t: t, place: sqliteAndDisk(t)} // ADDR is 127.0.0.1:0
	if _, said, code := s.run("healthcheck"); code != 1 || said != "ADDR leaves the port open: name the address with --addr\n" {
		t.Errorf("without a port: %d, %s", code, said)
	}
	if _, said, code := s.run("healthcheck", "--addr", "8080"); code != 1 || !strings.HasPrefix(said, "--addr must be an address") {
		t.Errorf("only a port: %d, %s", code, said)
	}
}
