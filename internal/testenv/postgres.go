package testenv

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
)

type postgresServer struct {
	bin      string // directory of the programs
	port     string
	password string

	prepareOnce sync.Once // by which the database "prepared" was made
	prepareErr  error
}

// Postgres returns the URL of a new, empty database that is dropped when the
// test ends.
func Postgres(t testing.TB) string {
	t.Helper()
	return shared.startPostgres(t).copyOf(t, "template0")
}

// PostgresFrom is Postgres for a database that is a copy of one which prepare has
// filled. All tests of a process that call it share the copied database, so they
// all pass the same prepare. It must leave no connection open.
func PostgresFrom(t testing.TB, prepare func(url string) error) string {
	t.Helper()
	s := shared.startPostgres(t)
	s.prepareOnce.Do(func() {
		const name = "prepared"
		out, err := s.client(context.Background(), "createdb", "--template=template0", name).CombinedOutput()
		if err != nil {
			s.prepareErr = fmt.Errorf("createdb: %w\n%s", err, out)
			return
		}
		s.prepareErr = prepare(s.url(name))
	})
	if s.prepareErr != nil {
		t.Fatal(s.prepareErr)
	}
	return s.copyOf(t, "prepared")
}

// copyOf returns the URL of a copy of a database, which is dropped when the test
// ends.
func (s *postgresServer) copyOf(t testing.TB, template string) string {
	t.Helper()
	name := "test_" + strings.ToLower(rand.Text())
	if out, err := s.client(context.Background(), "createdb", "--template="+template, name).CombinedOutput(); err != nil {
		t.Fatalf("createdb: %v\n%s", err, out)
	}
	t.Cleanup(func() {
		out, err := s.client(context.Background(), "dropdb", "--force", "--if-exists", name).CombinedOutput()
		if err != nil {
			t.Errorf("dropdb: %v\n%s", err, out)
		}
	})
	return s.url(name)
}

func (s *postgresServer) url(database string) string {
	u := url.URL{
		Scheme: "postgres", User: url.UserPassword("postgres", s.password),
		Host: "127.0.0.1:" + s.port, Path: "/" + database, RawQuery: "sslmode=disable",
	}
	return u.String()
}

func (e *environment) startPostgres(t testing.TB) *postgresServer {
	t.Helper()
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.postgres != nil {
		return e.postgres
	}
	bin := postgresBin()
	if bin == "" {
		Missing(t, "PostgreSQL", "`apt-get install postgresql`")
	}
	e.open(t)
	s := &postgresServer{bin: bin, password: rand.Text()}
	attr, err := unprivileged()
	if err != nil {
		Missing(t, "PostgreSQL", "`apt-get install postgresql`: "+err.Error())
	}
	data, err := s.initialize(t.Context(), e.dir, attr)
	if err != nil {
		t.Fatal(err)
	}
	// SIGQUIT stops PostgreSQL at once. It skips the checkpoint, which test data
	// does not need, but ends the child processes and frees the shared memory,
	// which SIGKILL does not.
	s.port, err = e.serve("postgres", syscall.SIGQUIT, func(port string) *exec.Cmd {
		cmd := exec.Command(filepath.Join(bin, "postgres"), "-D", data, "-h", "127.0.0.1", "-p", port, "-k", "",
			"-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off",
			"-c", "shared_buffers=32MB", "-c", "max_connections=200")
		cmd.Dir, cmd.SysProcAttr = data, attr
		return cmd
	}, func(ctx context.Context, port string) bool {
		return exec.CommandContext(ctx, filepath.Join(bin, "pg_isready"), "-q", "-h", "127.0.0.1", "-p", port).Run() == nil
	})
	if err != nil {
		t.Fatal(err)
	}
	e.postgres = s
	return s
}

// initialize creates a cluster below dir and returns its directory. The
// superuser has a password because other users of the machine can reach the port.
func (s *postgresServer) initialize(ctx context.Context, dir string, attr *syscall.SysProcAttr) (string, error) {
	home := filepath.Join(dir, "postgres")
	if err := os.Mkdir(home, 0o700); err != nil {
		return "", err
	}
	secret := filepath.Join(home, "password")
	if err := os.WriteFile(secret, []byte(s.password), 0o600); err != nil {
		return "", err
	}
	if attr.Credential != nil {
		for _, path := range []string{home, secret} {
			if err := os.Chown(path, int(attr.Credential.Uid), int(attr.Credential.Gid)); err != nil {
				return "", err
			}
		}
	}
	data := filepath.Join(home, "data")
	cmd := exec.CommandContext(ctx, filepath.Join(s.bin, "initdb"), "-D", data, "-U", "postgres", "--no-sync",
		"--encoding=UTF8", "--locale=C.UTF-8", "--auth=scram-sha-256", "--pwfile="+secret)
	cmd.Dir, cmd.SysProcAttr = home, attr
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("initdb: %w\n%s", err, out)
	}
	return data, nil
}

func (s *postgresServer) client(ctx context.Context, program string, args ...string) *exec.Cmd {
	args = append([]string{"-h", "127.0.0.1", "-p", s.port, "-U", "postgres", "-w"}, args...)
	cmd := exec.CommandContext(ctx, filepath.Join(s.bin, program), args...)
	cmd.Env = append(os.Environ(), "PGPASSWORD="+s.password)
	return cmd
}

// unprivileged returns process attributes that drop root, under which PostgreSQL
// refuses to run.
func unprivileged() (*syscall.SysProcAttr, error) {
	attr := &syscall.SysProcAttr{}
	if os.Getuid() != 0 {
		return attr, nil
	}
	account, err := user.Lookup("postgres")
	if err != nil {
		return nil, err
	}
	uid, err := strconv.ParseUint(account.Uid, 10, 32)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.ParseUint(account.Gid, 10, 32)
	if err != nil {
		return nil, err
	}
	attr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	return attr, nil
}

// postgresBin returns the program directory of the newest PostgreSQL, or "" if
// none is installed. Debian keeps these programs off PATH; other systems do not.
func postgresBin() string {
	dirs, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	version := func(dir string) int {
		n, _ := strconv.Atoi(filepath.Base(filepath.Dir(dir)))
		return n
	}
	slices.SortFunc(dirs, func(a, b string) int { return version(b) - version(a) })
	for _, dir := range dirs {
		if _, err := exec.LookPath(filepath.Join(dir, "initdb")); err == nil {
			return dir
		}
	}
	if len(dirs) == 0 {
		if path := find(nil, "initdb"); path != "" {
			return filepath.Dir(path)
		}
	}
	return ""
}
