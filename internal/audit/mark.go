package audit

import (
	"context"
	"fmt"
	"time"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// ActionCut is the action that this package writes to the audit log.
const ActionCut models.AuditAction = "audit.cut"

const (
	cutEvery = 24 * time.Hour // minimum time between two cuts
	cutBatch = 5000           // events removed in one transaction
)

// Mark runs the job models.MarkAudit: it verifies the events since the last mark,
// signs the new end of the log, and removes the events that are older than Keep.
// If the log was tampered with, it logs an error and changes nothing.
func (s *Service) Mark(ctx context.Context, _ models.MarkAudit) error {
	last, err := s.DB.LastAuditMark(ctx)
	if err != nil && problem.KindOf(err) != problem.NotFound {
		return err
	}
	if last.Seq > 0 && !s.Signer.Verify(last.Message(), last.Signature) {
		s.Log.ErrorContext(ctx, "the last mark of the audit log was not signed with this site key; not signing", "event", last.Seq)
		return nil // retrying the job would not help
	}
	seq, hash := last.Seq, last.Hash
	broken := int64(0)
	err = s.each(ctx, seq, func(e models.AuditEvent) error {
		if broken == 0 && (e.Seq != seq+1 || e.Hash != e.HashAfter(hash)) {
			broken = e.Seq
		}
		seq, hash = e.Seq, e.Hash
		return nil
	})
	if err != nil {
		return err
	}
	if broken != 0 {
		s.Log.ErrorContext(ctx, "the audit log was modified outside the application; not signing", "event", broken)
		return nil
	}
	if seq > last.Seq {
		if last, err = s.sign(ctx, seq, hash); err != nil {
			return err
		}
	}
	return s.cut(ctx, last.Seq)
}

// sign stores a mark of the event seq. It also writes it to the server's log,
// which an attacker with access to the database may be unable to change.
func (s *Service) sign(ctx context.Context, seq int64, hash string) (models.AuditMark, error) {
	m := s.signed(models.AuditMark{Seq: seq, Hash: hash})
	if err := s.DB.CreateAuditMark(ctx, m); err != nil {
		return m, err
	}
	s.Log.InfoContext(ctx, "the audit log is signed", "event", seq, "hash", hash)
	return m, nil
}

// signed returns m with the current time and its signature.
func (s *Service) signed(m models.AuditMark) models.AuditMark {
	m.At = s.Now().UTC().Truncate(time.Microsecond)
	m.Signature = s.Signer.Sign(m.Message())
	return m
}

// cut removes the events older than Keep, up to the event signed.
func (s *Service) cut(ctx context.Context, signed int64) error {
	if s.Keep == 0 {
		return nil
	}
	last, err := s.DB.AuditCut(ctx)
	if err != nil {
		return err
	}
	now := s.Now()
	if last.Cut && now.Sub(last.At) < cutEvery {
		return nil
	}
	first, err := s.DB.FirstAuditEventSince(ctx, now.Add(-s.Keep).UTC())
	if problem.KindOf(err) == problem.NotFound {
		first, err = signed+1, nil
	}
	if err != nil {
		return err
	}
	until := min(first-1, signed)
	if until <= last.Seq {
		return nil
	}
	return s.cutUntil(ctx, last.Seq, until)
}

// cutUntil removes the events after from, up to until, in batches. Each batch
// moves the signed start of the log; the last one writes an audit event.
func (s *Service) cutUntil(ctx context.Context, from, until int64) error {
	for at := from; at < until; {
		at = min(at+cutBatch, until)
		events, err := s.DB.AuditEventsAfter(ctx, at-1, 1)
		if err != nil || len(events) == 0 || events[0].Seq != at {
			return err // another node was faster
		}
		cut := s.signed(models.AuditMark{Seq: at, Hash: events[0].Hash, Cut: true})
		err = s.DB.Tx(ctx, func(tx *database.DB) error {
			if err := tx.CutAudit(ctx, cut); err != nil || at < until {
				return err
			}
			event := models.Actor{}.Did(ActionCut, "", fmt.Sprintf("events %d to %d, older than %s", from+1, until, s.Keep))
			event.At = cut.At
			return tx.AppendAuditEvent(ctx, event)
		})
		if err != nil {
			return err
		}
	}
	return nil
}
