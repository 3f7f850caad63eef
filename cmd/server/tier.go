package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"

	"example.org/cloakroom/internal/config"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
	"example.org/cloakroom/internal/settings"
)

// tier does "tier set", which running servers follow with the user's next
// request, and "tier reset", which they follow within seconds.
func (p program) tier(ctx context.Context, cfg config.Config, log *slog.Logger, args []string) (err error) {
	if len(args) == 1 && args[0] == "reset" {
		var names []string
		for _, tier := range models.Tiers() {
			names = append(names, settings.TierNames(tier)...)
		}
		return p.resetSettings(ctx, cfg, log, names)
	}
	if len(args) == 0 || args[0] != "set" {
		return errors.New("usage: server tier set --username NAME --tier free|pro|premium, or server tier reset")
	}
	flags := flag.NewFlagSet("tier set", flag.ContinueOnError)
	flags.SetOutput(p.err)
	username := flags.String("username", "", "of the user")
	name := flags.String("tier", "", "free, pro or premium")
	if err := flags.Parse(args[1:]); err != nil {
		return err
	}
	a, err := newApp(ctx, cfg, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	user, err := a.accounts.SetTier(ctx, models.Actor{}, *username, *name)
	if found := problem.All(err); found != nil {
		return sentences(found)
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.out, "%s has the tier %s.\n", user.Username, user.Tier)
	return err
}
