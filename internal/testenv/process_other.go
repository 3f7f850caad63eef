//go:build !linux

package testenv

import "syscall"

// endWithParent can do nothing here: only Linux knows the signal. Main still
// stops what it started; only a killed test binary leaves its servers behind.
func endWithParent(*syscall.SysProcAttr, syscall.Signal) {}
