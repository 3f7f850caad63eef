package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"example.org/cloakroom/internal/config"
	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/models"
)

// auditBatch is how many events are in memory at once.
const auditBatch = 1000

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
	if args[0] == "export" {
		return p.exportAudit(ctx, db)
	}
	return p.verifyAudit(ctx, db)
}

// verifyAudit fails if an event was changed, added or taken away.
func (p program) verifyAudit(ctx context.Context, db *database.DB) error {
	last, hash, err := db.AuditHead(ctx) // first: events may come while we read
	if err != nil {
		return err
	}
	seq, before := int64(0), ""
	err = eachAuditEvent(ctx, db, func(e models.AuditEvent) error {
		if e.Seq != seq+1 || e.Hash != e.HashAfter(before) {
			return fmt.Errorf("the audit log is broken: event %d does not follow event %d", e.Seq, seq)
		}
		if seq, before = e.Seq, e.Hash; seq == last && before != hash {
			return fmt.Errorf("the audit log is broken: event %d is not the one that was written", seq)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if seq < last {
		return fmt.Errorf("the audit log is broken: it ends with event %d, and %d were written", seq, last)
	}
	_, err = fmt.Fprintf(p.out, "The audit log is whole: %d events, the last with the hash %s.\n", seq, before)
	return err
}

// An auditLine is an event as it is exported.
type auditLine struct {
	Seq     int64              `json:"seq"`
	At      time.Time          `json:"at"`
	Actor   models.UserID      `json:"actor,omitempty"`
	Action  models.AuditAction `json:"action"`
	Object  string             `json:"object,omitempty"`
	Address string             `json:"address,omitempty"`
	Outcome models.Outcome     `json:"outcome"`
	Detail  string             `json:"detail,omitempty"`
	Hash    string             `json:"hash"`
}

// exportAudit prints all events as JSON lines.
func (p program) exportAudit(ctx context.Context, db *database.DB) error {
	lines := json.NewEncoder(p.out)
	return eachAuditEvent(ctx, db, func(e models.AuditEvent) error {
		return lines.Encode(auditLine{e.Seq, e.At.UTC(), e.ActorID, e.Action, e.Object, e.Address, e.Outcome, e.Detail, e.Hash})
	})
}

// eachAuditEvent does one with each event, in their order.
func eachAuditEvent(ctx context.Context, db *database.DB, one func(models.AuditEvent) error) error {
	for seq := int64(0); ; {
		events, err := db.AuditEventsAfter(ctx, seq, auditBatch)
		if err != nil || len(events) == 0 {
			return err
		}
		for _, e := range events {
			if err := one(e); err != nil {
				return err
			}
			seq = e.Seq
		}
	}
}
