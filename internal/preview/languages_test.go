package preview

import (
	"io"
	"io/fs"
	"regexp"
	"strings"
	"testing"

	"github.com/alecthomas/chroma/v2"

	"example.org/cloakroom/internal/models"
)

// Every language is there and has rules, finds the languages that it names, can be stopped at
// each token, gets its files by their names, and loses no character of a text.
func TestLanguages_AreWhole(t *testing.T) {
	files, err := fs.Glob(languageFiles, "languages/*.xml.gz")
	if err != nil || len(files) < 90 {
		t.Fatalf("%d descriptions are there, %v; run make assets", len(files), err)
	}
	if got, want := len(languages().Lexers), len(files)+2; got != want {
		t.Errorf("%d languages can be read, want %d", got, want)
	}
	uses := regexp.MustCompile(`<using lexer="([^"]*)"`)
	for _, file := range files {
		r, err := unpackedFS{}.Open(strings.TrimSuffix(file, ".gz"))
		if err != nil {
			t.Fatal(err)
		}
		description, err := io.ReadAll(r)
		if err := r.Close(); err != nil {
			t.Error(err)
		}
		if err != nil {
			t.Errorf("%s: %v", file, err)
		}
		for _, use := range uses.FindAllSubmatch(description, -1) {
			if languages().Get(string(use[1])) == nil {
				t.Errorf("%s needs the language %s", file, use[1])
			}
		}
	}
	text := "// \"a\" <b> 'c\n# {{ <?php 1 /* (\n\n\t`"
	for _, lexer := range languages().Lexers {
		name, one := lexer.Config().Name, strings.NewReplacer("*", "a", "[bp]", "p", "[345]", "3", "[1-9]", "1", "[gs]", "g")
		if stoppable, ok := lexer.(*chroma.RegexLexer); !ok {
			t.Errorf("%s cannot be stopped", name)
		} else if rules, err := stoppable.Rules(); err != nil || len(rules["root"]) == 0 {
			t.Errorf("%s has no rules: %v", name, err)
		}
		for _, file := range lexer.Config().Filenames {
			if file = one.Replace(file); lexerOf(models.Filename(file)) == nil {
				t.Errorf("%s: %s has no language", name, file)
			}
		}
		lines := colour(t.Context(), lexer, text)
		got := make([]string, len(lines))
		for i, line := range lines {
			for _, span := range line.Spans {
				got[i] += span.Text
			}
		}
		if strings.Join(got, "\n") != text {
			t.Errorf("%s: %q is shown as %q", name, text, got)
		}
	}
}
