package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"example.org/cloakroom/internal/config"
	"example.org/cloakroom/internal/limits"
	"example.org/cloakroom/internal/models"
)

// limits does "limits show" and "limits reset", the way out of what keeps
// everybody from the panel. Running servers follow within seconds.
func (p program) limits(ctx context.Context, cfg config.Config, log *slog.Logger, args []string) (err error) {
	if len(args) != 1 || args[0] != "show" && args[0] != "reset" {
		return errors.New("usage: server limits show|reset")
	}
	policy, err := limits.Defaults().Override(cfg.Limits)
	if err != nil {
		return fmt.Errorf("LIMITS: %w", err)
	}
	db, err := openDatabase(ctx, cfg, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	service := &limits.Service{Policy: policy, Stores: nil, Now: time.Now, Counted: func(limits.Act, limits.Class, bool) {}} // nothing is counted
	edits := &limits.Edits{DB: db, Limits: service, Now: time.Now}
	if args[0] == "reset" {
		n, err := edits.Reset(ctx, models.Actor{})
		if err == nil {
			_, err = fmt.Fprintf(p.out, "%d changes were taken back.\n", n)
		}
		return err
	}
	if err := edits.Follow(ctx); err != nil {
		return err
	}
	return p.printLimits(service.Current())
}

// printLimits prints the policy as LIMITS would say it, with who said so.
func (p program) printLimits(policy limits.Policy) error {
	for _, rule := range policy.Rules() {
		for _, class := range limits.ClassesOf(rule) {
			name := string(rule.Act)
			if !rule.Shares() {
				name += "." + string(class)
			}
			if _, err := fmt.Fprintf(p.out, "%s=%s\n", name, rule.Written(class)); err != nil {
				return err
			}
		}
	}
	return nil
}
