package testenv

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"
	"time"
)

// startTimeout is far longer than any program takes to start, even on a machine
// that is busy with other tests.
const startTimeout = time.Minute

// A process is a running program that ends when the test binary ends.
type process struct {
	cmd  *exec.Cmd
	quit syscall.Signal
	done chan struct{} // closed when the process has ended
}

// start runs cmd. The kernel sends it the signal quit when the thread that
// started it ends, so a goroutine locks that thread until the process has ended:
// if the test binary is killed, the process ends too.
func (e *environment) start(cmd *exec.Cmd, quit syscall.Signal) (*process, error) {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	endWithParent(cmd.SysProcAttr, quit)
	p := &process{cmd: cmd, quit: quit, done: make(chan struct{})}
	started := make(chan error)
	go func() {
		runtime.LockOSThread() // never unlocked: the thread ends with the goroutine
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait() // its log says how it ended
		}
		close(p.done)
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	e.processes = append(e.processes, p)
	return p, nil
}

func (p *process) stop() {
	_ = p.cmd.Process.Signal(p.quit)
	select {
	case <-p.done:
	case <-time.After(10 * time.Second):
		_ = p.cmd.Process.Kill()
		<-p.done
	}
}

// serve starts the server that command returns on a free loopback port, and
// waits until ready reports that it answers. It tries another port if another
// program takes this one first.
func (e *environment) serve(name string, quit syscall.Signal, command func(port string) *exec.Cmd,
	ready func(ctx context.Context, port string) bool,
) (port string, err error) {
	for range 5 {
		if port, err = freePort(); err != nil {
			return "", err
		}
		if err = e.serveOn(port, name, quit, command(port), ready); err == nil {
			return port, nil
		}
	}
	return "", err
}

func (e *environment) serveOn(port, name string, quit syscall.Signal, cmd *exec.Cmd,
	ready func(ctx context.Context, port string) bool,
) error {
	path := filepath.Join(e.dir, name+".log")
	log, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() { _ = log.Close() }()
	cmd.Stdout, cmd.Stderr = log, log
	p, err := e.start(cmd, quit)
	if err != nil {
		return fmt.Errorf("starting %s: %w", name, err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-p.done:
			text, _ := os.ReadFile(path)
			return fmt.Errorf("%s ended at once:\n%s", name, text)
		case <-ctx.Done():
			p.stop()
			return fmt.Errorf("%s does not answer: %w", name, ctx.Err())
		case <-tick.C:
			if ready(ctx, port) {
				return nil
			}
		}
	}
}

func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	addr, ok := l.Addr().(*net.TCPAddr)
	if !ok {
		return "", errors.Join(errors.New("no TCP address"), l.Close())
	}
	return strconv.Itoa(addr.Port), l.Close()
}
