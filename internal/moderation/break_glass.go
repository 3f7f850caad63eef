package moderation

import (
	"context"
	"crypto/rand"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
	"example.org/cloakroom/internal/storage"
)

// What an admin does with what is not theirs to see, in the audit log.
const (
	ActionBreakGlass models.AuditAction = "content.break_glass"
	ActionReadFile   models.AuditAction = "content.read_file"
)

// BreakGlass lets an admin see what is sealed, or has no bytes for anybody, for
// GlassFor. Its owner is told, and why goes into the audit log. What needs no
// glass, or one that is broken already, is a Conflict.
func (s *Service) BreakGlass(ctx context.Context, by models.Actor, what models.Subject, why string) error {
	why, err := needWords("reason", why)
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
		if err := s.tell(ctx, tx, view.OwnerID, models.NotificationBreakGlass, what, glassWords(view, why)); err != nil {
			return err
		}
		return s.audit(ctx, tx, by.Did(ActionBreakGlass, what.Object(), why))
	})
}

// glassWords say to its owner that something was opened. The title that a
// comment stands under may be private to another.
func glassWords(v models.SubjectView, why string) string {
	name, private := nouns[v.Kind], ""
	if v.Private() {
		private = "private "
	}
	if v.Kind == models.SubjectComment {
		return "An admin viewed your comment on a " + private + "post: " + why
	}
	return "An admin viewed your " + private + name + " “" + v.Title + "”: " + why
}

// A Bytes is a file as it was uploaded, for an admin who has broken the glass.
type Bytes struct {
	File models.File
	Blob *storage.Blob // to be closed by the caller
}

// OpenBytes returns a file that by may have by break-glass, or NotFound. It goes
// into the audit log before a byte is read.
func (s *Service) OpenBytes(ctx context.Context, by models.Actor, id models.FileID) (Bytes, error) {
	f, err := s.fileByGlass(ctx, by.User, id)
	if err != nil {
		return Bytes{}, err
	}
	what := models.Subject{Kind: models.SubjectFile, ID: string(id)}
	if err := s.audit(ctx, s.DB, by.Did(ActionReadFile, what.Object(), "")); err != nil {
		return Bytes{}, err
	}
	blob, err := s.Blobs.Open(ctx, f.Blob)
	return Bytes{File: f, Blob: blob}, err
}

// StillMay reports why an admin may have the bytes of a file no longer.
func (s *Service) StillMay(ctx context.Context, admin models.User, id models.FileID) error {
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
