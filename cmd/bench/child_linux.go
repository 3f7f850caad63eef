package main

import (
	"os/exec"
	"syscall"
)

// endWithParent makes the kernel send the child a signal if bench is killed.
func endWithParent(cmd *exec.Cmd, quit syscall.Signal) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: quit}
}

// settle flushes writes of earlier uploads, so that they do not slow the next measurement.
func settle() { syscall.Sync() }
