package files

import (
	"context"
	"io"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// Changeable returns one of user's files to rename or replace. One in quarantine is
// Forbidden: moderators look at it.
func (s *Service) Changeable(ctx context.Context, user models.User, id models.FileID) (models.File, error) {
	return s.FindOriginal(ctx, user, id)
}

// Rename gives one of user's files another name, or returns a problem at the field "name".
// The extension stays, because the content was checked against it; a name without one gets it.
func (s *Service) Rename(ctx context.Context, user models.User, id models.FileID, name string) error {
	f, err := s.Changeable(ctx, user, id)
	if err != nil {
		return err
	}
	parsed, err := models.ParseFilename(name)
	if err != nil {
		return problem.At("name", err)
	}
	if extension := f.Name.Extension(); parsed.Extension() == "" && extension != "" {
		if parsed, err = models.ParseFilename(string(parsed) + extension); err != nil {
			return problem.At("name", err)
		}
	}
	if parsed.Extension() != f.Name.Extension() {
		if f.Name.Extension() == "" {
			return problem.OnField("name", "This file has no extension, and can't get one. Leave “%s” out.", parsed.Extension())
		}
		return problem.OnField("name", "Keep “%s” at the end: the extension of a file can't change.", f.Name.Extension())
	}
	return s.DB.Tx(ctx, func(tx *database.DB) error {
		if err := tx.RenameFile(ctx, user.ID, id, parsed, s.now()); err != nil || f.PostID == nil {
			return err
		}
		return tx.ReindexPost(ctx, *f.PostID)
	})
}

// Replace stores body as the new content of one of user's files, as Receive does: it is
// checked and processed as every upload. Name, links and post of the file stay. On an error
// the file stays as it was.
func (s *Service) Replace(ctx context.Context, user models.User, id models.FileID, body io.Reader) (models.File, error) {
	old, err := s.Changeable(ctx, user, id)
	if err != nil {
		return models.File{}, err
	}
	if err := s.unreported(ctx, s.DB, old); err != nil {
		return models.File{}, err
	}
	tier := s.PolicyOf(user)
	user.StorageUsed = max(0, user.StorageUsed-old.Size)
	return s.receive(ctx, user, tier, Input{Name: string(old.Name), Size: -1, Body: body}, &replacement{upload{tier}, s, old})
}

// unreported returns a problem at the field "file" if a moderator has yet to decide a report
// about the file or its post: its content stays until then, as the text of a report does.
func (s *Service) unreported(ctx context.Context, db *database.DB, f models.File) error {
	subjects := []models.Subject{{Kind: models.SubjectFile, ID: string(f.ID)}}
	if f.PostID != nil {
		subjects = append(subjects, models.Subject{Kind: models.SubjectPost, ID: string(*f.PostID)})
	}
	for _, subject := range subjects {
		_, err := db.OpenReportOn(ctx, subject.Object())
		if err == nil {
			return problem.OnField("file", "A moderator has yet to look at this file, so its content can't be replaced now. "+
				"Upload the new content as a file of its own.")
		}
		if problem.KindOf(err) != problem.NotFound {
			return err
		}
	}
	return nil
}

// A replacement is the Deposit of a new content of a file: only what it is larger than the
// old one needs room.
type replacement struct {
	upload

	service *Service
	old     models.File
}

// Begin implements Deposit: f is the old file with new bytes.
func (r *replacement) Begin(_ context.Context, f *models.File) error {
	f.ID, f.PostID, f.Position, f.CreatedAt = r.old.ID, r.old.PostID, r.old.Position, r.old.CreatedAt
	return nil
}

// Takes implements Deposit. The name says what the file is, so that another kind is refused.
func (r *replacement) Takes(kind models.FileKind) error {
	if kind != r.old.Kind {
		return problem.OnField("file", "“%s” is of another kind than this file. Upload it as a file of its own.", r.old.Name)
	}
	return nil
}

// replace gives the file its new bytes. What is stored of it may have changed while they came.
func (r *replacement) replace(ctx context.Context, tx *database.DB, f models.File) (err error) {
	if r.old, err = tx.HoldFile(ctx, f.OwnerID, f.ID, r.old.Blob); err != nil {
		if reported := r.service.unreported(ctx, tx, f); reported != nil {
			return reported
		}
		return err
	}
	return tx.ReplaceFile(ctx, f, r.old.Blob)
}

// Keep implements Deposit. It has the old bytes deleted.
func (r *replacement) Keep(ctx context.Context, tx *database.DB, f models.File) error {
	switch more := f.Size - r.old.Size; {
	case more > 0:
		room, err := tx.ReserveStorage(ctx, f.OwnerID, more, r.tier.Storage)
		if err != nil {
			return err
		}
		if !room {
			return errNoRoom(r.tier)
		}
	default:
		if err := tx.ReleaseStorage(ctx, f.OwnerID, -more); err != nil {
			return err
		}
	}
	return r.service.Jobs.Add(ctx, tx, models.DeleteBlobs{Keys: r.old.Blobs()})
}
