package testenv_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"example.org/cloakroom/internal/testenv"
)

func TestMain(m *testing.M) { testenv.Main(m) }

func TestPostgres(t *testing.T) {
	first, second := testenv.Postgres(t), testenv.Postgres(t)
	if first == second {
		t.Errorf("both databases are %s", first)
	}
	for _, raw := range []string{first, second} {
		u, err := url.Parse(raw)
		if err != nil || u.Scheme != "postgres" || u.Hostname() != "127.0.0.1" {
			t.Fatalf("URL %q, %v; want postgres://…@127.0.0.1…", raw, err)
		}
		wantOpen(t, u.Host)
	}
}

func TestS3(t *testing.T) {
	first, second := testenv.S3(t), testenv.S3(t)
	if first.Endpoint != second.Endpoint || first.Bucket == second.Bucket {
		t.Errorf("got %v and %v, want two buckets on one server", first, second)
	}
	resp, err := http.Get(first.Endpoint + "/" + first.Bucket)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusForbidden {
		t.Errorf("status without a key = %d, want 403", resp.StatusCode)
	}
}

func TestRedis(t *testing.T) {
	server := testenv.Redis(t)
	u, err := url.Parse(server.URL())
	if err != nil {
		t.Fatal(err)
	}
	if got := ask(t, u, "SET a b", "GET a"); got != "+OK $1 b" {
		t.Errorf("answers %q", got)
	}
	server.Kill()
	wantClosed(t, u.Host)
	server.Restart(t)
	if got := ask(t, u, "SET a b", "GET a"); got != "+OK $1 b" {
		t.Errorf("after a restart it answers %q", got)
	}
}

func TestRedisAt(t *testing.T) {
	now := time.Date(2026, 5, 4, 3, 2, 1, 0, time.UTC)
	server := testenv.RedisAt(t, now)
	u, err := url.Parse(server.URL())
	if err != nil {
		t.Fatal(err)
	}
	for _, jump := range []time.Duration{0, 1500 * time.Millisecond, time.Microsecond, -24 * time.Hour, 999999 * time.Microsecond} {
		now = now.Add(jump)
		server.SetClock(t, now)
		seconds, micros := strconv.FormatInt(now.Unix(), 10), strconv.Itoa(now.Nanosecond()/1000)
		want := fmt.Sprintf("*2 $%d %s $%d %s", len(seconds), seconds, len(micros), micros)
		for range 3 { // it stands still
			if got := ask(t, u, "TIME"); got != want {
				t.Errorf("the server's time is %q, want %q", got, want)
			}
		}
	}
}

// ask sends commands and returns the answers, one line after the other.
func ask(t *testing.T, u *url.URL, commands ...string) string {
	t.Helper()
	conn, err := net.Dial("tcp", u.Host)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	password, _ := u.User.Password()
	all := strings.Join(commands, "\r\n")
	if _, err := conn.Write([]byte("AUTH " + password + "\r\n" + all + "\r\nQUIT\r\n")); err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(conn)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Join(strings.Fields(string(answer)), " ")
	return strings.TrimSuffix(strings.TrimPrefix(text, "+OK "), " +OK")
}

func TestChromium(t *testing.T) {
	if _, err := os.Stat(testenv.Chromium(t)); err != nil {
		t.Error(err)
	}
}

// TestKilled kills a test binary that has both servers running. They must end
// too, or machines would fill with servers of interrupted runs.
func TestKilled(t *testing.T) {
	if testing.Short() {
		t.Log("short: the servers are not killed")
		return
	}
	testenv.Postgres(t) // or the child would be skipped, and silent
	testenv.S3(t)
	dir := t.TempDir()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestChild$", "-test.v")
	cmd.Env = append(os.Environ(), "TESTENV_CHILD=1", "TMPDIR="+dir)
	// PostgreSQL's own user must reach its directory.
	if err := errors.Join(os.Chmod(dir, 0o755), os.Chmod(dir+"/..", 0o755)); err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var hosts []string
	for lines := bufio.NewScanner(out); len(hosts) < 2 && lines.Scan(); {
		if host, ok := strings.CutPrefix(lines.Text(), "host "); ok {
			hosts = append(hosts, host)
		}
	}
	if len(hosts) != 2 {
		t.Fatalf("the child told %q, want two hosts", hosts)
	}
	for _, host := range hosts {
		wantOpen(t, host)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // "signal: killed"
	for _, host := range hosts {
		wantClosed(t, host)
	}
}

// TestChild is the test binary that TestKilled kills.
func TestChild(t *testing.T) {
	if os.Getenv("TESTENV_CHILD") != "1" {
		return
	}
	u, err := url.Parse(testenv.Postgres(t))
	if err != nil {
		t.Fatal(err)
	}
	tell := func(host string) { _, _ = os.Stdout.WriteString("\nhost " + host + "\n") }
	tell(u.Host)
	tell(strings.TrimPrefix(testenv.S3(t).Endpoint, "http://"))
	select {} // until killed
}

func wantOpen(t *testing.T, host string) {
	t.Helper()
	conn, err := net.Dial("tcp", host)
	if err != nil {
		t.Fatal(err)
	}
	_ = conn.Close()
}

// wantClosed waits for the port to refuse: the kernel sends the signal at
// once, but a server takes a moment to die of it.
func wantClosed(t *testing.T, host string) {
	t.Helper()
	deadline := time.After(20 * time.Second)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-deadline:
			t.Fatalf("%s still answers", host)
		case <-tick.C:
			conn, err := net.Dial("tcp", host)
			if err != nil {
				return
			}
			_ = conn.Close()
		}
	}
}
