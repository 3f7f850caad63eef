package testenv

import (
	"os/exec"
	"testing"
)

// Compose returns a command of docker-compose, which needs no Docker engine to read a file.
func Compose(t testing.TB, args ...string) *exec.Cmd {
	t.Helper()
	path := find(nil, "docker-compose")
	if path == "" {
		Missing(t, "docker-compose", "`apt-get install docker-compose`")
	}
	return exec.CommandContext(t.Context(), path, args...)
}
