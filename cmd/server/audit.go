package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"example.org/cloakroom/internal/audit"
	"example.org/cloakroom/internal/config"
)

// audit does "audit verify" and "audit export".
func (p program) audit(ctx context.Context, cfg config.Config, log *slog.Logger, args []string) (err error) {
	if len(args) != 1 || args[0] != "verify" && args[0] != "export" {
		return errors.New("usage: server audit verify|export")
	}
	db, err := openDatabase(ctx, cfg, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	service := &audit.Service{DB: db, Now: time.Now}
	if args[0] == "export" {
		return service.Export(ctx, p.out)
	}
	whole, err := service.Verify(ctx)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.out, "The audit log is whole: %d events, the last with the hash %s.\n", whole.Events, whole.Hash)
	return err
}
