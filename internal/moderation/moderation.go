// Package moderation receives reports, lets moderators decide them, and hides,
// removes and restores content. It alone knows who may report and decide what,
// and what a decision does. It also lets admins break the glass.
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

// Actions that this package writes to the audit log. Actions on a subject are
// named after its kind and the verb, for example "post.hide".
const (
	ActionClaim   models.AuditAction = "report.claim"
	ActionRelease models.AuditAction = "report.release"
	ActionDecide  models.AuditAction = "report.decide"
	ActionUndo    models.AuditAction = "report.undo"
)

// Verbs: what a moderator can do to a subject.
const (
	verbHide    = "hide"
	verbRemove  = "remove"
	verbRestore = "restore"
)

// RestorePeriod is how long removed content can be restored.
const RestorePeriod = 7 * 24 * time.Hour

// purgeBatch is the number of items purged in one transaction.
const purgeBatch = 100

// A Service manages reports and hidden content. All fields must be set.
type Service struct {
	DB       *database.DB
	Jobs     *jobs.Queue
	Blobs    storage.Store
	Mails    bool          // a mail server is configured
	ClaimFor time.Duration // how long a claim keeps other moderators from a report
	GlassFor time.Duration // how long an admin has access after breaking the glass
	Now      func() time.Time
}

// reportObject returns the name of a report in the audit log.
func reportObject(id models.ReportID) string { return "report:" + string(id) }

// Show returns a subject. Sealed subjects come without their content.
func (s *Service) Show(ctx context.Context, what models.Subject) (models.SubjectView, error) {
	v, err := s.DB.SubjectByID(ctx, what)
	return withoutContent(v), err
}

// Hide hides a post or comment from everyone but its author, or puts a file in
// quarantine, where its owner cannot open it either. The reason why is sent to
// the author and written to the audit log. Hide fails with Conflict if the
// subject is already hidden.
func (s *Service) Hide(ctx context.Context, by models.Actor, what models.Subject, why string) error {
	return s.act(ctx, by, what, verbHide, why)
}

// Remove hides a subject from everyone, and deletes it after RestorePeriod.
func (s *Service) Remove(ctx context.Context, by models.Actor, what models.Subject, why string) error {
	return s.act(ctx, by, what, verbRemove, why)
}

// Restore undoes Hide and Remove.
func (s *Service) Restore(ctx context.Context, by models.Actor, what models.Subject, why string) error {
	return s.act(ctx, by, what, verbRestore, why)
}

// act applies a verb to a subject in its own transaction.
func (s *Service) act(ctx context.Context, by models.Actor, what models.Subject, verb, why string) error {
	why, err := requireReason("why", why)
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

// requireReason is models.ParseReason for a text that must not be empty.
func requireReason(field, text string) (string, error) {
	why, err := models.ParseReason(field, text)
	if err == nil && why == "" {
		return "", problem.OnField(field, "Enter a reason. The owner can read it, and it is kept in the audit log.")
	}
	return why, err
}

// do applies verb to what in tx, notifies the owner, and returns the audit
// events. The caller appends them: that must be the last step of a transaction.
func (s *Service) do(
	ctx context.Context, tx *database.DB, by models.Actor, what models.Subject, verb, why string,
) ([]models.AuditEvent, error) {
	view, err := tx.SubjectByID(ctx, what)
	if err != nil {
		return nil, err
	}
	if isOwn(by.User, view.OwnerID) {
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
	if err := s.notify(ctx, tx, owner, models.NotificationModerated, what, actionNotice(view, verb, why)); err != nil {
		return nil, err
	}
	return []models.AuditEvent{by.Did(models.AuditAction(string(what.Kind)+"."+verb), what.Object(), why)}, nil
}

// tooLate says for each verb why it changed nothing.
var tooLate = map[string]string{
	verbHide:    "It is already hidden.",
	verbRemove:  "It is already removed.",
	verbRestore: "It is no longer hidden, or its owner has deleted it.",
}

// isOwn reports whether the content belongs to the moderator, who then must not
// judge it. Admins may judge their own: there may be no other admin.
func isOwn(who models.User, owner models.UserID) bool {
	return who.SignedIn() && who.ID == owner && !who.IsAdmin()
}

func errOwn() error {
	return problem.New(problem.Forbidden, "This is your own content. Another moderator must decide.")
}

// audit appends events to the audit log with the current time.
func (s *Service) audit(ctx context.Context, tx *database.DB, events ...models.AuditEvent) error {
	for _, e := range events {
		e.At = s.now()
		if err := tx.AppendAuditEvent(ctx, e); err != nil {
			return err
		}
	}
	return nil
}

// Purge runs the job models.PurgeRemoved: it deletes the comments and files that
// moderators removed more than RestorePeriod ago, and queues jobs that delete the
// bytes. Removed posts are purged like posts that their authors deleted. Purge
// also deletes old records of break-glass access; the audit log still has them.
func (s *Service) Purge(ctx context.Context, _ models.PurgeRemoved) error {
	if err := s.DB.PurgeBreakGlass(ctx, s.now().Add(-RestorePeriod)); err != nil {
		return err
	}
	for {
		var n int
		err := s.DB.Tx(ctx, func(tx *database.DB) error {
			files, comments, err := tx.PurgeRemoved(ctx, s.now().Add(-RestorePeriod), purgeBatch)
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

// now returns the current time in the precision of the database.
func (s *Service) now() time.Time { return s.Now().UTC().Truncate(time.Microsecond) }
