package handlers_test

import (
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"example.org/cloakroom/internal/handlers"
)

// dribble sends start and then single bytes until the server closes the
// connection. It reports whether that happened before late.
func dribble(conn net.Conn, start string, late time.Time) bool {
	defer conn.Close()
	_ = conn.SetDeadline(late)
	go func() {
		_, err := io.WriteString(conn, start)
		tick := time.NewTicker(100 * time.Millisecond)
		defer tick.Stop()
		for range tick.C {
			if err != nil {
				return
			}
			_, err = conn.Write([]byte("x"))
		}
	}()
	_, err := io.Copy(io.Discard, conn)
	timeout, ok := err.(net.Error) //nolint:errorlint // package net returns it bare
	return !ok || !timeout.Timeout()
}

// TestSlowloris requires the server to close connections that send too slowly,
// in headers, a form or an upload, while it serves others.
func TestSlowloris(t *testing.T) {
	s := newSiteWith(t, handlers.Options{ReadTimeout: time.Second})
	token := s.program("ann").token
	server := httptest.NewUnstartedServer(nil)
	server.Config = handlers.HTTPServer(s.handler, slog.New(slog.DiscardHandler))
	if most := server.Config.ReadHeaderTimeout; most <= 0 || most > 10*time.Second {
		t.Errorf("headers may take %v", most)
	}
	server.Config.ReadHeaderTimeout = time.Second
	server.Start()
	t.Cleanup(server.Close)
	addr := server.Listener.Addr().String()
	starts := []string{
		"GET / HTTP/1.1\r\nHost: cloakroom.test\r\nX: ",
		"POST /login HTTP/1.1\r\nHost: cloakroom.test\r\nSec-Fetch-Site: same-origin\r\nContent-Type: " +
			"application/x-www-form-urlencoded\r\nContent-Length: 60000\r\n\r\n",
		"PUT /api/v1/files/a.txt HTTP/1.1\r\nHost: cloakroom.test\r\nAuthorization: Bearer " + token + "\r\nContent-Length: 1000000\r\n\r\n",
	}
	const attackers = 500
	ended := make(chan bool, attackers)
	late := time.Now().Add(20 * time.Second)
	for i := range attackers {
		conn := must(net.Dial("tcp", addr))(t)
		go func() { ended <- dribble(conn, starts[i%len(starts)], late) }()
	}
	served := 0
	for left := attackers; left > 0; {
		got := must(http.Get(fmt.Sprintf("http://%s/", addr)))(t)
		body := must(io.ReadAll(got.Body))(t)
		got.Body.Close()
		if got.StatusCode != http.StatusOK || !strings.Contains(string(body), "</html>") {
			t.Fatalf("somebody else gets %s", got.Status)
		}
		served++
		for more := true; more; {
			select {
			case ok := <-ended:
				if left--; !ok {
					t.Fatal("a connection that dribbles is kept")
				}
			default:
				more = false
			}
		}
	}
	t.Logf("%d pages served meanwhile", served)
}

// TestHeaderBytes_AreBounded holds the bound of all headers together, to which
// net/http adds 4 KiB of its own.
func TestHeaderBytes_AreBounded(t *testing.T) {
	server := httptest.NewUnstartedServer(nil)
	server.Config = handlers.HTTPServer(newSite(t).handler, slog.New(slog.DiscardHandler))
	server.Start()
	t.Cleanup(server.Close)
	for size, want := range map[int]string{15 << 10: "HTTP/1.1 200", 21 << 10: "HTTP/1.1 431"} {
		conn := must(net.Dial("tcp", server.Listener.Addr().String()))(t)
		defer conn.Close()
		_, _ = fmt.Fprintf(conn, "GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX: %s\r\n\r\n", strings.Repeat("x", size))
		start := make([]byte, len(want))
		if _, err := io.ReadFull(conn, start); err != nil || string(start) != want {
			t.Errorf("%d bytes: %q, %v, want %q", size, start, err, want)
		}
	}
}
