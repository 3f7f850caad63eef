package limits_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"example.org/cloakroom/internal/limits"
)

// TestManualTellsTheDefaults holds the table of docs/limits.md to the policy.
func TestManualTellsTheDefaults(t *testing.T) {
	text, err := os.ReadFile("../../docs/limits.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, rule := range limits.Defaults().Rules() {
		row := fmt.Sprintf("| `%s` | %s |", rule.Act, rule.By)
		for _, class := range limits.Classes() {
			row += " " + rule.Written(class) + " |"
		}
		if !strings.Contains(string(text), "\n"+row+"\n") {
			t.Errorf("docs/limits.md has no row\n%s", row)
		}
	}
}

// TestWritesAreStricterThanReads compares, for each class and period, what
// changes something with what only looks at it.
func TestWritesAreStricterThanReads(t *testing.T) {
	policy := limits.Defaults()
	pairs := map[limits.Act]limits.Act{
		limits.APIWrite: limits.APIRead, limits.Upload: limits.Download, limits.UploadBytes: limits.DownloadBytes,
		limits.Post: limits.Page, limits.Comment: limits.Page, limits.Change: limits.Page, limits.Delete: limits.Page,
		limits.Report: limits.Page, limits.Zip: limits.Download,
	}
	for write, read := range pairs {
		for _, class := range limits.Classes() {
			compared := 0
			for _, w := range mustRule(t, policy, write).Rates[class] {
				for _, r := range mustRule(t, policy, read).Rates[class] {
					if w.Period != r.Period {
						continue
					}
					compared++
					if w.Limit > r.Limit || class != limits.Admins && w.Limit == r.Limit {
						t.Errorf("%s as %s: %d, and %s %d", class, write, w.Limit, read, r.Limit)
					}
				}
			}
			if compared == 0 {
				t.Errorf("%s: %s and %s have no period in common", class, write, read)
			}
		}
	}
}

func mustRule(t *testing.T, policy limits.Policy, act limits.Act) limits.Rule {
	t.Helper()
	rule, ok := policy.Rule(act)
	if !ok {
		t.Fatalf("no rule limits %s", act)
	}
	return rule
}
