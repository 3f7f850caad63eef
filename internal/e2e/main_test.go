package e2e_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"example.org/cloakroom/internal/testenv"
)

func TestMain(m *testing.M) { testenv.Main(m, stopBrowser) }

// serverBinary returns the path of the built server. It requires the styles and scripts to
// be built, because most tests depend on them.
func serverBinary(t *testing.T) string {
	t.Helper()
	return built(t, build)
}

// raceServerBinary returns the path of a server with the race detector. It reports races on
// standard error and then exits with code 66.
func raceServerBinary(t *testing.T) string {
	t.Helper()
	return built(t, buildRace)
}

func built(t *testing.T, build func(dir string) (string, error)) string {
	t.Helper()
	path, err := build(testenv.Dir(t))
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// build and buildRace build the server into dir, once per test binary.
var (
	build     = onceFor(func(dir string) (string, error) { return buildAt(filepath.Join(dir, "server")) })
	buildRace = onceFor(func(dir string) (string, error) { return buildAt(filepath.Join(dir, "server-race"), "-race") })
)

// builtVersion is the version of the servers that the tests build.
const builtVersion = "v0.0-of-the-tests"

func buildAt(path string, flags ...string) (string, error) {
	if _, err := os.Stat("../../web/dist/manifest.json"); err != nil {
		return "", errText("the styles and scripts are not built: run `make assets`, or `npm ci && npm run build` in web/")
	}
	// Debug information would be a third of the linker's work.
	args := append([]string{"build", "-ldflags=-s -w -X main.release=" + builtVersion, "-o", path}, append(flags, "../../cmd/server")...)
	out, err := exec.Command("go", args...).CombinedOutput()
	if err != nil {
		return "", errText("building the server: " + err.Error() + "\n" + string(out))
	}
	return path, nil
}

// onceFor returns a function that calls f only the first time, with that argument.
func onceFor(f func(string) (string, error)) func(string) (string, error) {
	var once sync.Once
	var result string
	var err error
	return func(arg string) (string, error) {
		once.Do(func() { result, err = f(arg) })
		return result, err
	}
}

type errText string

func (e errText) Error() string { return string(e) }

// A backend is a combination of database and store.
type backend struct {
	name   string
	open   func(t *testing.T) place
	binary func(t *testing.T) string // path of the server to use with it
}

// A place is an empty backend: its settings, and the directories in which every file is a
// blob. For S3 those are the server's buckets.
type place struct {
	settings []string
	bytes    string
}

func sqliteAndDisk(t *testing.T) place {
	dir := t.TempDir()
	return place{
		settings: []string{
			"DATABASE_URL=sqlite://" + filepath.Join(dir, "site.db"), "UPLOAD_DIR=" + filepath.Join(dir, "uploads"),
			"SITE_KEY_FILE=" + filepath.Join(dir, "site.key"),
		},
		bytes: filepath.Join(dir, "uploads"),
	}
}

func postgresAndS3(t *testing.T) place {
	bucket := testenv.S3(t)
	return place{settings: []string{
		"DATABASE_URL=" + testenv.Postgres(t), "S3_ENDPOINT=" + bucket.Endpoint, "S3_BUCKET=" + bucket.Bucket,
		"S3_ACCESS_KEY=" + bucket.AccessKey, "S3_SECRET_KEY=" + bucket.SecretKey, "SITE_KEY_FILE=" + filepath.Join(t.TempDir(), "site.key"),
	}}
}

func backends() []backend {
	return []backend{{"SQLite and disk", sqliteAndDisk, serverBinary}, {"PostgreSQL and S3", postgresAndS3, raceServerBinary}}
}
