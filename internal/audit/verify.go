package audit

import (
	"context"
	"fmt"
	"time"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/seal"
)

// unsignedFor is how long visitors' events may go on without a mark: a server
// that answers them signs within the hour.
const unsignedFor = 24 * time.Hour

// A Whole says how far a log was found to be whole.
type Whole struct {
	Events int64  // that are there
	Last   int64  // the number of the last one
	Hash   string // of the last one
	Cut    int64  // the number of the last one that was removed by policy; 0: none was
	Signed int64  // the number of the last one that a mark is about; 0: none is
}

// A walk is a chain being walked along.
type walk struct {
	Whole
	signer seal.Signer
	marks  []models.AuditMark // that were not met yet
	since  time.Time          // of the first event of a visitor that no mark is about
}

// Verify fails if an event was changed, added or taken away, or if a mark is
// not of this site's key. Whoever can write to the database and not sign can
// still undo what came after the last mark, or put back an older state of all.
func (s *Service) Verify(ctx context.Context) (Whole, error) {
	for {
		before, err := s.DB.AuditCut(ctx)
		if err != nil {
			return Whole{}, err
		}
		found, err := s.verify(ctx)
		if err == nil {
			return found, nil
		}
		after, failed := s.DB.AuditCut(ctx)
		if failed != nil || after.Seq == before.Seq { // else it was cut while we read
			return Whole{}, err
		}
	}
}

func (s *Service) verify(ctx context.Context) (Whole, error) {
	// In this order: while we read, events may come, and marks of them.
	marks, err := s.DB.AuditMarks(ctx)
	if err != nil {
		return Whole{}, err
	}
	last, hash, err := s.DB.AuditHead(ctx)
	if err != nil {
		return Whole{}, err
	}
	w := walk{signer: s.Signer, marks: marks}
	if err := w.begin(); err != nil {
		return Whole{}, err
	}
	headIs := func() error {
		if w.Last == last && w.Hash != hash {
			return fmt.Errorf("the audit log is broken: event %d is not the one that was written", last)
		}
		return nil
	}
	if err := headIs(); err != nil {
		return Whole{}, err
	}
	err = s.each(ctx, w.Last, func(e models.AuditEvent) error {
		if err := w.step(e); err != nil {
			return err
		}
		return headIs()
	})
	if err != nil {
		return Whole{}, err
	}
	if w.Last < last {
		return Whole{}, fmt.Errorf("the audit log is broken: it ends with event %d, and %d were written", w.Last, last)
	}
	return w.Whole, w.end()
}

// begin goes to where the log was cut, if it was.
func (w *walk) begin() error {
	for i, m := range w.marks {
		if !w.signer.Signed(m.Message(), m.Signature) {
			return fmt.Errorf("the audit log is broken: the mark of event %d was not signed with this site key", m.Seq)
		}
		if m.Cut && i > 0 {
			return fmt.Errorf("the audit log is broken: it is cut at event %d, and there are marks before", m.Seq)
		}
	}
	if len(w.marks) > 0 && w.marks[0].Cut {
		cut := w.marks[0]
		w.Cut, w.Signed, w.Last, w.Hash = cut.Seq, cut.Seq, cut.Seq, cut.Hash
		w.marks = w.marks[1:]
	}
	return nil
}

// step judges the next event.
func (w *walk) step(e models.AuditEvent) error {
	if e.Seq != w.Last+1 || e.Hash != e.HashAfter(w.Hash) {
		return fmt.Errorf("the audit log is broken: event %d does not follow event %d", e.Seq, w.Last)
	}
	w.Events, w.Last, w.Hash = w.Events+1, e.Seq, e.Hash
	if w.since.IsZero() && e.Address != "" {
		w.since = e.At
	}
	if len(w.marks) > 0 && w.marks[0].Seq == e.Seq {
		if w.marks[0].Hash != e.Hash {
			return fmt.Errorf("the audit log is broken: event %d is not the one that was signed", e.Seq)
		}
		w.Signed, w.since, w.marks = e.Seq, time.Time{}, w.marks[1:]
	}
	if !w.since.IsZero() && e.Address != "" && e.At.Sub(w.since) > unsignedFor {
		return fmt.Errorf("the audit log is broken: nothing was signed since event %d, though the site was running", w.Signed)
	}
	return nil
}

// end judges what is left: marks of events that are not there.
func (w *walk) end() error {
	if len(w.marks) > 0 {
		return fmt.Errorf("the audit log is broken: event %d was signed and is not there", w.marks[0].Seq)
	}
	return nil
}
