package testenv

import (
	"bufio"
	"context"
	"crypto/rand"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A RedisServer is a Redis server for one test, which may kill it. It stores
// nothing on disk.
type RedisServer struct {
	program   string
	clock     string // file that libfaketime reads the time from, or ""
	libraries string // to preload for it
	port      string
	password  string
	process   *process
}

// Redis starts a server that stops when the test ends.
func Redis(t testing.TB) *RedisServer {
	t.Helper()
	s := &RedisServer{password: rand.Text()}
	s.launch(t)
	return s
}

// RedisAt is like Redis, but the clock of the server stands still at now until
// SetClock changes it.
func RedisAt(t testing.TB, now time.Time) *RedisServer {
	t.Helper()
	libraries, _ := filepath.Glob("/usr/lib/*/faketime/libfaketimeMT.so.1")
	if len(libraries) == 0 {
		Missing(t, "libfaketime", "`apt-get install faketime`")
	}
	// jemalloc reads the time before libfaketime is ready, and both hang.
	// Preloading the C library makes Redis use its malloc instead.
	s := &RedisServer{password: rand.Text(), libraries: libraries[0] + " libc.so.6", clock: filepath.Join(Dir(t), "clock-"+rand.Text())}
	s.SetClock(t, now)
	s.launch(t)
	return s
}

// URL is the address of the server. It stays the same after Restart.
func (s *RedisServer) URL() string { return "redis://:" + s.password + "@127.0.0.1:" + s.port + "/0" }

// Kill ends the server at once and waits until it is gone.
func (s *RedisServer) Kill() {
	_ = s.process.cmd.Process.Kill()
	<-s.process.done
}

// Restart starts the killed server again, empty, on the same port.
func (s *RedisServer) Restart(t testing.TB) {
	t.Helper()
	shared.mu.Lock()
	defer shared.mu.Unlock()
	if err := shared.serveOn(s.port, "redis-"+s.port, syscall.SIGKILL, s.command(s.port), s.ready); err != nil {
		t.Fatal(err)
	}
	s.process = shared.processes[len(shared.processes)-1]
}

// SetClock moves the clock of a server from RedisAt forwards or backwards to
// now, exact to the microsecond. There it stands still.
func (s *RedisServer) SetClock(t testing.TB, now time.Time) {
	t.Helper()
	// Add half a microsecond: libfaketime computes the fraction in floating point
	// and truncates it.
	text := now.UTC().Truncate(time.Microsecond).Add(500 * time.Nanosecond).Format("2006-01-02 15:04:05.000000000\n")
	next := s.clock + ".next" // renamed, because Redis may read the file at any moment
	if err := os.WriteFile(next, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(next, s.clock); err != nil {
		t.Fatal(err)
	}
}

func (s *RedisServer) launch(t testing.TB) {
	t.Helper()
	if s.program = find(nil, "redis-server", "valkey-server"); s.program == "" {
		Missing(t, "Redis", "`apt-get install redis-server`")
	}
	shared.mu.Lock()
	defer shared.mu.Unlock()
	shared.open(t)
	port, err := shared.serve("redis-"+rand.Text(), syscall.SIGKILL, s.command, s.ready)
	if err != nil {
		t.Fatal(err)
	}
	s.port, s.process = port, shared.processes[len(shared.processes)-1]
	t.Cleanup(s.Kill)
}

// command passes the settings on standard input, because other users of the
// machine can see arguments.
func (s *RedisServer) command(port string) *exec.Cmd {
	cmd := exec.Command(s.program, "-")
	cmd.Stdin = strings.NewReader(strings.Join([]string{
		"bind 127.0.0.1", "port " + port, "requirepass " + s.password, `save ""`, "appendonly no",
	}, "\n"))
	cmd.Dir = shared.dir
	if s.clock != "" {
		cmd.Env = append(os.Environ(), "LD_PRELOAD="+s.libraries, "TZ=UTC",
			"FAKETIME_TIMESTAMP_FILE="+s.clock, "FAKETIME_NO_CACHE=1", "DONT_FAKE_MONOTONIC=1")
	}
	return cmd
}

// ready reports whether our server answers, which it proves by its password.
func (s *RedisServer) ready(ctx context.Context, port string) bool {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", "127.0.0.1:"+port)
	if err != nil {
		return false
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(time.Second))
	if _, err := conn.Write([]byte("AUTH " + s.password + "\r\n")); err != nil {
		return false
	}
	line, err := bufio.NewReader(conn).ReadString('\n')
	return err == nil && line == "+OK\r\n"
}
