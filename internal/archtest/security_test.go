package archtest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// root is the path of the checkout from this package.
const root = "../.."

// named matches names of tests in a document. A trailing "…" stands for any ending.
var named = regexp.MustCompile(`\b(?:Test|Fuzz|Benchmark)[\p{Lu}_][\p{L}\p{N}_]*…?`)

// Every test that a document names exists. SECURITY.md names one for each defence.
func TestDocumentsNameTestsThatExist(t *testing.T) {
	tests := testsOf(t)
	for document, text := range documents(t) {
		promised := named.FindAllString(text, -1)
		if document == "SECURITY.md" && len(promised) < 15 {
			t.Errorf("SECURITY.md names only %d tests", len(promised))
		}
		for _, name := range missing(promised, tests) {
			t.Errorf("%s names %s, which is no test of ours", document, name)
		}
	}
}

// TestAMissingTestIsFound verifies that the test above can fail.
func TestAMissingTestIsFound(t *testing.T) {
	found := named.FindAllString("held by `TestOfNobody`, `TestImports` and `TestSecurity…`; Testing is not one, nor is Fuzzy", -1)
	if want := []string{"TestOfNobody", "TestImports", "TestSecurity…"}; !slices.Equal(found, want) {
		t.Fatalf("found %q, want %q", found, want)
	}
	if got := missing(found, testsOf(t)); !slices.Equal(got, []string{"TestOfNobody"}) {
		t.Errorf("missing are %q, want TestOfNobody", got)
	}
}

// missing returns the names in promised that match none of tests.
func missing(promised, tests []string) (none []string) {
	for _, name := range promised {
		prefix, open := strings.CutSuffix(name, "…")
		if !slices.ContainsFunc(tests, func(test string) bool { return test == name || open && strings.HasPrefix(test, prefix) }) {
			none = append(none, name)
		}
	}
	return none
}

// testsOf returns the names of all test functions of the module.
func testsOf(t *testing.T) (names []string) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && path != root && (strings.HasPrefix(entry.Name(), ".") || entry.Name() == "node_modules") {
			return fs.SkipDir
		}
		if !strings.HasSuffix(path, "_test.go") {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for _, decl := range file.Decls {
			if fn, ok := decl.(*ast.FuncDecl); ok && fn.Recv == nil && named.MatchString(fn.Name.Name) {
				names = append(names, fn.Name.Name)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}
