package testenv

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Node returns a command that runs a Node script in web, the directory with the
// sources of the pages, with the packages installed there.
func Node(t testing.TB, web, script string) *exec.Cmd {
	t.Helper()
	path := find(nil, "node", "nodejs")
	if path == "" {
		Missing(t, "Node", "`apt-get install nodejs npm`")
	}
	if _, err := os.Stat(filepath.Join(web, "node_modules", "csp_evaluator")); err != nil {
		Missing(t, "csp_evaluator", "`make assets`")
	}
	cmd := exec.CommandContext(t.Context(), path, script)
	cmd.Dir = web
	return cmd
}
