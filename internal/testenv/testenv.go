// Package testenv starts the real programs that tests use: PostgreSQL, an S3
// server, Redis, nginx, a mail server, a certificate authority and a browser. It
// alone knows where to find them, how to start them on a free loopback port, and
// how to stop them, also when the test binary is killed. Only tests import it.
package testenv

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"
)

// An environment holds the programs that one test binary has started.
type environment struct {
	mu        sync.Mutex
	inMain    bool
	dir       string // holds everything the programs write; Main removes it
	lock      *os.File
	processes []*process
	postgres  *postgresServer
	s3        *s3Server
}

// shared is the only variable of the package that changes. The servers belong to
// the test binary, and package testing has no other place for what outlives a
// test.
var shared environment

// Main runs the tests of a package, calls atEnd and stops the programs that the
// tests started. It does not return. Each package that uses testenv calls it from
// its TestMain.
func Main(m *testing.M, atEnd ...func()) {
	// Tests allocate much and keep little. Collecting garbage less often saves a
	// fifth of the processor time; the limit bounds the memory.
	debug.SetGCPercent(400)
	debug.SetMemoryLimit(1 << 30)
	shared.mu.Lock()
	shared.inMain = true
	shared.mu.Unlock()
	code := m.Run()
	for _, end := range atEnd {
		end()
	}
	if err := shared.stop(); err != nil {
		fmt.Fprintln(os.Stderr, "testenv:", err)
		code = max(code, 1)
	}
	os.Exit(code)
}

// Missing ends a test that needs a program which is not installed. With CI=true
// or CLOAKROOM_TEST_ALL=1 the test fails; else it is skipped. Either way it says
// how to install the program.
func Missing(t testing.TB, program, install string) {
	t.Helper()
	text := fmt.Sprintf("%s is missing: run `make test-deps` or %s", program, install)
	if os.Getenv("CI") == "true" || os.Getenv("CLOAKROOM_TEST_ALL") == "1" {
		t.Fatal(text)
	}
	t.Skip(text)
}

// find returns the path of the first of names that is a program in one of dirs
// or on PATH, or "" if there is none.
func find(dirs []string, names ...string) string {
	for _, name := range names {
		for _, dir := range dirs {
			if path, err := exec.LookPath(filepath.Join(dir, name)); err == nil {
				return path
			}
		}
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// open creates the directory of the environment if there is none. The caller
// holds mu.
func (e *environment) open(t testing.TB) {
	t.Helper()
	if !e.inMain {
		t.Fatal("the package has no TestMain that calls testenv.Main")
	}
	if e.dir != "" {
		return
	}
	removeAbandoned()
	dir, err := os.MkdirTemp("", dirPattern)
	if err != nil {
		t.Fatal(err)
	}
	e.dir = dir
	// Under root, PostgreSQL runs as its own user, which must reach its directory.
	if err := os.Chmod(dir, 0o711); err != nil {
		t.Fatal(err)
	}
	if e.lock, err = os.Create(filepath.Join(dir, "lock")); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Flock(int(e.lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		t.Fatal(err)
	}
}

// stop ends all programs and removes the directory.
func (e *environment) stop() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, p := range slices.Backward(e.processes) {
		p.stop()
	}
	if e.dir == "" {
		return nil
	}
	defer func() { _ = e.lock.Close() }()
	return os.RemoveAll(e.dir)
}

const dirPattern = "cloakroom-testenv-*"

// removeAbandoned removes the directories of test binaries that were killed: the
// kernel releases the lock of a process that ends. It keeps directories younger
// than a minute, whose lock another test binary may be about to take.
func removeAbandoned() {
	dirs, _ := filepath.Glob(filepath.Join(os.TempDir(), dirPattern))
	for _, dir := range dirs {
		info, err := os.Lstat(dir)
		if err != nil || !info.IsDir() || time.Since(info.ModTime()) < time.Minute {
			continue
		}
		lock, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_RDONLY|syscall.O_NOFOLLOW, 0)
		if err == nil {
			err = syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
			if err == nil {
				_ = os.RemoveAll(dir)
			}
			_ = lock.Close()
		}
	}
}
