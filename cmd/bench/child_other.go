//go:build !linux

package main

import "os/exec"

func endWithParent(*exec.Cmd) {}

func settle() {}
