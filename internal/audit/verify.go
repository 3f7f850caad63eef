package audit

import (
	"context"
	"fmt"
	"time"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/seal"
)

// maxUnsigned is the longest period of visitors' events without a mark. A
// running server signs every hour.
const maxUnsigned = 24 * time.Hour

// Verified describes an intact log. Events are named by their sequence number.
type Verified struct {
	Events int64  // number of events in the log
	Last   int64  // the last event
	Hash   string // of the last event
	Cut    int64  // the last event that was removed because of its age; 0: none
	Signed int64  // the last event with a mark; 0: none
}

// A verifier follows the chain of events and compares it with the marks.
type verifier struct {
	Verified
	signer seal.Signer
	marks  []models.AuditMark // not reached yet
	since  time.Time          // time of the first visitor's event after the last mark
}

// Verify checks the chain of hashes and all marks. It fails if an event was
// changed, inserted or removed, or if a mark was not signed with the site key. An
// attacker who can write to the database, but not sign, can still change events
// after the last mark undetected, or restore an older state of the whole log.
func (s *Service) Verify(ctx context.Context) (Verified, error) {
	for {
		before, err := s.DB.AuditCut(ctx)
		if err != nil {
			return Verified{}, err
		}
		found, err := s.verify(ctx)
		if err == nil {
			return found, nil
		}
		after, failed := s.DB.AuditCut(ctx)
		if failed != nil || after.Seq == before.Seq { // else another node cut it while we read: verify again
			return Verified{}, err
		}
	}
}

func (s *Service) verify(ctx context.Context) (Verified, error) {
	// In this order, because events and their marks may be added while we read.
	marks, err := s.DB.AuditMarks(ctx)
	if err != nil {
		return Verified{}, err
	}
	last, hash, err := s.DB.AuditHead(ctx)
	if err != nil {
		return Verified{}, err
	}
	v := verifier{signer: s.Signer, marks: marks}
	if err := v.begin(); err != nil {
		return Verified{}, err
	}
	headIs := func() error {
		if v.Last == last && v.Hash != hash {
			return fmt.Errorf("the audit log is broken: event %d differs from the one that was written", last)
		}
		return nil
	}
	if err := headIs(); err != nil {
		return Verified{}, err
	}
	err = s.each(ctx, v.Last, func(e models.AuditEvent) error {
		if err := v.step(e); err != nil {
			return err
		}
		return headIs()
	})
	if err != nil {
		return Verified{}, err
	}
	if v.Last < last {
		return Verified{}, fmt.Errorf("the audit log is broken: it ends with event %d, but %d were written", v.Last, last)
	}
	return v.Verified, v.end()
}

// begin checks the signatures of all marks and starts at the last cut, if any.
func (v *verifier) begin() error {
	for i, m := range v.marks {
		if !v.signer.Verify(m.Message(), m.Signature) {
			return fmt.Errorf("the audit log is broken: the mark of event %d was not signed with this site key", m.Seq)
		}
		if m.Cut && i > 0 {
			return fmt.Errorf("the audit log is broken: it is cut at event %d, but has earlier marks", m.Seq)
		}
	}
	if len(v.marks) > 0 && v.marks[0].Cut {
		cut := v.marks[0]
		v.Cut, v.Signed, v.Last, v.Hash = cut.Seq, cut.Seq, cut.Seq, cut.Hash
		v.marks = v.marks[1:]
	}
	return nil
}

// step checks the next event.
func (v *verifier) step(e models.AuditEvent) error {
	if e.Seq != v.Last+1 || e.Hash != e.HashAfter(v.Hash) {
		return fmt.Errorf("the audit log is broken: event %d does not follow event %d", e.Seq, v.Last)
	}
	v.Events, v.Last, v.Hash = v.Events+1, e.Seq, e.Hash
	if v.since.IsZero() && e.Address != "" {
		v.since = e.At
	}
	if len(v.marks) > 0 && v.marks[0].Seq == e.Seq {
		if v.marks[0].Hash != e.Hash {
			return fmt.Errorf("the audit log is broken: event %d differs from the one that was signed", e.Seq)
		}
		v.Signed, v.since, v.marks = e.Seq, time.Time{}, v.marks[1:]
	}
	if !v.since.IsZero() && e.Address != "" && e.At.Sub(v.since) > maxUnsigned {
		return fmt.Errorf("the audit log is broken: nothing was signed since event %d, though the site was running", v.Signed)
	}
	return nil
}

// end fails if there are marks for events that do not exist.
func (v *verifier) end() error {
	if len(v.marks) > 0 {
		return fmt.Errorf("the audit log is broken: event %d was signed but is missing", v.marks[0].Seq)
	}
	return nil
}
