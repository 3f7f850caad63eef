// Package files receives, serves and deletes uploaded files. It alone knows the
// order of an upload: the type is checked, and size, quota and hash are handled
// while the bytes stream into the store; the record is written last.
package files

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/filetypes"
	"example.org/cloakroom/internal/images"
	"example.org/cloakroom/internal/jobs"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
	"example.org/cloakroom/internal/storage"
)

// A TierPolicy holds the upload limits of a tier.
type TierPolicy struct {
	MaxFileSize int64 // of one file, in bytes
	Storage     int64 // of all files together, in bytes: the quota
	Images      images.Limits
}

// Policy configures which files the service accepts.
type Policy struct {
	Types      filetypes.Set
	Tiers      map[models.Tier]TierPolicy
	SweepAfter time.Duration // minimum age of a blob without a record before a sweep deletes it
}

// A Service manages uploaded files. All exported fields must be set.
type Service struct {
	DB     *database.DB
	Jobs   *jobs.Queue
	Blobs  storage.Store
	Images *images.Decoder
	Policy *models.Live[Policy]
	Now    func() time.Time
}

// Input is an upload.
type Input struct {
	Name         string
	DeclaredType string // MIME type declared by the client; may be empty
	Size         int64  // length declared by the client, in bytes; -1: unknown
	Body         io.Reader
}

// Receive stores in.Body as a file of user and returns its record. It
// buffers no more than a few blocks of the body. The bytes are stored before the
// record, so every record has its bytes; if a later step fails, the bytes are
// deleted. Files that violate the policy are refused with a *problem.Error at the
// field "file".
func (s *Service) Receive(ctx context.Context, user models.User, in Input) (models.File, error) {
	tier := s.PolicyOf(user)
	return s.receive(ctx, user, tier, in, upload{tier})
}

// receive is Receive for a file within the limits of tier, for which d counts.
func (s *Service) receive(ctx context.Context, user models.User, tier TierPolicy, in Input, d Deposit) (models.File, error) {
	name, err := models.ParseFilename(in.Name)
	if err != nil {
		return models.File{}, err
	}
	if err := tier.checkSize(user, in.Size); err != nil {
		return models.File{}, err
	}
	head, body, err := peek(in.Body, filetypes.SniffLen)
	if err != nil {
		return models.File{}, fmt.Errorf("reading the upload: %w", err)
	}
	sniffed, err := s.Policy.Get().Types.Check(name, in.DeclaredType, head)
	if err != nil {
		return models.File{}, err
	}
	f := newFile(user, name, sniffed, s.now())
	if err := d.Begin(ctx, &f); err != nil {
		return models.File{}, err
	}
	if err := s.store(ctx, &f, d.Body(ctx, capped(body, user, tier))); err != nil {
		return models.File{}, err
	}
	err = s.check(ctx, &f, tier)
	if err == nil {
		err = s.record(ctx, &f, d)
	}
	if err != nil {
		s.discard(ctx, f.Blob)
		return models.File{}, err
	}
	return f, nil
}

func newFile(user models.User, name models.Filename, sniffed filetypes.Type, now time.Time) models.File {
	f := models.File{
		ID: models.NewFileID(), OwnerID: user.ID, Name: name, Blob: models.NewBlobKey(),
		MediaType: sniffed.MediaType, Kind: sniffed.Kind, State: models.Ready, CreatedAt: now, UpdatedAt: now,
	}
	if f.IsImage() {
		f.State = models.Processing
	}
	return f
}

// store writes body to the blob store and sets the size and checksums of f.
func (s *Service) store(ctx context.Context, f *models.File, body io.Reader) error {
	hashed := newHashReader(body)
	size, err := s.Blobs.Put(ctx, f.Blob, hashed)
	sums := hashed.Sum()
	f.Size, f.SHA256, f.CRC32 = size, sums.SHA256, sums.CRC32
	if err != nil {
		return fmt.Errorf("storing the bytes: %w", err)
	}
	return nil
}

// check decodes an image completely before it is accepted. The other types are
// only checked by their content's signature.
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

// record creates the row and its job in one transaction, in which d counts the file.
func (s *Service) record(ctx context.Context, f *models.File, d Deposit) error {
	return s.DB.Tx(ctx, func(tx *database.DB) error {
		if err := tx.CreateFile(ctx, f); err != nil {
			return err
		}
		if err := d.Keep(ctx, tx, *f); err != nil {
			return err
		}
		if f.State != models.Processing {
			return nil
		}
		waiting, err := tx.CountProcessing(ctx, f.OwnerID)
		if err != nil {
			return err
		}
		return s.Jobs.AddInTurn(ctx, tx, models.ProcessImage{FileID: f.ID}, waiting-1) // without f itself
	})
}

// checkSize refuses an upload whose declared length is too large, before its body
// is read. It is only an early exit: record decides, atomically.
func (t TierPolicy) checkSize(user models.User, size int64) error {
	switch {
	case size > t.MaxFileSize:
		return errTooLarge(t.MaxFileSize)
	case user.StorageUsed+max(size, 0) > t.Storage:
		return errNoRoom(t)
	}
	return nil
}

func errNoRoom(t TierPolicy) error {
	p := problem.New(problem.TooLarge, "Your storage of %s is full. Delete files you no longer need.", models.Size(t.Storage))
	p.Field = "file"
	return p
}

// List returns a page of user's files, newest first.
func (s *Service) List(ctx context.Context, user models.User, before models.Cursor, limit int) (models.Page[models.FileView], error) {
	return s.DB.FileViewsOf(ctx, user.ID, before, limit)
}

// Mine returns those of ids that are user's files, in the order of ids. A form
// that is shown again uses it to list the files that were attached before.
func (s *Service) Mine(ctx context.Context, user models.User, ids []models.FileID) ([]models.File, error) {
	found, err := s.DB.FilesAmong(ctx, user.ID, ids)
	slices.SortStableFunc(found, func(a, b models.File) int {
		return slices.Index(ids, a.ID) - slices.Index(ids, b.ID)
	})
	return found, err
}

// PolicyOf returns the upload limits of user: those of their tier, with their own
// quota if they have one.
func (s *Service) PolicyOf(user models.User) TierPolicy {
	policy := s.Policy.Get().Tiers[user.Tier]
	if user.Quota != nil {
		policy.Storage = *user.Quota
	}
	return policy
}

// Delete removes one of user's files immediately. The same transaction enqueues
// the job that deletes its bytes.
func (s *Service) Delete(ctx context.Context, user models.User, id models.FileID) error {
	return s.DB.Tx(ctx, func(tx *database.DB) error {
		f, err := tx.DeleteFile(ctx, user.ID, id)
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

// DeleteBlobs performs the job models.DeleteBlobs.
func (s *Service) DeleteBlobs(ctx context.Context, job models.DeleteBlobs) error {
	var errs []error
	for _, key := range job.Keys {
		errs = append(errs, s.Blobs.Delete(ctx, key))
	}
	return errors.Join(errs...)
}

// SweepBlobs performs the job models.SweepBlobs: it deletes blobs without a
// record, which a crash between the two steps of an upload leaves behind.
func (s *Service) SweepBlobs(ctx context.Context, _ models.SweepBlobs) error {
	_, err := s.Blobs.Sweep(ctx, s.Now().Add(-s.Policy.Get().SweepAfter), s.DB.KnownBlobs)
	return err
}

// discard deletes blobs without a record, even if ctx has been cancelled. It
// ignores errors, because SweepBlobs deletes what is left.
func (s *Service) discard(ctx context.Context, keys ...models.BlobKey) {
	for _, key := range keys {
		if key != "" {
			_ = s.Blobs.Delete(context.WithoutCancel(ctx), key)
		}
	}
}

// now returns the current time as the database stores it: in UTC, with
// microseconds.
func (s *Service) now() time.Time { return s.Now().UTC().Truncate(time.Microsecond) }
