package e2e_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"example.org/cloakroom/internal/testenv"
)

// patience is the time limit for any expected event. Only failing tests use it up.
const patience = time.Minute

// A site is a running server.
type site struct {
	t       *testing.T
	place   place
	extra   []string
	binary  func(*testing.T) string // path of the server; nil: serverBinary
	url     string
	program *testenv.Program
	log     *output // standard output
	said    *output // standard error
}

// wide raises all limits beyond what a test reaches by chance.
const wide = "LIMITS=*=1000000-S,reset=1000000-S,login=1000000-S,login-account=1000000-S,register=1000000-S,browser=1000000-S," +
	"upload-bytes=1PiB-D,download-bytes=1PiB-D"

// startSite starts a server at p, with settings that suit a small machine. Extra settings take
// precedence.
func startSite(t *testing.T, p place, extra ...string) *site {
	t.Helper()
	s := &site{t: t, place: p, extra: extra}
	s.start()
	return s
}

// command returns a command of the server's program with the settings of the site.
func (s *site) command(args ...string) *exec.Cmd {
	binary := serverBinary
	if s.binary != nil {
		binary = s.binary
	}
	cmd := exec.Command(binary(s.t), args...)
	cmd.Dir = s.t.TempDir()
	cmd.Env = append([]string{
		"PATH=" + os.Getenv("PATH"), "ADDR=127.0.0.1:0", "ARGON2=7MiB,5,2", wide,
	}, s.place.settings...)
	cmd.Env = append(cmd.Env, s.extra...)
	return cmd
}

// start starts the server, or restarts it after it was stopped or killed.
func (s *site) start() {
	s.t.Helper()
	s.log, s.said = newOutput(), newOutput()
	cmd := s.command("serve")
	cmd.Stdout, cmd.Stderr = s.log, s.said
	s.program = testenv.Start(s.t, cmd)
	eventually(s.t, "the server listens", func() bool {
		select {
		case <-s.program.Done():
			s.t.Fatalf("the server ended at once:\n%s%s", s.said, s.log)
		default:
		}
		addr := s.log.field("listening", "addr")
		s.url = "http://" + addr
		return addr != "" && strings.Contains(s.said.String(), "Cloakroom is at") // the last that it says
	})
}

// stop stops the server gracefully and returns its exit code.
func (s *site) stop() int {
	s.t.Helper()
	s.program.Signal(syscall.SIGTERM)
	code, ended := s.program.Wait(patience)
	if !ended {
		s.t.Fatalf("the server did not stop:\n%s", s.log)
	}
	return code
}

// wantNoErrors fails the test if the server has logged an error.
func (s *site) wantNoErrors() {
	s.t.Helper()
	for line := range strings.Lines(s.log.String()) {
		if strings.Contains(line, `"level":"ERROR"`) {
			s.t.Errorf("the server logged %s", line)
		}
	}
}

// setupLink returns the path of the setup link that the server printed, or "".
func (s *site) setupLink() string { return setupLinkIn(s.said.String()) }

// setupLinkIn returns the path of the setup link in what a program printed, or "".
func setupLinkIn(said string) string {
	_, link, _ := strings.Cut(said, "/setup/")
	link, _, _ = strings.Cut(link, "\n")
	if link == "" {
		return ""
	}
	return "/setup/" + strings.TrimSpace(link)
}

// An output collects the output of a running program.
type output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func newOutput() *output { return &output{} }

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}

// field returns a field of the first log line with this message, or "".
func (o *output) field(msg, name string) string {
	lines := bufio.NewReader(strings.NewReader(o.String()))
	for {
		line, err := lines.ReadBytes('\n')
		if err == io.EOF {
			return ""
		}
		var entry map[string]any
		if json.Unmarshal(line, &entry) == nil && entry["msg"] == msg {
			value, _ := entry[name].(string)
			return value
		}
	}
}

// eventually waits until done returns true, and fails the test after patience.
func eventually(t *testing.T, what string, done func() bool) {
	t.Helper()
	deadline := time.After(patience)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !done() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("waited %v, and still not: %s", patience, what)
		}
	}
}
