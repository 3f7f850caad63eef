// Package moderation knows how what people report is judged: who may report
// what, who decides and for how long they may think, and what a decision does.
package moderation

import (
	"context"
	"time"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/jobs"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
	"example.org/cloakroom/internal/storage"
)

// What this package puts into the audit log. What is done to a subject is named
// after its kind: "post.hide".
const (
	ActionClaim   models.AuditAction = "report.claim"
	ActionRelease models.AuditAction = "report.release"
	ActionDecide  models.AuditAction = "report.decide"
	ActionUndo    models.AuditAction = "report.undo"
)

// The verbs of what is done to a subject.
const (
	verbHide    = "hide"
	verbRemove  = "remove"
	verbRestore = "restore"
)

// UndoPeriod is how long what was removed can be had back.
const UndoPeriod = 7 * 24 * time.Hour

// purgeBatch is how much is purged in one transaction.
const purgeBatch = 100

// A Service looks after reports and what is hidden. All fields must be set.
type Service struct {
	DB       *database.DB
	Jobs     *jobs.Queue
	Blobs    storage.Store
	Mails    bool          // there is a mail server
	ClaimFor time.Duration // a moderator has so long to decide before others may claim a report
	GlassFor time.Duration // what an admin breaks the glass of they see for so long
	Now      func() time.Time
}

// reportObject names a report in the audit log.
func reportObject(id models.ReportID) string { return "report:" + string(id) }

// Show returns what is known of a subject. The words of what is sealed are not
// among it.
func (s *Service) Show(ctx context.Context, what models.Subject) (models.SubjectView, error) {
	v, err := s.DB.SubjectByID(ctx, what)
	return unworded(v), err
}

// Hide hides a post, a comment or a file from all but its author, or a file from
// its owner too. why is told to the author and goes into the audit log. What is
// hidden already is a Conflict.
func (s *Service) Hide(ctx context.Context, by models.Actor, what models.Subject, why string) error {
	return s.act(ctx, by, what, verbHide, why)
}

// Remove is Hide from everybody, and after UndoPeriod it is gone.
func (s *Service) Remove(ctx context.Context, by models.Actor, what models.Subject, why string) error {
	return s.act(ctx, by, what, verbRemove, why)
}

// Restore undoes Hide and Remove.
func (s *Service) Restore(ctx context.Context, by models.Actor, what models.Subject, why string) error {
	return s.act(ctx, by, what, verbRestore, why)
}

// act does one of the verbs in a transaction of its own.
func (s *Service) act(ctx context.Context, by models.Actor, what models.Subject, verb, why string) error {
	why, err := needWords("why", why)
	if err != nil {
		return err
	}
	return s.DB.Tx(ctx, func(tx *database.DB) error {
		events, err := s.do(ctx, tx, by, what, verb, why)
		if err != nil {
			return err
		}
		return s.audit(ctx, tx, events...)
	})
}

// needWords is models.ParseDecisionWords for words that there must be.
func needWords(field, text string) (string, error) {
	words, err := models.ParseDecisionWords(field, text)
	if err == nil && words == "" {
		return "", problem.OnField(field, "Enter a reason. The owner can read it, and it is kept in the audit log.")
	}
	return words, err
}

// do does verb to what, tells its owner, and returns what goes into the audit
// log. Audit events are appended last, so the caller does that.
func (s *Service) do(ctx context.Context, tx *database.DB, by models.Actor, what models.Subject, verb, why string) ([]models.AuditEvent, error) {
	view, err := tx.SubjectByID(ctx, what)
	if err != nil {
		return nil, err
	}
	if mine(by.User, view.OwnerID) {
		return nil, errOwn()
	}
	var owner models.UserID
	switch verb {
	case verbHide:
		owner, err = tx.Hide(ctx, what, s.now())
	case verbRemove:
		owner, err = tx.Remove(ctx, what, s.now())
	default:
		owner, err = tx.Unhide(ctx, what)
	}
	if problem.KindOf(err) == problem.NotFound {
		return nil, problem.New(problem.Conflict, "%s", tooLate[verb])
	}
	if err != nil {
		return nil, err
	}
	if err := s.tell(ctx, tx, owner, models.NotificationModerated, what, words(view, verb, why)); err != nil {
		return nil, err
	}
	return []models.AuditEvent{by.Did(models.AuditAction(string(what.Kind)+"."+verb), what.Object(), why)}, nil
}

// tooLate says why a verb changed nothing.
var tooLate = map[string]string{
	verbHide:    "It is already hidden, or its author has deleted it.",
	verbRemove:  "It is already removed, or its author has deleted it.",
	verbRestore: "It is no longer hidden.",
}

// mine reports whether who may not judge what is owner's: it is their own, and
// somebody else could.
func mine(who models.User, owner models.UserID) bool {
	return who.SignedIn() && who.ID == owner && !who.IsAdmin()
}

func errOwn() error {
	return problem.New(problem.Forbidden, "This is your own content. Another moderator must decide.")
}

// audit appends events to the audit log, as of now.
func (s *Service) audit(ctx context.Context, tx *database.DB, events ...models.AuditEvent) error {
	for _, e := range events {
		e.At = s.now()
		if err := tx.AppendAuditEvent(ctx, e); err != nil {
			return err
		}
	}
	return nil
}

// Purge does models.PurgeRemoved: it removes for good what moderators removed an
// UndoPeriod ago; the bytes go by jobs. Posts go as those do that their authors
// deleted. What was seen by break-glass is kept so long too: the audit log has it
// in any case.
func (s *Service) Purge(ctx context.Context, _ models.PurgeRemoved) error {
	if err := s.DB.PurgeBreakGlass(ctx, s.now().Add(-UndoPeriod)); err != nil {
		return err
	}
	for {
		var n int
		err := s.DB.Tx(ctx, func(tx *database.DB) error {
			files, comments, err := tx.PurgeRemoved(ctx, s.now().Add(-UndoPeriod), purgeBatch)
			n = max(len(files), int(comments))
			for i := 0; err == nil && i < len(files); i++ {
				err = s.Jobs.Add(ctx, tx, models.DeleteBlobs{Keys: files[i].Blobs()})
			}
			return err
		})
		if err != nil || n < purgeBatch {
			return err
		}
	}
}

// now returns the time as the database keeps it: in UTC, to the microsecond.
func (s *Service) now() time.Time { return s.Now().UTC().Truncate(time.Microsecond) }
