package e2e_test

import (
	"context"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"example.org/cloakroom/internal/testenv"
)

// A socket is a listening socket passed on by a service manager.
type socket struct {
	name string
	file *os.File
}

// startWith starts a server at p as systemd does, with sockets from descriptor 3 on. It
// does not wait until the server is ready.
func startWith(t *testing.T, p place, sockets []socket, extra ...string) *site {
	t.Helper()
	s := &site{t: t, place: p, extra: extra, log: newOutput(), said: newOutput()}
	cmd := s.command()
	var names []string
	for _, socket := range sockets {
		names = append(names, socket.name)
		cmd.ExtraFiles = append(cmd.ExtraFiles, socket.file)
	}
	cmd.Env = append(cmd.Env, "LISTEN_FDS="+strconv.Itoa(len(sockets)), "LISTEN_FDNAMES="+strings.Join(names, ":"))
	// LISTEN_PID must be the ID of the process itself.
	cmd.Args = []string{"sh", "-c", `LISTEN_PID=$$ exec "$0" serve`, cmd.Path}
	cmd.Path = "/bin/sh"
	cmd.Stdout, cmd.Stderr = s.log, s.said
	s.program = testenv.Start(t, cmd)
	return s
}

// open returns a listening socket and its address.
func open(t *testing.T, name, network, addr string) (socket, string) {
	t.Helper()
	var holder interface{ File() (*os.File, error) }
	var at net.Addr
	if network == "udp" {
		conn, err := new(net.ListenConfig).ListenPacket(t.Context(), network, addr)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() })
		holder, at = conn.(*net.UDPConn), conn.LocalAddr()
	} else {
		l, err := new(net.ListenConfig).Listen(t.Context(), network, addr)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = l.Close() })
		holder, at = l.(interface{ File() (*os.File, error) }), l.Addr()
	}
	file, err := holder.File()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() })
	return socket{name, file}, at.String()
}

// The server uses the sockets that systemd passes on, by name, instead of ADDR. It answers
// connections made before it started, and notifies systemd when it is ready and stopping.
func TestActivation(t *testing.T) {
	for _, names := range [][2]string{{"site", "redirect"}, {"redirect", "site"}} {
		t.Run(strings.Join(names[:], ":"), func(t *testing.T) {
			first, firstAddr := open(t, names[0], "tcp", "127.0.0.1:0")
			second, secondAddr := open(t, names[1], "tcp", "127.0.0.1:0")
			addr := firstAddr
			if second.name == "site" {
				addr = secondAddr
			}
			_, taken := open(t, "", "tcp", "127.0.0.1:0") // listening on this address would fail
			manager := filepath.Join(t.TempDir(), "notify")
			told, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: manager, Net: "unixgram"})
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = told.Close() }()

			early := make(chan error, 1)
			go func() { early <- isAlive(t.Context(), addr) }()
			s := startWith(t, sqliteAndDisk(t), []socket{first, second}, "ADDR="+taken, "NOTIFY_SOCKET="+manager)
			if got := hear(t, s, told); got != "READY=1" {
				t.Errorf("the service manager was told %q, want READY=1", got)
			}
			if err := <-early; err != nil {
				t.Errorf("who came before the server was there: %v", err)
			}
			if err := isAlive(t.Context(), addr); err != nil {
				t.Error(err)
			}
			if got := s.log.field("listening", "addr"); got != addr {
				t.Errorf("the log says that it listens on %q, want %q", got, addr)
			}
			if code := s.stop(); code != 0 {
				t.Errorf("the server ended with %d, want 0", code)
			}
			if got := hear(t, s, told); got != "STOPPING=1" {
				t.Errorf("the service manager was told %q, want STOPPING=1", got)
			}
			s.wantNoErrors()
		})
	}
}

// The server refuses to start with a socket that it would not serve.
func TestActivation_RefusesUnusableSockets(t *testing.T) {
	site, _ := open(t, "site", "tcp", "127.0.0.1:0")
	again, _ := open(t, "site", "tcp", "127.0.0.1:0")
	unnamed, _ := open(t, "cloakroom-site.socket", "tcp", "127.0.0.1:0") // systemd's default name
	datagrams, _ := open(t, "site", "udp", "127.0.0.1:0")
	local, _ := open(t, "site", "unix", filepath.Join(t.TempDir(), "site"))
	for _, tt := range []struct {
		name    string
		sockets []socket
		says    string
	}{
		{"an unknown name", []socket{site, unnamed}, `no socket is called "cloakroom-site.socket", only "site" and "redirect" are`},
		{"a name twice", []socket{site, again}, `two sockets are called "site"`},
		{"datagrams", []socket{datagrams}, `"site" is no socket to listen on`},
		{"a socket of this machine", []socket{local}, `"site" is a socket of unix, and must be of TCP`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := startWith(t, sqliteAndDisk(t), tt.sockets)
			if code, ended := s.program.Wait(patience); !ended || code != 1 {
				t.Errorf("the server ended: %t, with %d, want 1", ended, code)
			}
			if !strings.Contains(s.said.String(), tt.says) {
				t.Errorf("the server said %q, want %q in it", s.said, tt.says)
			}
		})
	}
}

// hear returns the next notification of s to its service manager.
func hear(t *testing.T, s *site, manager *net.UnixConn) string {
	t.Helper()
	if err := manager.SetReadDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	message := make([]byte, 512)
	n, err := manager.Read(message)
	if err != nil {
		t.Fatalf("the service manager hears nothing: %v\n%s%s", err, s.said, s.log)
	}
	return string(message[:n])
}

// isAlive requests /livez of the server at addr.
func isAlive(ctx context.Context, addr string) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr+"/livez", nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	if err := resp.Body.Close(); err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return errText(resp.Status)
	}
	return nil
}
