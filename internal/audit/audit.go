// Package audit shows the audit log and proves that it is whole. It alone knows
// how the log is read; each service writes its own events, in the transaction
// of the act.
package audit

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/models"
)

const (
	batch    = 1000 // events in memory at once
	pageSize = 50   // events on a page
)

// A Service looks after the audit log. All fields must be set.
type Service struct {
	DB  *database.DB
	Now func() time.Time
}

// A Page is a stretch of the log, newest first.
type Page struct {
	Events []models.AuditView
	Next   int64 // to go on before; 0: the end
}

// List returns the newest events that f wants, before f.Before.
func (s *Service) List(ctx context.Context, f models.AuditFilter) (Page, error) {
	events, err := s.DB.AuditViews(ctx, f, pageSize+1)
	if err != nil || len(events) <= pageSize {
		return Page{Events: events}, err
	}
	return Page{Events: events[:pageSize], Next: events[pageSize-1].Seq}, nil
}

// A Whole says how far a log was found to be whole.
type Whole struct {
	Events int64
	Hash   string // of the last event
}

// Verify fails if an event was changed, added or taken away.
func (s *Service) Verify(ctx context.Context) (Whole, error) {
	last, hash, err := s.DB.AuditHead(ctx) // first: events may come while we read
	if err != nil {
		return Whole{}, err
	}
	var seen Whole
	err = s.each(ctx, func(e models.AuditEvent) error {
		if e.Seq != seen.Events+1 || e.Hash != e.HashAfter(seen.Hash) {
			return fmt.Errorf("the audit log is broken: event %d does not follow event %d", e.Seq, seen.Events)
		}
		if seen = (Whole{e.Seq, e.Hash}); e.Seq == last && e.Hash != hash {
			return fmt.Errorf("the audit log is broken: event %d is not the one that was written", e.Seq)
		}
		return nil
	})
	if err != nil {
		return Whole{}, err
	}
	if seen.Events < last {
		return Whole{}, fmt.Errorf("the audit log is broken: it ends with event %d, and %d were written", seen.Events, last)
	}
	return seen, nil
}

// A line is an event as it is exported.
type line struct {
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

// Export writes all events as JSON lines, oldest first.
func (s *Service) Export(ctx context.Context, to io.Writer) error {
	lines := json.NewEncoder(to)
	return s.each(ctx, func(e models.AuditEvent) error {
		return lines.Encode(line{e.Seq, e.At.UTC(), e.ActorID, e.Action, e.Object, e.Address, e.Outcome, e.Detail, e.Hash})
	})
}

// each does one with each event, in their order.
func (s *Service) each(ctx context.Context, one func(models.AuditEvent) error) error {
	for seq := int64(0); ; {
		events, err := s.DB.AuditEventsAfter(ctx, seq, batch)
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
