package testenv

import (
	"os/exec"
	"testing"
)

// SystemdAnalyze returns a command that runs systemd-analyze, which checks unit
// files without a running systemd.
func SystemdAnalyze(t testing.TB, args ...string) *exec.Cmd {
	t.Helper()
	path := find(nil, "systemd-analyze")
	if path == "" {
		Missing(t, "systemd-analyze", "`apt-get install systemd`")
	}
	return exec.CommandContext(t.Context(), path, args...)
}
