package testenv

import (
	"context"
	"crypto/rand"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// An S3Config is the address of a bucket and its credentials.
type S3Config struct {
	Endpoint  string // an http URL
	Bucket    string
	AccessKey string
	SecretKey string
}

type s3Server struct {
	config  S3Config
	buckets string // directory whose subdirectories are the buckets
}

// S3 returns a new, empty bucket that is removed when the test ends.
func S3(t testing.TB) S3Config {
	t.Helper()
	s := shared.startS3(t)
	config := s.config
	config.Bucket = "test-" + strings.ToLower(rand.Text())
	dir := filepath.Join(s.buckets, config.Bucket)
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return config
}

func (e *environment) startS3(t testing.TB) *s3Server {
	t.Helper()
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.s3 != nil {
		return e.s3
	}
	program := find(moduleBin(), "versitygw")
	if program == "" {
		Missing(t, "versitygw", "`go install github.com/versity/versitygw/cmd/versitygw@v1.8.0`")
	}
	e.open(t)
	s := &s3Server{
		config:  S3Config{AccessKey: rand.Text(), SecretKey: rand.Text()},
		buckets: filepath.Join(e.dir, "s3", "buckets"),
	}
	// Store metadata in files: not every file system has extended attributes.
	sidecar := filepath.Join(e.dir, "s3", "metadata")
	for _, dir := range []string{s.buckets, sidecar} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	port, err := e.serve("versitygw", syscall.SIGKILL, func(port string) *exec.Cmd {
		cmd := exec.Command(program, "--port", "127.0.0.1:"+port, "--health", "/health", "--quiet",
			"posix", "--sidecar", sidecar, s.buckets)
		cmd.Env = append(os.Environ(), "ROOT_ACCESS_KEY="+s.config.AccessKey, "ROOT_SECRET_KEY="+s.config.SecretKey)
		return cmd
	}, func(ctx context.Context, port string) bool {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://127.0.0.1:"+port+"/health", nil)
		if err != nil {
			return false
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			return false
		}
		defer func() { _ = resp.Body.Close() }()
		return resp.StatusCode == http.StatusOK && resp.Header.Get("Server") == "VERSITYGW"
	})
	if err != nil {
		t.Fatal(err)
	}
	s.config.Endpoint = "http://127.0.0.1:" + port
	e.s3 = s
	return s
}

// moduleBin returns the directory that `make test-deps` installs into: bin beside
// go.mod, which is above the package directory that tests run in.
func moduleBin() []string {
	dir, err := os.Getwd()
	if err != nil {
		return nil
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return []string{filepath.Join(dir, "bin")}
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return nil
		}
		dir = parent
	}
}
