package main

import (
	"os/exec"
	"syscall"
)

// endWithParent makes the kernel end the child, should bench be killed.
func endWithParent(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }

// settle writes what earlier uploads left to write, so that a measurement
// does not pay for the one before.
func settle() { syscall.Sync() }
