package archtest

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// An asvsRow is a line of docs/asvs.md: a requirement, and how it is met.
type asvsRow struct{ id, level, asks, where, held string }

var (
	asvsLine = regexp.MustCompile(`(?m)^\| (\d+\.\d+\.\d+) \| (\d) \| (.*?) \| ?(.*?) \| (.*?) \|$`)
	// asvsAnswer begins the answer of a line that no test holds.
	asvsAnswer = regexp.MustCompile(`^(By document|By reading: |Does not apply: |Not met)|by reading: `)
)

// The number of requirements of OWASP ASVS 5.0.0.
const (
	asvsLevel1 = 70
	asvsLevel2 = 183
)

// Every requirement of ASVS 5.0 has one line in docs/asvs.md, and every line is answered.
// Another test checks that the tests and paths that it names exist.
func TestASVS_HasEveryRequirement(t *testing.T) {
	rows := asvsRows(t)
	seen, levels := map[string]bool{}, map[string]int{}
	for _, row := range rows {
		if seen[row.id] {
			t.Errorf("%s has two lines", row.id)
		}
		seen[row.id] = true
		levels[row.level]++
	}
	if levels["1"] != asvsLevel1 || levels["2"] != asvsLevel2 || len(rows) != asvsLevel1+asvsLevel2 {
		t.Errorf("there are %v lines by level, want %d and %d", levels, asvsLevel1, asvsLevel2)
	}
	security, err := os.ReadFile(filepath.Join(root, "SECURITY.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		for _, problem := range row.problems(string(security)) {
			t.Errorf("docs/asvs.md, %s: %s", row.id, problem)
		}
	}
}

// TestASVS_FindsLinesWithoutAnswer verifies that the test above can fail.
func TestASVS_FindsLinesWithoutAnswer(t *testing.T) {
	const security = "| 6.3.3 | the reason |\n"
	const asks = "users can do something that is safe"
	for held, row := range map[string]struct {
		asvsRow
		problems int
	}{
		"a test":           {asvsRow{"1.1.1", "2", asks, "`go.mod`", "`TestImports`"}, 0},
		"nothing":          {asvsRow{"1.1.1", "2", asks, "`go.mod`", ""}, 1},
		"a claim":          {asvsRow{"1.1.1", "2", asks, "`go.mod`", "It is safe."}, 1},
		"no place":         {asvsRow{"1.1.1", "2", asks, "", "`TestImports`"}, 1},
		"does not apply":   {asvsRow{"1.1.1", "2", asks, "", "Does not apply: there is none."}, 0},
		"not met, known":   {asvsRow{"6.3.3", "2", asks, "", "Not met by default: it is a setting."}, 0},
		"not met, unknown": {asvsRow{"6.3.4", "2", asks, "", "Not met: nobody says why."}, 1},
		"not met, level 1": {asvsRow{"6.3.3", "1", asks, "", "Not met: the reason."}, 1},
		"too short":        {asvsRow{"1.1.1", "2", "it is safe", "`go.mod`", "`TestImports`"}, 1},
	} {
		if got := row.asvsRow.problems(security); len(got) != row.problems {
			t.Errorf("%s: problems are %q, want %d", held, got, row.problems)
		}
	}
}

// asvsRows reads the lines of docs/asvs.md.
func asvsRows(t *testing.T) (rows []asvsRow) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "docs", "asvs.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range asvsLine.FindAllStringSubmatch(string(text), -1) {
		rows = append(rows, asvsRow{m[1], m[2], m[3], m[4], m[5]})
	}
	return rows
}

// problems returns what is wrong with the line. security is the text of SECURITY.md,
// which has a row for every requirement that is not met.
func (r asvsRow) problems(security string) (found []string) {
	const fewest, most = 5, 15
	if words := len(strings.Fields(r.asks)); words < fewest || words > most {
		found = append(found, "it does not say in a few words what it asks for")
	}
	unmet := strings.HasPrefix(r.held, "Not met")
	if !named.MatchString(r.held) && !asvsAnswer.MatchString(r.held) {
		found = append(found, "no test holds it, and there is no reason")
	}
	if r.where == "" && !unmet && !strings.HasPrefix(r.held, "Does not apply: ") {
		found = append(found, "it does not say where it is met")
	}
	if unmet && r.level == "1" {
		found = append(found, "level 1 is met without exception")
	} else if unmet && !strings.Contains(security, "| "+r.id+" |") {
		found = append(found, "SECURITY.md does not say why it is not met")
	}
	return found
}
