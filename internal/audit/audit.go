// Package audit lists, exports, signs, verifies and shortens the audit log. It
// alone knows how the log is read; each service writes its own events, in the
// transaction of the action.
package audit

import (
	"cmp"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"time"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
	"example.org/cloakroom/internal/seal"
)

const (
	batch    = 1000 // events in memory at a time
	pageSize = 50   // events on a page
)

// A Service manages the audit log. All fields must be set.
type Service struct {
	DB     *database.DB
	Signer seal.Signer
	Keep   time.Duration // events older than this are removed; 0: never
	Log    *slog.Logger
	Now    func() time.Time
}

// A Page is a part of the log, newest event first.
type Page struct {
	Events []models.AuditView
	Next   int64 // value of AuditFilter.Before for the next page; 0: this is the last
}

// List returns the newest events that match f and come before f.Before.
func (s *Service) List(ctx context.Context, f models.AuditFilter) (Page, error) {
	most := cmp.Or(f.Limit, pageSize)
	events, err := s.DB.AuditViews(ctx, f, most+1)
	if err != nil || len(events) <= most {
		return Page{Events: events}, err
	}
	return Page{Events: events[:most], Next: events[most-1].Seq}, nil
}

// LastMark returns the latest signed mark, or the zero mark if nothing is signed
// yet.
func (s *Service) LastMark(ctx context.Context) (models.AuditMark, error) {
	m, err := s.DB.LastAuditMark(ctx)
	if problem.KindOf(err) == problem.NotFound {
		return models.AuditMark{}, nil
	}
	return m, err
}

// A line is the exported form of an event.
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
	return s.each(ctx, 0, func(e models.AuditEvent) error {
		return lines.Encode(line{e.Seq, e.At.UTC(), e.ActorID, e.Action, e.Object, e.Address, e.Outcome, e.Detail, e.Hash})
	})
}

// each calls one for each event after seq, oldest first.
func (s *Service) each(ctx context.Context, seq int64, one func(models.AuditEvent) error) error {
	for {
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
