// Package files receives files, serves them, and lets them go. It alone knows
// the way of an upload: sniffed, capped, hashed and stored while it streams,
// its record last.
package files

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync/atomic"
	"time"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/filetypes"
	"example.org/cloakroom/internal/images"
	"example.org/cloakroom/internal/jobs"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
	"example.org/cloakroom/internal/storage"
)

// A TierPolicy is what a tier may upload.
type TierPolicy struct {
	MaxFileSize int64 // bytes of one file
	Storage     int64 // bytes of all files together: the quota
	Images      images.Limits
}

// Policy says which files are welcome.
type Policy struct {
	Types      filetypes.Set
	Tiers      map[models.Tier]TierPolicy
	SweepAfter time.Duration // bytes without a record are left alone for so long
}

// A Service looks after files. All exported fields must be set.
type Service struct {
	DB     *database.DB
	Jobs   *jobs.Queue
	Blobs  storage.Store
	Images *images.Decoder
	Policy Policy
	Now    func() time.Time

	edited atomic.Pointer[map[models.Tier]TierPolicy] // nil: nobody changed Policy.Tiers
}

// Follow makes the tiers hold from now on, in the place of those of Policy. What
// is on its way ends by those it began with.
func (s *Service) Follow(tiers map[models.Tier]TierPolicy) { s.edited.Store(&tiers) }

// tiers returns those that hold now.
func (s *Service) tiers() map[models.Tier]TierPolicy {
	if edited := s.edited.Load(); edited != nil {
		return *edited
	}
	return s.Policy.Tiers
}

// Incoming is a file on its way in.
type Incoming struct {
	Name         string
	DeclaredType string // what the uploader says it is; may be empty
	Size         int64  // what the uploader says it weighs; -1: not said
	Body         io.Reader
}

// Receive stores what in.Body holds for who, without ever holding more than a
// few buffers of it, and returns its record, which always has its bytes: they
// are stored first. If anything fails, the bytes go again.
func (s *Service) Receive(ctx context.Context, who models.User, in Incoming) (models.File, error) {
	name, err := models.ParseFilename(in.Name)
	if err != nil {
		return models.File{}, err
	}
	tier := s.PolicyOf(who)
	if err := tier.checkSize(who, in.Size); err != nil {
		return models.File{}, err
	}
	head, body, err := peek(in.Body, filetypes.SniffLen)
	if err != nil {
		return models.File{}, fmt.Errorf("reading the upload: %w", err)
	}
	sniffed, err := s.Policy.Types.Check(name, in.DeclaredType, head)
	if err != nil {
		return models.File{}, err
	}
	f := newFile(who, name, sniffed, s.now())
	if err := s.store(ctx, &f, capped(body, who, tier)); err != nil {
		return models.File{}, err
	}
	err = s.check(ctx, &f, tier)
	if err == nil {
		err = s.record(ctx, &f, tier)
	}
	if err != nil {
		s.discard(ctx, f.Blob)
		return models.File{}, err
	}
	return f, nil
}

func newFile(who models.User, name models.Filename, sniffed filetypes.Type, now time.Time) models.File {
	f := models.File{
		ID: models.NewFileID(), OwnerID: who.ID, Name: name, Blob: models.NewBlobKey(),
		MediaType: sniffed.MediaType, Kind: sniffed.Kind, State: models.Ready, CreatedAt: now, UpdatedAt: now,
	}
	if f.IsImage() {
		f.State = models.Processing
	}
	return f
}

// store puts the bytes in the blob store and their size and hash into f.
func (s *Service) store(ctx context.Context, f *models.File, body io.Reader) error {
	hashed := newHashReader(body)
	size, err := s.Blobs.Put(ctx, f.Blob, hashed)
	f.Size, f.SHA256 = size, hashed.Sum()
	if err != nil {
		return fmt.Errorf("storing the bytes: %w", err)
	}
	return nil
}

// check decodes a picture as a whole before it is let in; other files have
// been sniffed, which is all that can be said of them.
func (s *Service) check(ctx context.Context, f *models.File, tier TierPolicy) error {
	if !f.IsImage() {
		return nil
	}
	blob, err := s.Blobs.Open(ctx, f.Blob)
	if err != nil {
		return err
	}
	defer blob.Close()
	info, err := s.Images.Check(ctx, blob, f.MediaType, tier.Images)
	if err != nil {
		return problem.At("file", err)
	}
	f.Width, f.Height = info.Width, info.Height
	return nil
}

// record takes the file's size from the quota and creates its row and its job,
// all or nothing. Uploads of one user take turns at their quota, so they count
// those that wait one after the other.
func (s *Service) record(ctx context.Context, f *models.File, tier TierPolicy) error {
	return s.DB.Tx(ctx, func(tx *database.DB) error {
		room, err := tx.ReserveStorage(ctx, f.OwnerID, f.Size, tier.Storage)
		if err != nil {
			return err
		}
		if !room {
			return errNoRoom(tier)
		}
		if err := tx.CreateFile(ctx, f); err != nil {
			return err
		}
		if f.State != models.Processing {
			return nil
		}
		waiting, err := tx.CountProcessing(ctx, f.OwnerID)
		if err != nil {
			return err
		}
		return s.Jobs.AddInTurn(ctx, tx, models.ProcessImage{FileID: f.ID}, waiting-1) // itself is one
	})
}

// checkSize refuses at once what is known to be too large, so that nobody
// waits for an upload that cannot end well. The last word has record.
func (t TierPolicy) checkSize(who models.User, size int64) error {
	switch {
	case size > t.MaxFileSize:
		return errTooLarge(t.MaxFileSize)
	case who.StorageUsed+max(size, 0) > t.Storage:
		return errNoRoom(t)
	}
	return nil
}

func errNoRoom(t TierPolicy) error {
	p := problem.New(problem.TooLarge, "Your %s of storage are full. Delete files you no longer need.", sizeText(t.Storage))
	p.Field = "file"
	return p
}

// List returns a page of who's files, newest first.
func (s *Service) List(ctx context.Context, who models.User, before models.Cursor, limit int) (models.Page[models.FileView], error) {
	return s.DB.FileViewsOf(ctx, who.ID, before, limit)
}

// Mine returns those of ids that are who's files, in the order of ids: a form
// that comes back has its files where they were.
func (s *Service) Mine(ctx context.Context, who models.User, ids []models.FileID) ([]models.File, error) {
	found, err := s.DB.FilesAmong(ctx, who.ID, ids)
	slices.SortStableFunc(found, func(a, b models.File) int {
		return slices.Index(ids, a.ID) - slices.Index(ids, b.ID)
	})
	return found, err
}

// PolicyOf returns what who may upload: what their tier says, but for a quota of
// their own.
func (s *Service) PolicyOf(who models.User) TierPolicy {
	policy := s.tiers()[who.Tier]
	if who.Quota != nil {
		policy.Storage = *who.Quota
	}
	return policy
}

// Delete removes one of who's files at once. Its bytes go by a job that exists
// exactly if the row is gone.
func (s *Service) Delete(ctx context.Context, who models.User, id models.FileID) error {
	return s.DB.Tx(ctx, func(tx *database.DB) error {
		f, err := tx.DeleteFile(ctx, who.ID, id)
		if err != nil {
			return err
		}
		if f.PostID != nil {
			if err := tx.ReindexPost(ctx, *f.PostID); err != nil {
				return err
			}
		}
		return s.Jobs.Add(ctx, tx, models.DeleteBlobs{Keys: f.Blobs()})
	})
}

// DeleteBlobs does models.DeleteBlobs.
func (s *Service) DeleteBlobs(ctx context.Context, job models.DeleteBlobs) error {
	var errs []error
	for _, key := range job.Keys {
		errs = append(errs, s.Blobs.Delete(ctx, key))
	}
	return errors.Join(errs...)
}

// SweepBlobs does models.SweepBlobs: it removes bytes that never got a record,
// because the process died between the two.
func (s *Service) SweepBlobs(ctx context.Context, _ models.SweepBlobs) error {
	_, err := s.Blobs.Sweep(ctx, s.Now().Add(-s.Policy.SweepAfter), s.DB.KnownBlobs)
	return err
}

// discard removes bytes that no record names, even when the visitor has left.
// Should it fail, the sweep finds them.
func (s *Service) discard(ctx context.Context, keys ...models.BlobKey) {
	for _, key := range keys {
		if key != "" {
			_ = s.Blobs.Delete(context.WithoutCancel(ctx), key)
		}
	}
}

// now returns the time as the database keeps it: in UTC, to the microsecond.
func (s *Service) now() time.Time { return s.Now().UTC().Truncate(time.Microsecond) }
