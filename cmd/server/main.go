// Command server is Cloakroom: the site, and what its operator does with it.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"example.org/cloakroom/internal/config"
)

const usage = `Cloakroom: a place to leave files and hand out tickets for them.

Usage: server [command]

  serve          serve the site (the default)
  migrate        bring the database up to date, and stop
  admin create   create an admin: --username NAME --email ADDRESS, password from standard input
  tier           move a user to a tier: set --username NAME --tier free|pro|premium; reset what admins changed of the tiers
  user           keep a user out, or let them in again: suspend, reinstate --username NAME --why TEXT; remove-factor and reset for who lost theirs; delete them
  invitation     let somebody register: create --role user|moderator --tier TIER --days N --email ADDRESS --note TEXT; list; revoke --id ID
  ip-rule        who may come by address: list, delete --prefix PREFIX
  limits         what visitors may do: show it, or reset what admins changed
  settings       what holds now: show it, or reset what admins changed, but for the tiers
  audit          the audit log: verify that nothing in it was changed, export it as JSON lines
  certificate    the certificates of the site: status, ca (the local authority's, to be imported), revoke-ca, forget
  seed           fill an empty site with demo users, posts and pictures
  version        print the version

Settings come from the environment: see README.md.
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	p := program{args: os.Args[1:], environ: os.Environ(), in: os.Stdin, out: os.Stdout, err: os.Stderr}
	if err := p.run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// A program is one run of the command, with all it touches from outside.
type program struct {
	args    []string
	environ []string
	in      io.Reader
	out     io.Writer // what was asked for; of serve, the log
	err     io.Writer // what is said to the person who started it; of the other commands, the log too
}

func (p program) run(ctx context.Context) error {
	command, rest := "serve", []string(nil)
	if len(p.args) > 0 {
		command, rest = p.args[0], p.args[1:]
	}
	switch command {
	case "version":
		_, err := fmt.Fprintln(p.out, "cloakroom", version())
		return err
	case "help", "-h", "--help":
		_, err := fmt.Fprint(p.out, usage)
		return err
	}
	commands := map[string]func(context.Context, config.Config, *slog.Logger, []string) error{
		"serve": p.serve, "migrate": p.migrate, "admin": p.admin, "tier": p.tier, "user": p.user, "invitation": p.invitation, "limits": p.limits, "settings": p.settings, "ip-rule": p.ipRule, "audit": p.audit, "certificate": p.certificate, "seed": p.seed,
	}
	do, known := commands[command]
	if !known {
		return fmt.Errorf("there is no command %q\n\n%s", command, usage)
	}
	cfg, err := config.Load(p.environ)
	if err != nil {
		return fmt.Errorf("some settings are wrong:\n%w", err)
	}
	logTo := p.err // what the other commands say on their output is what was asked for
	if command == "serve" {
		logTo = p.out
	}
	log := slog.New(slog.NewJSONHandler(logTo, &slog.HandlerOptions{Level: cfg.LogLevel.Level}))
	return do(ctx, cfg, log, rest)
}

// version is the version of the module, or of the source it was built from.
func version() string {
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

// migrate brings the database up to date.
func (p program) migrate(ctx context.Context, cfg config.Config, log *slog.Logger, _ []string) (err error) {
	db, err := openDatabase(ctx, cfg, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	_, err = fmt.Fprintln(p.out, "The database is up to date.")
	return err
}
