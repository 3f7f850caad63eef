package handlers_test

import (
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"
	"time"

	"example.org/cloakroom/internal/handlers"
)

// A boundServer answers requests at once, but for those to /busy, which last until
// the test ends.
type boundServer struct {
	*httptest.Server
	t      *testing.T
	waited chan string // the remote addresses of connections that wait for a further request
}

func newBoundServer(t *testing.T, bounds handlers.Connections) boundServer {
	t.Helper()
	ended := make(chan struct{})
	server := httptest.NewUnstartedServer(nil)
	server.Config = handlers.HTTPServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/busy" {
			_ = http.NewResponseController(w).Flush()
			select {
			case <-ended:
			case <-r.Context().Done(): // the client is gone
			}
		}
	}), slog.New(slog.DiscardHandler))
	waited := tellOfIdle(server.Config, bounds)
	server.Start()
	t.Cleanup(server.Close)
	t.Cleanup(func() { close(ended) })
	return boundServer{server, t, waited}
}

// tellOfIdle makes server keep the bounds, and returns a channel with the remote address
// of each connection that begins to wait for a further request. A client has its answer
// before that.
func tellOfIdle(server *http.Server, bounds handlers.Connections) chan string {
	waited := make(chan string, 100)
	bounds.Limit(server)
	follow := server.ConnState
	server.ConnState = func(conn net.Conn, state http.ConnState) {
		follow(conn, state)
		if state == http.StateIdle {
			waited <- conn.RemoteAddr().String()
		}
	}
	return waited
}

// idle sends a request on each connection, and returns when the server waits for the
// next on all of them.
func (s boundServer) idle(conns ...net.Conn) {
	s.t.Helper()
	for _, conn := range conns {
		if !served(conn, "/") {
			s.t.Fatal("not served")
		}
		for <-s.waited != conn.LocalAddr().String() {
		}
	}
}

// dial connects from an address of this machine.
func (s boundServer) dial(from string) net.Conn {
	s.t.Helper()
	dialer := net.Dialer{LocalAddr: net.TCPAddrFromAddrPort(netip.AddrPortFrom(netip.MustParseAddr(from), 0))}
	conn := must(dialer.DialContext(s.t.Context(), "tcp", s.Listener.Addr().String()))(s.t)
	s.t.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
	return conn
}

// served sends a request for path, and reports whether an answer begins.
func served(conn net.Conn, path string) bool {
	_, _ = io.WriteString(conn, "GET "+path+" HTTP/1.1\r\nHost: x\r\n\r\n")
	buffer := make([]byte, 4096)
	n, _ := conn.Read(buffer)
	return n > 0
}

// ended waits for the server to close the connection.
func ended(conn net.Conn) bool {
	_, err := io.Copy(io.Discard, conn)
	timeout, ok := err.(net.Error) //nolint:errorlint // package net returns it bare
	return !ok || !timeout.Timeout()
}

// All connections of an address are busy: it gets no more, and others do.
func TestConnections_OfOneAddressAreAShare(t *testing.T) {
	s := newBoundServer(t, handlers.Connections{Most: 10, Share: 2})
	first := s.dial("127.0.0.1")
	if !served(first, "/busy") || !served(s.dial("127.0.0.1"), "/busy") {
		t.Fatal("the share is not served")
	}
	if served(s.dial("127.0.0.1"), "/") {
		t.Error("one more than the share is served")
	}
	if !served(s.dial("127.0.0.2"), "/") {
		t.Error("another address is not served")
	}
	first.Close()
	for late := time.Now().Add(10 * time.Second); !served(s.dial("127.0.0.1"), "/"); {
		if time.Now().After(late) {
			t.Fatal("a connection that ended is counted for ever")
		}
	}
}

// A new connection over the share closes that which waits longest, of its own address.
func TestConnections_OfOneAddressCloseTheirIdleOnes(t *testing.T) {
	s := newBoundServer(t, handlers.Connections{Most: 10, Share: 2})
	other, idle, fresh := s.dial("127.0.0.2"), s.dial("127.0.0.1"), s.dial("127.0.0.1")
	s.idle(other, idle)
	if !served(s.dial("127.0.0.1"), "/busy") || !ended(idle) {
		t.Error("the idle connection was not closed for a new one")
	}
	if !served(s.dial("127.0.0.1"), "/busy") || !ended(fresh) {
		t.Error("the connection without a request was not closed for a new one")
	}
	if !served(other, "/") {
		t.Error("the connection of another address was closed")
	}
}

// An address that holds all connections without asking for anything loses them to others:
// idle ones, those that never asked, and those that dribble a header.
func TestConnections_WhenAllAreOpenTheLongestWaitingCloses(t *testing.T) {
	s := newBoundServer(t, handlers.Connections{Most: 3, Share: 3})
	dribbling, idle, silent := s.dial("127.0.0.1"), s.dial("127.0.0.1"), s.dial("127.0.0.1")
	if _, err := io.WriteString(dribbling, "GET / HTTP/1.1\r\nHost: x\r\nX: "); err != nil {
		t.Fatal(err)
	}
	s.idle(idle)
	for i, victim := range []net.Conn{idle, dribbling, silent} {
		if !served(s.dial("127.0.0.2"), "/busy") || !ended(victim) {
			t.Errorf("connection %d was not closed for a new one", i)
		}
	}
	if served(s.dial("127.0.0.3"), "/") {
		t.Error("one more than all is served though all are busy")
	}
}

// A trusted proxy has no share, and is bounded with all others.
func TestConnections_OfAProxyHaveNoShare(t *testing.T) {
	s := newBoundServer(t, handlers.Connections{Most: 3, Share: 1, Exempt: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}})
	for range 3 {
		if !served(s.dial("127.0.0.1"), "/busy") {
			t.Fatal("a proxy is not served")
		}
	}
	if served(s.dial("127.0.0.1"), "/") {
		t.Error("one more than all is served")
	}
}

// Over TLS and HTTP/2 idle connections are closed, too.
func TestConnections_OverHTTP2(t *testing.T) {
	server := httptest.NewUnstartedServer(nil)
	server.Config = handlers.HTTPServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}), slog.New(slog.DiscardHandler))
	waited := tellOfIdle(server.Config, handlers.Connections{Most: 1, Share: 1})
	server.EnableHTTP2 = true
	server.StartTLS()
	t.Cleanup(server.Close)
	settings := server.Client().Transport.(*http.Transport).TLSClientConfig
	for range 3 {
		transport := &http.Transport{TLSClientConfig: settings.Clone(), ForceAttemptHTTP2: true}
		t.Cleanup(transport.CloseIdleConnections)
		got, err := (&http.Client{Transport: transport}).Get(server.URL)
		if err != nil || got.ProtoMajor != 2 {
			t.Fatalf("%v, %v", got, err)
		}
		got.Body.Close()
		<-waited
	}
}
