// Package testenv starts the real programs that tests talk to: PostgreSQL, an
// S3 server, Redis and a browser. It alone knows where they are found, how they are
// started on a free loopback port, and how they are stopped again, also when
// the test binary is killed. Only tests import it.
package testenv

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"
)

// environment is what one test binary has running.
type environment struct {
	mu        sync.Mutex
	inMain    bool
	dir       string // everything the programs write; removed by Main
	lock      *os.File
	processes []*process
	postgres  *postgresServer
	s3        *s3Server
}

// shared is the one changing variable of the package: the servers belong to
// the test binary, and testing gives no other place to keep what outlives a
// test.
var shared environment

// Main runs the tests of a package and then stops what they started. It does
// not return. Every package that uses testenv calls it from its TestMain.
func Main(m *testing.M) {
	shared.mu.Lock()
	shared.inMain = true
	shared.mu.Unlock()
	code := m.Run()
	if err := shared.stop(); err != nil {
		fmt.Fprintln(os.Stderr, "testenv:", err)
		code = max(code, 1)
	}
	os.Exit(code)
}

// Missing ends the test: where every test must run it fails, on a laptop it
// is skipped with the way to install what it needs.
func Missing(t testing.TB, program, install string) {
	t.Helper()
	text := fmt.Sprintf("%s is missing: run `make test-deps` or %s", program, install)
	if os.Getenv("CI") == "true" || os.Getenv("CLOAKROOM_TEST_ALL") == "1" {
		t.Fatal(text)
	}
	t.Skip(text)
}

// find returns the path of the first of names that is a program in one of
// dirs or else on PATH, or "".
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

// open makes sure that there is a directory to work in. The caller holds mu.
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
	// PostgreSQL runs as a user of its own under root and must get through.
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

// stop ends all programs and removes what they wrote.
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

// removeAbandoned removes the directories of test binaries that were killed.
// The kernel drops the lock of a process that is gone, however it went. A
// directory without a lock may be one that is just being made, so it is left
// alone for a while.
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
