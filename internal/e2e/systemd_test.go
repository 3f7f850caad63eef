package e2e_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.org/cloakroom/internal/testenv"
)

// exposure is the highest accepted rating by `systemd-analyze security`, in tenths of a scale
// from 0 to 10. What remains is the network, and port 443.
const exposure = "15"

// systemd accepts the units that come with Cloakroom, and rates them as well confined.
func TestUnits(t *testing.T) {
	units, err := filepath.Glob("../../deploy/cloakroom*.s*")
	if err != nil || len(units) != 3 {
		t.Fatalf("the units are %q, want the service and its two sockets (%v)", units, err)
	}
	verify := []string{"--man=no", "verify"}
	dir := t.TempDir()
	for _, unit := range units {
		text, err := os.ReadFile(unit)
		if err != nil {
			t.Fatal(err)
		}
		// The unit must name an existing program.
		mine := strings.ReplaceAll(string(text), "/usr/local/bin/cloakroom", serverBinary(t))
		unit = filepath.Join(dir, filepath.Base(unit))
		if err := os.WriteFile(unit, []byte(mine), 0o600); err != nil {
			t.Fatal(err)
		}
		verify = append(verify, unit)
	}
	// It also warns of other installed units, and only warns of unknown directives in ours.
	out, err := testenv.SystemdAnalyze(t, verify...).CombinedOutput()
	if err != nil || strings.Contains(string(out), "cloakroom") {
		t.Errorf("systemd-analyze verify: %v\n%s", err, out)
	}
	service := filepath.Join(dir, "cloakroom.service")
	out, err = testenv.SystemdAnalyze(t, "security", "--no-pager", "--offline=true", "--threshold="+exposure, service).CombinedOutput()
	if err != nil {
		t.Errorf("systemd-analyze security: %v\n%s", err, out)
	}
}
