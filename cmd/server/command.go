package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"regexp"
	"runtime/debug"
	"strings"

	"example.org/cloakroom/internal/config"
	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/problem"
)

// A command is one thing that the program does.
type command struct {
	name string // "user suspend"
	args string // its flags, as the usage shows them; all of them are text
	help string
	run  func(ctx context.Context, c call) error
}

// A call is one run of a command.
type call struct {
	program
	cfg   config.Config
	log   *slog.Logger
	flags map[string]string
}

// run finds the command of the arguments, reads the settings, and runs it.
func (p program) run(ctx context.Context) error {
	args := p.args
	if len(args) == 0 {
		args = []string{"serve"}
	}
	switch args[0] {
	case "version":
		_, err := fmt.Fprintln(p.out, "cloakroom", version())
		return err
	case "help", "-h", "--help":
		_, err := fmt.Fprint(p.out, usage())
		return err
	}
	command, rest, err := find(args)
	if err != nil {
		return err
	}
	c := call{program: p}
	if c.flags, err = command.parse(rest, p.err); err != nil {
		return err
	}
	if c.cfg, err = config.Load(p.environ); err != nil {
		return fmt.Errorf("some settings are wrong:\n%w", err)
	}
	logTo := p.err // the output of the other commands is their result
	if command.name == "serve" {
		logTo = p.out
	}
	c.log = slog.New(slog.NewJSONHandler(logTo, &slog.HandlerOptions{Level: c.cfg.LogLevel.Level}))
	return sentences(command.run(ctx, c))
}

// find returns the command that args begin with, and what follows its name.
func find(args []string) (command, []string, error) {
	var same []string
	for _, c := range commands() {
		words := strings.Fields(c.name)
		if words[0] == args[0] {
			same = append(same, c.usage())
		}
		if len(args) >= len(words) && strings.Join(args[:len(words)], " ") == c.name {
			return c, args[len(words):], nil
		}
	}
	if same != nil {
		return command{}, nil, errors.New("usage: " + strings.Join(same, "\n       "))
	}
	return command{}, nil, fmt.Errorf("there is no command %q\n\n%s", args[0], usage())
}

var flagNames = regexp.MustCompile(`--([a-z]+)`)

// parse reads the flags of the command.
func (c command) parse(args []string, say interface{ Write([]byte) (int, error) }) (map[string]string, error) {
	set := flag.NewFlagSet(c.name, flag.ContinueOnError)
	set.SetOutput(say)
	texts := map[string]*string{}
	for _, found := range flagNames.FindAllStringSubmatch(c.args, -1) {
		texts[found[1]] = set.String(found[1], "", "see server help")
	}
	if err := set.Parse(args); err != nil {
		return nil, err
	}
	if set.NArg() > 0 {
		return nil, errors.New("usage: " + c.usage())
	}
	flags := map[string]string{}
	for name, text := range texts {
		flags[name] = *text
	}
	return flags, nil
}

func (c command) usage() string { return strings.TrimSpace("server " + c.name + " " + c.args) }

func usage() string {
	var text strings.Builder
	text.WriteString("Cloakroom is a secure, self-hosted file-sharing site.\n\nUsage: server [command]\n")
	for _, c := range commands() {
		fmt.Fprintf(&text, "\n  %s\n      %s\n", strings.TrimSpace(c.name+" "+c.args), c.help)
	}
	text.WriteString("\n  version\n      prints the version\n\nSettings are environment variables: see docs/settings.md.\n")
	return text.String()
}

// release is the version that the build gives: -ldflags "-X main.release=VERSION" (scripts/version).
var release string

// version is the version that the build gave, else that of the module or of the source it was built from.
func version() string {
	if release != "" {
		return release
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	for _, setting := range info.Settings {
		if setting.Key == "vcs.revision" {
			return info.Main.Version + " (" + setting.Value + ")"
		}
	}
	return info.Main.Version
}

// say prints the result of a command.
func (c call) say(format string, args ...any) error {
	_, err := fmt.Fprintf(c.out, format+"\n", args...)
	return err
}

// withDatabase runs do with the database, which is up to date.
func (c call) withDatabase(ctx context.Context, do func(*database.DB) error) (err error) {
	db, err := openDatabase(ctx, c.cfg, c.log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return do(db)
}

// withApp runs do with all services.
func (c call) withApp(ctx context.Context, do func(*app) error) (err error) {
	a, err := newApp(ctx, c.cfg, c.log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	return do(a)
}

// sentences writes the problems in err for a terminal.
func sentences(err error) error {
	found := problem.All(err)
	if found == nil {
		return err
	}
	lines := make([]string, len(found))
	for i, p := range found {
		lines[i] = p.Message
		if p.Field != "" {
			lines[i] = p.Field + ": " + p.Message
		}
	}
	return errors.New(strings.Join(lines, "\n"))
}
