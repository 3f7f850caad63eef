package e2e_test

import (
	"flag"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/moby/patternmatcher"
	"github.com/moby/patternmatcher/ignorefile"
)

// dockerfile is where `make dockerfile` wants the steps of the Dockerfile run, without Docker.
var dockerfile = flag.String("dockerfile", "", "a new directory in which the steps of the Dockerfile are run")

const repository = "../.."

// A stage is a stage of the Dockerfile.
type stage struct {
	name, base string
	steps      [][2]string // instruction and arguments
}

// stages reads the Dockerfile.
func stages(t *testing.T) (all []stage) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(repository, "Dockerfile"))
	if err != nil {
		t.Fatal(err)
	}
	text = regexp.MustCompile(`(?m)^#.*\n`).ReplaceAll(text, nil)
	for line := range strings.Lines(strings.ReplaceAll(string(text), "\\\n", " ")) {
		name, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch name {
		case "":
		case "FROM":
			base, as, _ := strings.Cut(strings.TrimPrefix(rest, "--platform=$BUILDPLATFORM "), " AS ")
			all = append(all, stage{name: as, base: base})
		default:
			all[len(all)-1].steps = append(all[len(all)-1].steps, [2]string{name, rest})
		}
	}
	if len(all) != 3 {
		t.Fatalf("the Dockerfile has %d stages, want 3", len(all))
	}
	return all
}

// step returns the arguments of the only instruction with that name.
func (s stage) step(t *testing.T, name string) (found string) {
	t.Helper()
	for _, step := range s.steps {
		if step[0] == name && found != "" {
			t.Errorf("there are two %s", name)
		}
		if step[0] == name {
			found = step[1]
		}
	}
	return found
}

// copies returns what a COPY takes, from which stage, and where it goes.
func copies(args string) (sources []string, from, to string) {
	words := strings.Fields(args)
	for len(words) > 0 && strings.HasPrefix(words[0], "--") {
		if name, ok := strings.CutPrefix(words[0], "--from="); ok {
			from = name
		}
		words = words[1:]
	}
	return words[:len(words)-1], from, words[len(words)-1]
}

// ignored returns what .dockerignore keeps out of the build.
func ignored(t *testing.T) *patternmatcher.PatternMatcher {
	t.Helper()
	file, err := os.Open(filepath.Join(repository, ".dockerignore"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	patterns, err := ignorefile.ReadAll(file)
	if err != nil {
		t.Fatal(err)
	}
	matcher, err := patternmatcher.New(patterns)
	if err != nil {
		t.Fatal(err)
	}
	return matcher
}

// tracked lists the files of the repository that the build gets.
func tracked(t *testing.T) (all []string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "git", "ls-files", "--cached", "--others", "--exclude-standard")
	cmd.Dir = repository
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	matcher := ignored(t)
	for name := range strings.Lines(string(out)) {
		name = strings.TrimSpace(name)
		if skip, err := matcher.MatchesOrParentMatches(name); err != nil {
			t.Fatal(err)
		} else if !skip {
			all = append(all, name)
		}
	}
	return all
}

// The Dockerfile builds on supported bases, copies only what is there, and makes an image that
// has one program, which runs as an unprivileged user and checks its own health.
func TestDockerfile(t *testing.T) {
	all := stages(t)
	node := regexp.MustCompile(`^node:(\d+)-trixie-slim$`).FindStringSubmatch(all[0].base)
	if node == nil {
		t.Fatalf("the assets are built on %s", all[0].base)
	}
	if major, _ := strconv.Atoi(node[1]); major < 22 {
		t.Errorf("Node %d is no longer supported", major)
	}
	module, err := os.ReadFile(filepath.Join(repository, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	version := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindStringSubmatch(string(module))
	if version == nil || all[1].base != "golang:"+version[1]+"-trixie" || all[2].base != "scratch" {
		t.Errorf("go.mod needs Go %q, and the stages are on %s and %s", version, all[1].base, all[2].base)
	}
	for name, want := range map[string]string{
		"USER": "65532:65532", "WORKDIR": "/data", "ENV": "ADDR=:8080", "ENTRYPOINT": `["/server"]`, "CMD": `["serve"]`,
	} {
		if got := all[2].step(t, name); got != want {
			t.Errorf("the image has %s %s, want %s", name, got, want)
		}
	}
	if got := all[2].step(t, "HEALTHCHECK"); !strings.HasSuffix(got, ` CMD ["/server", "healthcheck"]`) {
		t.Errorf("its health check is %s", got)
	}
	files := tracked(t)
	for _, s := range all {
		for _, step := range s.steps {
			if step[0] == "COPY" {
				wantCopied(t, all, files, step[1])
			}
		}
	}
}

// A build says the version that it is told, else the one that git knows, else none, and every build asks for it.
func TestVersion_OfABuild(t *testing.T) {
	described, err := exec.CommandContext(t.Context(), "git", "describe", "--tags", "--always").Output()
	if err != nil {
		t.Fatal(err)
	}
	without := filepath.Join(t.TempDir(), "scripts")
	put(t, filepath.Join(repository, "scripts/version"), filepath.Join(without, "version"))
	for _, c := range []struct{ dir, told, want string }{
		{repository + "/scripts", "v1.4+a_b", "v1.4+a_b\n"}, {repository + "/scripts", "", string(described)}, {without, "", "\n"},
		{repository + "/scripts", "1 -X main.other=2", ""}, {repository + "/scripts", strings.Repeat("v", 100), strings.Repeat("v", 100) + "\n"},
		{repository + "/scripts", strings.Repeat("v", 101), ""},
	} {
		cmd := exec.CommandContext(t.Context(), filepath.Join(c.dir, "version"))
		cmd.Env = append(os.Environ(), "VERSION="+c.told)
		if out, err := cmd.Output(); string(out) != c.want || (err == nil) != (c.want != "") {
			t.Errorf("VERSION=%q: %q, %v, want %q", c.told, out, err, c.want)
		}
	}
	wantVersionsOfImages(t)
	for name, want := range map[string]string{
		"Makefile": "-X main.release=$$version", "scripts/build-static": "-X main.release=$version", "Dockerfile": "\nARG VERSION\nRUN ",
		"deploy/compose.yml": `args: {VERSION: "${VERSION:-}"}`, "docker-compose.yml": `args: {VERSION: "${VERSION:-}"}`,
	} {
		if text, err := os.ReadFile(filepath.Join(repository, name)); err != nil || !strings.Contains(string(text), want) {
			t.Errorf("%s does not say %q (%v)", name, want, err)
		}
	}
}

// wantVersionsOfImages requires that the parts of .git which a build of the image has are enough to say the tag or the
// commit, however git keeps them.
func wantVersionsOfImages(t *testing.T) {
	t.Helper()
	source := t.TempDir()
	git := func(args ...string) string {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), "git", append([]string{"-c", "user.name=Ann", "-c", "user.email=ann@example.org",
			"-c", "init.defaultBranch=main", "-c", "core.abbrev=7"}, args...)...)
		cmd.Dir = source
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("git %v: %v", args, err)
		}
		return strings.TrimSpace(string(out))
	}
	says := func(when, want string) {
		t.Helper()
		image := t.TempDir()
		put(t, filepath.Join(repository, "scripts/version"), filepath.Join(image, "scripts/version"))
		putPart(t, source, image, ".git")
		cmd := exec.CommandContext(t.Context(), filepath.Join(image, "scripts/version"))
		cmd.Env = append(os.Environ(), "VERSION=")
		if out, err := cmd.Output(); err != nil || string(out) != want+"\n" {
			t.Errorf("%s, the version is %q, %v, want %q", when, out, err, want)
		}
	}
	git("init", "-q")
	says("without a commit", "")
	git("commit", "-q", "--allow-empty", "-m", "one")
	says("on a branch", git("rev-parse", "--short", "HEAD"))
	git("pack-refs", "--all")
	says("on a packed branch", git("rev-parse", "--short", "HEAD"))
	git("tag", "-a", "-m", "one", "v1.4")
	git("pack-refs", "--all")
	says("on a tag", "v1.4")
	git("commit", "-q", "--allow-empty", "-m", "two")
	git("tag", "v1.5")
	says("on a tag without words", "v1.5")
	git("pack-refs", "--all")
	says("on a packed tag without words", "v1.5")
	git("checkout", "-q", "v1.4")
	says("on a tag alone", "v1.4")
	git("commit", "-q", "--allow-empty", "-m", "three")
	says("on a commit alone", git("rev-parse", "--short", "HEAD"))
	git("tag", "release/1.6,rc")
	says("on a tag with other signs", "release-1.6-rc")
}

// putPart copies the files below a directory of source that a build of the image has.
func putPart(t *testing.T, source, target, dir string) {
	t.Helper()
	matcher := ignored(t)
	err := filepath.WalkDir(filepath.Join(source, dir), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		name, err := filepath.Rel(source, path)
		if err != nil {
			return err
		}
		if skip, err := matcher.MatchesOrParentMatches(name); err != nil || skip {
			return err
		}
		put(t, path, filepath.Join(target, name))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// wantCopied requires that the build has what a COPY takes.
func wantCopied(t *testing.T, all []stage, files []string, args string) {
	t.Helper()
	sources, from, _ := copies(args)
	if from != "" {
		if !slices.ContainsFunc(all, func(s stage) bool { return s.name == from }) {
			t.Errorf("COPY %s: there is no such stage", args)
		}
		return
	}
	for _, source := range sources {
		source = strings.TrimSuffix(source, "/")
		found := func(name string) bool { return source == "." || name == source || strings.HasPrefix(name, source+"/") }
		if !slices.ContainsFunc(files, found) {
			t.Errorf("COPY %s: the build has no %s", args, source)
		}
	}
}

// The build gets every file of the repository, and nothing that is built, kept or secret.
func TestDockerignore(t *testing.T) {
	matcher := ignored(t)
	for name, want := range map[string]bool{
		".env": true, "deploy/.env": true, "deploy/secrets/smtp_url": true, "site.key": true, "data/site.key": true,
		".git/config": true, ".git/objects/ab/cd": true, ".git/logs/HEAD": true, ".git/refs/remotes/origin/main": true,
		".git/HEAD": false, ".git/packed-refs": false, ".git/refs/heads/main": false, ".git/refs/tags/v1.4": false,
		"cloakroom.db": true, "tmp/a.db-wal": true, "uploads/ab/cd": true, "bin/server": true, "web/dist/app.js": true, "dist/server": true,
		"web/node_modules/esbuild/package.json": true,
		"uploads/.gitkeep":                      false, "web/dist/.gitkeep": false, ".env.example": false, "internal/seal/file.go": false,
	} {
		if got, err := matcher.MatchesOrParentMatches(name); err != nil || got != want {
			t.Errorf("%s is ignored: %v, want %v (%v)", name, got, want, err)
		}
	}
	files := tracked(t)
	for _, name := range []string{"go.mod", "cmd/server/main.go", "migrations/001_schema.sql", "scripts/build-static", "web/build.mjs"} {
		if !slices.Contains(files, name) {
			t.Errorf("the build lacks %s", name)
		}
	}
}

// The steps of the Dockerfile, run in a new directory without Docker, build a server that needs
// no library. `make dockerfile` runs this; it takes minutes, so without the flag it does nothing.
func TestDockerfile_Builds(t *testing.T) {
	if *dockerfile == "" {
		return
	}
	context := filepath.Join(*dockerfile, "context")
	for _, name := range tracked(t) {
		put(t, filepath.Join(repository, name), filepath.Join(context, name))
	}
	commit := strings.Repeat("0123456789", 4) // Go and git must not look for it
	for name, text := range map[string]string{".git/HEAD": "ref: refs/heads/main", ".git/refs/heads/main": commit} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(context, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(context, name), []byte(text+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	all := stages(t)
	for _, s := range all[:2] {
		root := filepath.Join(*dockerfile, s.name)
		dir := root
		if err := os.MkdirAll(root, 0o755); err != nil {
			t.Fatal(err)
		}
		inRoot := strings.NewReplacer(" /src", " "+root+"/src", " /out", " "+root+"/out").Replace
		for _, step := range s.steps {
			switch step[0] {
			case "WORKDIR":
				dir = filepath.Join(root, step[1])
				if err := os.MkdirAll(dir, 0o755); err != nil {
					t.Fatal(err)
				}
			case "COPY":
				sources, from, to := copies(step[1])
				for _, source := range sources {
					if from == "" {
						from = "context"
					}
					put(t, filepath.Join(*dockerfile, from, source), filepath.Join(dir, to, baseOf(*dockerfile, from, source)))
				}
			case "RUN":
				cmd := exec.CommandContext(t.Context(), "sh", "-c", inRoot(" "+step[1]))
				cmd.Dir, cmd.Env = dir, append(os.Environ(), "TARGETARCH=", "VERSION=")
				if out, err := cmd.CombinedOutput(); err != nil {
					t.Fatalf("RUN %s: %v\n%s", step[1], err, out)
				}
			}
		}
	}
	out, err := exec.CommandContext(t.Context(), filepath.Join(repository, "scripts/try-static"),
		filepath.Join(*dockerfile, "build/out/server")).CombinedOutput()
	if err != nil {
		t.Fatalf("starting the server: %v\n%s", err, out)
	}
	if !strings.Contains(string(out), "cloakroom "+commit[:7]+"\n") {
		t.Errorf("it does not say the commit that it was built from:\n%s", out)
	}
	t.Logf("%s", out)
}

// baseOf returns the name that a source has where it is copied to: that of a file, and none
// of a directory, whose content is copied.
func baseOf(root, from, source string) string {
	if info, err := os.Stat(filepath.Join(root, from, source)); err == nil && info.IsDir() {
		return ""
	}
	return filepath.Base(source)
}

// put copies a file or the content of a directory.
func put(t *testing.T, source, target string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(source)
	if err != nil {
		t.Fatal(err)
	}
	if info.IsDir() {
		source += "/."
	}
	if out, err := exec.CommandContext(t.Context(), "cp", "-a", source, target).CombinedOutput(); err != nil {
		t.Fatalf("copying %s: %v\n%s", source, err, out)
	}
}
