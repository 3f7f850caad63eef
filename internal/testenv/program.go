package testenv

import (
	"os/exec"
	"syscall"
	"testing"
	"time"
)

// Dir returns a directory that all tests of the package share. Main removes it.
func Dir(t testing.TB) string {
	t.Helper()
	shared.mu.Lock()
	defer shared.mu.Unlock()
	shared.open(t)
	return shared.dir
}

// A Program is a program under test. It ends when the test ends, and when the
// test binary is killed.
type Program struct{ process *process }

// Start starts cmd. The program is killed when the test ends.
func Start(t testing.TB, cmd *exec.Cmd) *Program {
	t.Helper()
	shared.mu.Lock()
	defer shared.mu.Unlock()
	if !shared.inMain {
		t.Fatal("the package has no TestMain that calls testenv.Main")
	}
	process, err := shared.start(cmd, syscall.SIGKILL)
	if err != nil {
		t.Fatal(err)
	}
	program := &Program{process}
	t.Cleanup(program.Kill)
	return program
}

// Pid is the process ID.
func (p *Program) Pid() int { return p.process.cmd.Process.Pid }

// Signal sends the program a signal. It does nothing if the program has ended.
func (p *Program) Signal(s syscall.Signal) { _ = p.process.cmd.Process.Signal(s) }

// Kill ends the program at once and waits until it is gone.
func (p *Program) Kill() {
	p.Signal(syscall.SIGKILL)
	<-p.process.done
}

// Done is closed when the program has ended.
func (p *Program) Done() <-chan struct{} { return p.process.done }

// Wait returns the exit code of the program, or false if it still runs after
// most. The exit code is -1 if a signal ended the program.
func (p *Program) Wait(most time.Duration) (code int, ended bool) {
	select {
	case <-p.process.done:
		return p.process.cmd.ProcessState.ExitCode(), true
	case <-time.After(most):
		return 0, false
	}
}
