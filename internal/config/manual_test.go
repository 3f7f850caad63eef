package config_test

import (
	"flag"
	"os"
	"reflect"
	"strings"
	"testing"

	"example.org/cloakroom/internal/config"
)

var update = flag.Bool("update", false, "write the files that are made of the manual")

// The markers between which the README shows the settings to look at first.
const begin, end = "<!-- settings:start -->\n", "<!-- settings:end -->"

// What is made of the manual must not fall behind the program.
func TestManual_IsUpToDate(t *testing.T) {
	readme := read(t, "../../README.md")
	before, rest, marked := strings.Cut(readme, begin)
	_, after, ended := strings.Cut(rest, end)
	files := map[string]string{"../../docs/settings.md": config.Markdown(), "../../.env.example": config.Example()}
	if marked && ended {
		files["../../README.md"] = before + begin + config.ReadmeTable() + end + after
	}
	for path, want := range files {
		if *update {
			if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if read(t, path) != want {
			t.Errorf("%s is stale: run make docs", path)
		}
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return string(text)
}

// Each setting says what it is, who looks at it, and what it can be set to.
func TestManual_IsComplete(t *testing.T) {
	var c config.Config
	needed := 0
	for _, s := range c.Manual() {
		if s.Says == "" || s.Allowed == "" || s.Group == "" || !strings.HasSuffix(s.Says, ".") {
			t.Errorf("%s does not say all: %+v", s.Name, s)
		}
		switch s.Use {
		case "needed":
			needed++
		case "usual", "rare":
		default:
			t.Errorf("who looks at %s? %q", s.Name, s.Use)
		}
		if !strings.Contains(config.Markdown(), "\n| `"+s.Name+"` |") || !strings.Contains(config.Example(), "\n#"+s.Name+"=") {
			t.Errorf("%s is not in the manual", s.Name)
		}
	}
	if n := len(c.Manual()); n > 77 || needed != 12 {
		t.Errorf("there are %d settings, %d of them needed", n, needed)
	}
}

// Every default and every bound is good.
func TestManual_HoldsWhatItDemands(t *testing.T) {
	fields := reflect.VisibleFields(reflect.TypeFor[config.Config]())
	var environ []string
	for _, field := range fields {
		if name := field.Tag.Get("env"); name != "" && field.Tag.Get("envDefault") != "" {
			environ = append(environ, name+"="+field.Tag.Get("envDefault"))
		}
	}
	if _, err := config.Load(environ); err != nil {
		t.Error(err)
	}
	for _, field := range fields {
		for _, tag := range []string{"min", "max"} {
			bound, ok := field.Tag.Lookup(tag)
			name := field.Tag.Get("env")
			if !ok {
				continue
			}
			if _, err := config.Load([]string{name + "=" + bound}); err != nil && name != "SESSION_LIFETIME" && name != "SESSION_IDLE" {
				t.Errorf("%s=%s: %v", name, bound, err)
			}
			if _, err := config.Load([]string{name + "=1" + bound}); err == nil && tag == "max" {
				t.Errorf("%s=1%s is taken", name, bound)
			}
		}
	}
}
