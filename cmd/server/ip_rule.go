package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"time"

	"example.org/cloakroom/internal/config"
	"example.org/cloakroom/internal/iprules"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// ipRule does "ip-rule list" and "ip-rule delete", the way out for admins who
// cannot come. Running servers follow within seconds.
func (p program) ipRule(ctx context.Context, cfg config.Config, log *slog.Logger, args []string) (err error) {
	usage := errors.New("usage: server ip-rule list | server ip-rule delete --prefix PREFIX")
	if len(args) == 0 || args[0] != "list" && args[0] != "delete" {
		return usage
	}
	flags := flag.NewFlagSet("ip-rule "+args[0], flag.ContinueOnError)
	flags.SetOutput(p.err)
	prefix := flags.String("prefix", "", "of the rule, as list prints it")
	if err := flags.Parse(args[1:]); err != nil {
		return err
	}
	db, err := openDatabase(ctx, cfg, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	rules := &iprules.Service{DB: db, Now: time.Now}
	if args[0] == "delete" {
		err := rules.Delete(ctx, models.Actor{}, *prefix)
		if found := problem.All(err); found != nil {
			return sentences(found)
		}
		if err == nil {
			_, err = fmt.Fprintf(p.out, "The rule for %s is deleted.\n", *prefix)
		}
		return err
	}
	all, err := rules.Rules(ctx)
	for _, r := range all {
		end := "without end"
		if r.ExpiresAt != nil {
			end = "until " + r.ExpiresAt.UTC().Format(time.RFC3339)
		}
		if _, err := fmt.Fprintf(p.out, "%s %s %s %s\n", r.Action, r.Prefix, end, r.Note); err != nil {
			return err
		}
	}
	return err
}
