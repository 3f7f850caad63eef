package archtest

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	inlineCode  = regexp.MustCompile("`([^`\n]+)`")
	linkTarget  = regexp.MustCompile(`\]\(([^)#\s]*)(#[^)\s]*)?\)|src(?:set)?="([^"]+)"`)
	heading     = regexp.MustCompile(`(?m)^#+ (.*)$`)
	notInAnchor = regexp.MustCompile(`[^\p{L}\p{N}_ -]`)
	fenced      = regexp.MustCompile("(?ms)^ *```.*?^ *```$")
	ourDir      = regexp.MustCompile(`^(cmd|deploy|docs|internal|migrations|scripts|web)(/[\w.*-]+)*/?$`)
	ourFile     = regexp.MustCompile(`^[\w./-]+\.(go|md|yml|mjs)$`)
)

// TestDocumentsNamePathsThatExist checks the documents at the root and in docs/:
// every path of the repository in backticks exists, and every link leads to a
// file and to a heading in it.
func TestDocumentsNamePathsThatExist(t *testing.T) {
	seen := 0
	for name, text := range documents(t) {
		for _, path := range paths(text) {
			seen++
			if found, err := filepath.Glob(filepath.Join(root, path)); err != nil || found == nil {
				t.Errorf("%s names %s, which does not exist", name, path)
			}
		}
		for _, link := range links(text) {
			seen++
			if problem := follow(name, link); problem != "" {
				t.Errorf("%s links to %s: %s", name, link, problem)
			}
		}
	}
	if seen < 100 {
		t.Errorf("found only %d paths and links", seen)
	}
}

// TestAMissingPathIsFound shows that the test above can fail.
func TestAMissingPathIsFound(t *testing.T) {
	const text = "`internal/models` `routes.go` `bin/server` `/livez`\n```sh\ncat `internal/nowhere`\n```\n" +
		`[a](docs/api.md#limits) [b](https://example.org) <img src="docs/no.png">`
	if got, want := paths(text), []string{"internal/models", "routes.go"}; !slices.Equal(got, want) {
		t.Errorf("paths are %q, want %q", got, want)
	}
	if got, want := links(text), []string{"docs/api.md#limits", "docs/no.png"}; !slices.Equal(got, want) {
		t.Errorf("links are %q, want %q", got, want)
	}
	for link, ok := range map[string]bool{"docs/api.md#limits": true, "docs/api.md#no-such": false, "docs/no.png": false} {
		if problem := follow("README.md", link); (problem == "") != ok {
			t.Errorf("following %s: %q, want ok %v", link, problem, ok)
		}
	}
}

// documents returns the text of each document by its path from the root.
func documents(t *testing.T) map[string]string {
	t.Helper()
	texts := map[string]string{}
	for _, pattern := range []string{"*.md", "docs/*.md"} {
		files, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			name, err := filepath.Rel(root, file)
			if err != nil {
				t.Fatal(err)
			}
			texts[name] = string(text)
		}
	}
	return texts
}

// paths lists what text names in backticks and looks like a path of the repository.
func paths(text string) (found []string) {
	for _, match := range inlineCode.FindAllStringSubmatch(fenced.ReplaceAllString(text, ""), -1) {
		if ourDir.MatchString(match[1]) || ourFile.MatchString(match[1]) {
			found = append(found, match[1])
		}
	}
	return found
}

// links lists the targets of the links and images of text that are not on the web.
func links(text string) (found []string) {
	for _, match := range linkTarget.FindAllStringSubmatch(fenced.ReplaceAllString(text, ""), -1) {
		if target := match[1] + match[2] + match[3]; !strings.HasPrefix(target, "http") {
			found = append(found, target)
		}
	}
	return found
}

// follow says why a link in a document leads nowhere, or "".
func follow(document, link string) string {
	path, anchor, _ := strings.Cut(link, "#")
	target := filepath.Join(root, document)
	if path != "" {
		target = filepath.Join(root, filepath.Dir(document), path)
	}
	if anchor == "" {
		if _, err := os.Stat(target); err != nil {
			return "no such file"
		}
		return ""
	}
	text, err := os.ReadFile(target)
	if err != nil {
		return "no such file"
	}
	for _, title := range heading.FindAllStringSubmatch(fenced.ReplaceAllString(string(text), ""), -1) {
		plain := notInAnchor.ReplaceAllString(strings.ToLower(title[1]), "")
		if strings.ReplaceAll(strings.TrimSpace(plain), " ", "-") == anchor {
			return ""
		}
	}
	return "no such heading"
}
