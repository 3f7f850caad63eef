package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"example.org/cloakroom/internal/audit"
	"example.org/cloakroom/internal/config"
	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/seal"
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
	service, err := openAudit(cfg, db, log)
	if err != nil {
		return err
	}
	if args[0] == "export" {
		return service.Export(ctx, p.out)
	}
	whole, err := service.Verify(ctx)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.out, "The audit log is whole: %d events, the last of them number %d with the hash %s.\n", whole.Events, whole.Last, whole.Hash)
	if err == nil && whole.Cut > 0 {
		_, err = fmt.Fprintf(p.out, "The events up to number %d were kept long enough and are removed; that was signed.\n", whole.Cut)
	}
	if err == nil {
		_, err = fmt.Fprintf(p.out, "What happened up to event %d is signed with the site key.\n", whole.Signed)
	}
	return err
}

// openAudit returns the service of the audit log.
func openAudit(cfg config.Config, db *database.DB, log *slog.Logger) (*audit.Service, error) {
	site, err := siteKey(cfg)
	if err != nil {
		return nil, err
	}
	signer, err := seal.NewSigner(site, "audit log")
	return &audit.Service{DB: db, Signer: signer, Keep: cfg.AuditRetention, Log: log, Now: time.Now}, err
}
