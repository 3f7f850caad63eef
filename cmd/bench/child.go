package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// A child is a server process started by bench.
type child struct {
	cmd  *exec.Cmd
	addr string
	done chan struct{} // closed when it has ended
	open []io.Closer
}

func start(cmd *exec.Cmd, open ...io.Closer) (*child, error) {
	endWithParent(cmd, syscall.SIGKILL)
	return launch(cmd, open...)
}

func launch(cmd *exec.Cmd, open ...io.Closer) (*child, error) {
	c := &child{cmd: cmd, done: make(chan struct{}), open: open}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		_ = cmd.Wait() // its log tells how it ended
		close(c.done)
	}()
	return c, nil
}

// stop ends the child gracefully, or else kills it.
func (c *child) stop() error {
	if c == nil {
		return nil
	}
	_ = c.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-c.done:
	case <-time.After(20 * time.Second):
		_ = c.cmd.Process.Kill()
		<-c.done
	}
	var errs []error
	for _, o := range c.open {
		errs = append(errs, o.Close())
	}
	return errors.Join(errs...)
}

// startOurs starts the built server on the data in dir. It is configured as in production,
// apart from the rate limits that the loads would reach, and logs to a file. Further settings
// replace these.
func startOurs(ctx context.Context, binary, dir string, settings ...string) (*child, error) {
	addr, err := freeAddr(ctx)
	if err != nil {
		return nil, err
	}
	log, err := os.OpenFile(filepath.Join(dir, "server.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(binary, "serve") //nolint:noctx // stop ends the server
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, log, log
	cmd.Env = append([]string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "TMPDIR=" + dir,
		"ADDR=" + addr, "PUBLIC_URL=http://" + addr, "LOG_LEVEL=info",
		"DATABASE_URL=" + databaseURL(dir), "UPLOAD_DIR=" + filepath.Join(dir, "uploads"),
		"UPLOAD_TYPES=*", "TIERS=free.file=100GiB,free.storage=100TiB,free.post-files=100",
		"LIMITS=*=1000000-S,login=1000000-S,login-account=1000000-S,register=1000000-S,browser=1000000-S," +
			"upload-bytes=1PiB-D,download-bytes=1PiB-D,uploads-at-once=64,downloads-at-once=10000",
	}, settings...)
	c, err := start(cmd, log)
	if err != nil {
		return nil, errors.Join(err, log.Close())
	}
	c.addr = addr
	if err := c.wait(ctx, "/readyz"); err != nil {
		return nil, errors.Join(err, c.stop())
	}
	return c, nil
}

func databaseURL(dir string) string { return "sqlite://" + filepath.Join(dir, "cloakroom.db") }

func freeAddr(ctx context.Context) (string, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// wait returns when the child answers a request for path.
func (c *child) wait(ctx context.Context, path string) error {
	for range 30_000 {
		select {
		case <-c.done:
			return errors.New("the server ended at once: see its log, with -keep")
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Millisecond):
		}
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+c.addr+path, http.NoBody)
		if err != nil {
			return err
		}
		if response, err := http.DefaultClient.Do(request); err == nil {
			_ = response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return nil
			}
		}
	}
	return errors.New("the server does not answer")
}

// startBare starts this program as the bare server.
func startBare(dir string) (*child, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(self, "-bare", dir) //nolint:noctx // stop ends the server
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	c, err := start(cmd)
	if err != nil {
		return nil, errors.Join(err, in.Close())
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return nil, errors.Join(fmt.Errorf("starting the bare server: %w", err), c.stop())
	}
	c.addr = strings.TrimSpace(line)
	return c, nil
}
