// Package archtest verifies that imports follow ARCHITECTURE.md. It alone knows the table
// of permitted imports; a package outside the table fails the test.
package archtest

import (
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "example.org/cloakroom/"

// Layers, from the inside out. A layer can only import layers before it, as listed in
// allowed.
var (
	nouns   = []string{"internal/models", "internal/problem"}
	stores  = []string{"internal/database", "internal/jobs", "internal/mail", "internal/storage"}
	content = []string{"internal/archive", "internal/filetypes", "internal/images", "internal/media", "internal/passwords",
		"internal/preview", "internal/sanitize", "internal/seal", "internal/unlock"}
	services = []string{"internal/accounts", "internal/audit", "internal/browserreports", "internal/certificates",
		"internal/files", "internal/iprules", "internal/leaving", "internal/limits", "internal/moderation", "internal/notifications", "internal/oidc",
		"internal/overview", "internal/posts", "internal/requests", "internal/settings", "internal/shares"}
)

// The rooms of the front of house, with the rooms that each can import: routes.go over
// site, panel and api, these over page and transfer, and all over gate. Rooms on one floor
// do not know each other.
var rooms = map[string][]string{
	"": {"internal/handlers/actions", "internal/handlers/gate", "internal/handlers/page", "internal/handlers/transfer",
		"internal/handlers/site", "internal/handlers/panel", "internal/handlers/api"},
	"/site":     {"internal/handlers/gate", "internal/handlers/page", "internal/handlers/transfer"},
	"/panel":    {"internal/handlers/gate", "internal/handlers/page", "internal/handlers/transfer", "internal/handlers/actions"},
	"/api":      {"internal/handlers/gate", "internal/handlers/page", "internal/handlers/transfer", "internal/handlers/actions"},
	"/page":     {"internal/handlers/gate"},
	"/transfer": {"internal/handlers/gate"},
	"/gate":     nil,
}

// allowed returns, for each package, the packages of this module that its code can import.
// Its tests can import any.
func allowed() map[string][]string {
	table := map[string][]string{
		"migrations":        nil,
		"web":               nil,
		"internal/problem":  nil,
		"internal/models":   {"internal/problem"},
		"internal/config":   nouns,
		"internal/database": slices.Concat(nouns, []string{"migrations"}),
		"internal/storage":  nouns,
		"internal/mail":     nouns,
		"internal/jobs":     slices.Concat(nouns, []string{"internal/database"}),
		"internal/follow":   {"internal/database"},
		"cmd/server":        {"*"},
		"cmd/bench":         {"*"},
		"internal/testenv":  nil,
		"internal/archtest": nil,
		"internal/e2e":      nil,

		"internal/storage/disk":          slices.Concat(nouns, []string{"internal/storage"}),
		"internal/storage/s3":            slices.Concat(nouns, []string{"internal/storage"}),
		"internal/storage/storagetest":   slices.Concat(nouns, []string{"internal/storage"}),
		"internal/database/databasetest": slices.Concat(nouns, []string{"internal/database", "internal/testenv"}),
	}
	for _, name := range content {
		table[name] = nouns
	}
	table["internal/preview"] = slices.Concat(nouns, []string{"internal/sanitize"})
	table["internal/unlock"] = slices.Concat(nouns, []string{"internal/passwords", "internal/seal"})
	for _, name := range services {
		table[name] = slices.Concat(nouns, stores, content)
	}
	// It changes what config and limits read.
	table["internal/settings"] = slices.Concat(nouns, []string{"internal/config", "internal/database", "internal/limits"})
	for name, rooms := range rooms {
		table["internal/handlers"+name] = slices.Concat(nouns, services, content, rooms, []string{"internal/storage", "web"})
	}
	table["internal/handlers/actions"] = slices.Concat(nouns, services)
	table["internal/handlers/pagetest"] = slices.Concat(nouns, services, []string{"web"})
	table["internal/limits"] = nouns
	return table
}

// confined maps modules and standard packages to the only subtrees that can import them, in
// code and tests.
var confined = map[string][]string{
	"database/sql":                       {"internal/database"},
	"gorm.io/":                           {"internal/database"},
	"github.com/mattn/go-sqlite3":        {"internal/database"},
	"github.com/pressly/goose":           {"internal/database", "migrations"},
	"github.com/jackc/":                  {"internal/database"},
	"github.com/labstack/":               {"internal/handlers"},
	"github.com/ulule/limiter":           {"internal/limits"},
	"github.com/redis/":                  {"internal/limits"},
	"github.com/sony/gobreaker":          {"internal/limits"},
	"github.com/gaissmai/bart":           {"internal/iprules"},
	"github.com/go-webauthn/":            {"internal/accounts"},
	"github.com/coreos/go-oidc":          {"internal/oidc"},
	"golang.org/x/oauth2":                {"internal/oidc"},
	"github.com/pquerna/otp":             {"internal/accounts"},
	"github.com/minio/":                  {"internal/storage/s3"},
	"github.com/disintegration/imaging":  {"internal/images"},
	"github.com/tetratelabs/wazero":      {"internal/images"},
	"golang.org/x/image/":                {"internal/images"},
	"github.com/yuin/goldmark":           {"internal/sanitize"},
	"github.com/microcosm-cc/bluemonday": {"internal/sanitize"},
	"github.com/alecthomas/chroma":       {"internal/preview"},
	"github.com/mikelolasagasti/xz":      {"internal/preview"},
	"github.com/alexedwards/argon2id":    {"internal/passwords"},
	"github.com/prometheus/":             {"cmd/server"},
	"github.com/caarlos0/env":            {"internal/config"},
	"github.com/chromedp/":               {"internal/e2e"},
	"golang.org/x/crypto/acme":           {"internal/certificates"},
	"github.com/coreos/go-systemd":       {"cmd/server"},
	"github.com/wneessen/go-mail":        {"internal/mail"},
	"html/template":                      {"web", "internal/handlers", "internal/mail", "internal/preview", "internal/sanitize"},
	"text/template":                      {},
	"net/http": {"internal/handlers", "internal/certificates", "internal/oidc", "internal/storage/storagetest",
		"internal/storage/s3", "internal/testenv", "internal/e2e", "cmd"},
	"testing": {"internal/handlers/pagetest", "internal/storage/storagetest", "internal/database/databasetest", "internal/testenv"},
	// It reads the descriptions of all languages when the program starts.
	"github.com/alecthomas/chroma/v2/lexers": {},
}

func TestImports(t *testing.T) {
	table := allowed()
	for _, p := range packages(t) {
		name := p.name()
		may, known := table[name]
		if !known {
			t.Errorf("%s is in no table: see ARCHITECTURE.md", name)
		}
		for _, imported := range p.Imports {
			ours, ok := strings.CutPrefix(imported, module)
			if ok && !slices.Contains(may, ours) && !slices.Contains(may, "*") {
				t.Errorf("%s may not import %s", name, ours)
			}
			wantConfined(t, name, imported)
		}
		for _, imported := range slices.Concat(p.TestImports, p.XTestImports) {
			// Every test can use testing, and send requests.
			if !strings.HasPrefix(imported, "testing") && imported != "net/http" {
				wantConfined(t, name, imported)
			}
		}
	}
}

func wantConfined(t *testing.T, name, imported string) {
	t.Helper()
	for outside, homes := range confined {
		is := imported == outside || strings.HasPrefix(imported, strings.TrimSuffix(outside, "/")+"/")
		at := func(home string) bool { return name == home || strings.HasPrefix(name, home+"/") }
		if is && !slices.ContainsFunc(homes, at) {
			t.Errorf("%s may not import %s, whose home is %v", name, imported, homes)
		}
	}
}

// Only package sanitize marks text as safe HTML, script or style.
func TestSanitizedOnly(t *testing.T) {
	for _, p := range packages(t) {
		if p.name() == "internal/sanitize" {
			continue
		}
		for _, name := range p.GoFiles {
			files := token.NewFileSet()
			file, err := parser.ParseFile(files, filepath.Join(p.Dir, name), nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(file, func(node ast.Node) bool {
				if call, ok := node.(*ast.CallExpr); ok && declaresSafe(call) {
					t.Errorf("%s declares text to be safe: only package sanitize may", files.Position(call.Pos()))
				}
				return true
			})
		}
	}
}

func declaresSafe(call *ast.CallExpr) bool {
	selector, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	from, ok := selector.X.(*ast.Ident)
	return ok && from.Name == "template" &&
		slices.Contains([]string{"HTML", "HTMLAttr", "JS", "JSStr", "CSS", "URL", "Srcset"}, selector.Sel.Name)
}

type pkg struct {
	ImportPath, Dir                    string
	GoFiles                            []string
	Imports, TestImports, XTestImports []string
}

func (p pkg) name() string { return strings.TrimPrefix(p.ImportPath, module) }

func packages(t *testing.T) (all []pkg) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Dir,GoFiles,Imports,TestImports,XTestImports", module+"...")
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pkg
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	if len(all) < len(services) {
		t.Fatalf("go list found %d packages", len(all))
	}
	return all
}
