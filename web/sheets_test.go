package web_test

import (
	"encoding/json"
	"io/fs"
	"testing"

	"example.org/cloakroom/internal/testenv"
	"example.org/cloakroom/web"
)

// The style sheet of all pages has limits, in bytes: plain, and as most browsers get it. build.mjs
// refuses to build a larger one.
const (
	sheetLimit       = 25_000
	sheetBrotliLimit = 6_000
)

func TestStyleSheet_IsSmall(t *testing.T) {
	static, err := web.Static()
	if err != nil {
		t.Fatal(err)
	}
	raw, err := fs.ReadFile(static, "manifest.json")
	if err != nil {
		testenv.Missing(t, "the style sheet", "make assets")
	}
	var names map[string]string
	if err := json.Unmarshal(raw, &names); err != nil {
		t.Fatal(err)
	}
	for file, limit := range map[string]int{names["app.css"]: sheetLimit, names["app.css"] + ".br": sheetBrotliLimit} {
		content, err := fs.ReadFile(static, file)
		if err != nil {
			t.Error(err)
		} else if len(content) > limit {
			t.Errorf("%s has %d bytes, want at most %d", file, len(content), limit)
		}
	}
}
