package main

import (
	"os/exec"
	"syscall"
)

// endWithParent makes the kernel kill the child if bench is killed.
func endWithParent(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }

// settle flushes writes of earlier uploads, so that they do not slow the next measurement.
func settle() { syscall.Sync() }
