package moderation

import (
	"context"
	"crypto/rand"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
	"example.org/cloakroom/internal/storage"
)

// Actions in the audit log by which an admin sees sealed content.
const (
	ActionBreakGlass models.AuditAction = "content.break_glass"
	ActionReadFile   models.AuditAction = "content.read_file"
)

// BreakGlass gives an admin access to a sealed subject or a file in quarantine
// for GlassFor. The owner is notified, and the reason why is written to the audit
// log. It fails with Conflict if the subject needs no break-glass, or if the
// admin already has access.
func (s *Service) BreakGlass(ctx context.Context, by models.Actor, what models.Subject, why string) error {
	why, err := requireReason("reason", why)
	if err != nil {
		return err
	}
	if !what.Hideable() {
		return problem.New(problem.NotFound, "Not found.")
	}
	return s.DB.Tx(ctx, func(tx *database.DB) error {
		view, err := tx.SubjectByID(ctx, what)
		if err != nil {
			return err
		}
		if !view.NeedsBreakGlass() {
			return problem.New(problem.Conflict, "You can already see all of this.")
		}
		now := s.now()
		broken, err := tx.BreakGlass(ctx, models.BreakGlass{
			ID: rand.Text(), AdminID: by.User.ID, Object: what.Object(), Why: why, CreatedAt: now, ExpiresAt: now.Add(s.GlassFor),
		})
		if err == nil && !broken {
			err = problem.New(problem.Conflict, "You can already see this.")
		}
		if err != nil {
			return err
		}
		if err := s.notify(ctx, tx, view.OwnerID, models.NotificationBreakGlass, what, glassNotice(view, why)); err != nil {
			return err
		}
		return s.audit(ctx, tx, by.Did(ActionBreakGlass, what.Object(), why))
	})
}

// glassNotice returns the notification for the owner of an opened subject. It
// does not name the post above a comment, which may be someone else's secret.
func glassNotice(v models.SubjectView, why string) string {
	name, private := nouns[v.Kind], ""
	if v.Private() {
		private = "private "
	}
	if v.Kind == models.SubjectComment {
		return "An admin viewed your comment on a " + private + "post: " + why
	}
	return "An admin viewed your " + private + name + " “" + v.Title + "”: " + why
}

// An OpenedFile is a file as it was uploaded, for an admin who broke the glass.
type OpenedFile struct {
	File models.File
	Blob *storage.Blob // the caller must close it
}

// OpenFile opens a file for an admin who has broken its glass, or fails with
// NotFound. It writes an audit event before any byte is read.
func (s *Service) OpenFile(ctx context.Context, by models.Actor, id models.FileID) (OpenedFile, error) {
	f, err := s.fileByGlass(ctx, by.User, id)
	if err != nil {
		return OpenedFile{}, err
	}
	what := models.Subject{Kind: models.SubjectFile, ID: string(id)}
	if err := s.audit(ctx, s.DB, by.Did(ActionReadFile, what.Object(), "")); err != nil {
		return OpenedFile{}, err
	}
	blob, err := s.Blobs.Open(ctx, f.Blob)
	return OpenedFile{File: f, Blob: blob}, err
}

// MayStillRead fails once an admin no longer has break-glass access to a file.
func (s *Service) MayStillRead(ctx context.Context, admin models.User, id models.FileID) error {
	_, err := s.fileByGlass(ctx, admin, id)
	return err
}

func (s *Service) fileByGlass(ctx context.Context, admin models.User, id models.FileID) (models.File, error) {
	f, err := s.DB.FileByGlass(ctx, admin.ID, id, s.now())
	if problem.KindOf(err) == problem.NotFound {
		err = problem.New(problem.NotFound, "You don't have access to this file. Break the glass with a reason first.")
	}
	return f, err
}
