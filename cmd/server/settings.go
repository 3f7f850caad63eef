package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"example.org/cloakroom/internal/config"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/settings"
)

// settings does "settings show" and "settings reset", the way out of what keeps
// everybody from the panel. Running servers follow within seconds.
func (p program) settings(ctx context.Context, cfg config.Config, log *slog.Logger, args []string) (err error) {
	if len(args) != 1 || args[0] != "show" && args[0] != "reset" {
		return errors.New("usage: server settings show|reset")
	}
	if args[0] == "reset" {
		var names []string
		for _, control := range settings.Controls() {
			names = append(names, control.Name)
		}
		return p.resetSettings(ctx, cfg, log, names)
	}
	db, err := openDatabase(ctx, cfg, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	service := &settings.Service{DB: db, Base: cfg, Apply: func(config.Config) {}, Now: time.Now}
	if err := service.Follow(ctx); err != nil {
		return err
	}
	for _, s := range service.Current().Settings() {
		value := s.Value
		if s.Secret && s.Set {
			value = "[secret]"
		}
		if _, err := fmt.Fprintf(p.out, "%s=%s\n", s.Name, value); err != nil {
			return err
		}
	}
	return nil
}

// resetSettings takes back what admins changed of the settings of those names.
func (p program) resetSettings(ctx context.Context, cfg config.Config, log *slog.Logger, names []string) (err error) {
	db, err := openDatabase(ctx, cfg, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	service := &settings.Service{DB: db, Base: cfg, Apply: func(config.Config) {}, Now: time.Now}
	n, err := service.Reset(ctx, models.Actor{}, names)
	if err == nil {
		_, err = fmt.Fprintf(p.out, "%d changes were taken back.\n", n)
	}
	return err
}
