//go:build !linux

package testenv

import "syscall"

// endWithParent does nothing: only Linux has a signal for this. Main still stops
// the servers; only a killed test binary leaves them running.
func endWithParent(*syscall.SysProcAttr, syscall.Signal) {}
