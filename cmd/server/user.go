package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"slices"

	"example.org/cloakroom/internal/config"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// user does "user suspend", "reinstate", "remove-factor", "reset" and "delete".
// Running servers follow with the user's next request.
func (p program) user(ctx context.Context, cfg config.Config, log *slog.Logger, args []string) (err error) {
	usage := errors.New("usage: server user suspend|reinstate|remove-factor|reset|delete --username NAME [--why TEXT]")
	if len(args) == 0 || !slices.Contains([]string{"suspend", "reinstate", "remove-factor", "reset", "delete"}, args[0]) {
		return usage
	}
	flags := flag.NewFlagSet("user "+args[0], flag.ContinueOnError)
	flags.SetOutput(p.err)
	username := flags.String("username", "", "of the user")
	why := flags.String("why", "", "for the audit log")
	if err := flags.Parse(args[1:]); err != nil {
		return err
	}
	a, err := newApp(ctx, cfg, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	if args[0] == "reset" {
		return p.resetLink(ctx, a, cfg, *username, *why)
	}
	do, done := a.accounts.Suspend, "is suspended"
	switch args[0] {
	case "reinstate":
		do, done = a.accounts.Reinstate, "may come in again"
	case "delete":
		do, done = a.leaving.AskFor, fmt.Sprintf("is logged out everywhere, shown to nobody, and deleted in %v, unless they log in and keep their account", cfg.DeletionGrace)
	case "remove-factor":
		do, done = a.accounts.RemoveFactorsOf, "needs no second factor any more; their sessions have ended"
	}
	user, err := do(ctx, models.Actor{}, *username, *why)
	if found := problem.All(err); found != nil {
		return sentences(found)
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.out, "%s %s.\n", user.Username, done)
	return err
}

// resetLink prints a link by which the user of that name sets a new password.
func (p program) resetLink(ctx context.Context, a *app, cfg config.Config, username, why string) error {
	_, secret, err := a.accounts.NewResetLink(ctx, models.Actor{}, username, why)
	if found := problem.All(err); found != nil {
		return sentences(found)
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.out, "%s/reset/%s\n", cfg.PublicURL.String(), secret.Reveal())
	return err
}
