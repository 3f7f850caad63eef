// Package files receives, serves and deletes uploaded files. It alone knows the
// order of an upload: size, quota and hash are handled while the bytes stream into the
// store; then their content tells the type; the record is written last.
package files

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"sync/atomic"
	"time"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/filetypes"
	"example.org/cloakroom/internal/images"
	"example.org/cloakroom/internal/jobs"
	"example.org/cloakroom/internal/media"
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

	outcomes [outcomes]atomic.Int64 // uploads by what became of them
}

// Input is an upload.
type Input struct {
	Name string
	Size int64 // length declared by the client, in bytes; -1: unknown
	Body io.Reader
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
	f, err := s.accept(ctx, user, tier, in, d)
	s.outcomes[outcomeOf(ctx, err)].Add(1)
	return f, err
}

// accept is receive, which counts its outcome.
func (s *Service) accept(ctx context.Context, user models.User, tier TierPolicy, in Input, d Deposit) (models.File, error) {
	name, err := models.ParseFilename(in.Name)
	if err != nil {
		return models.File{}, err
	}
	if err := tier.checkSize(user, in.Size); err != nil {
		return models.File{}, err
	}
	if err := s.Policy.Get().Types.CheckName(name); err != nil {
		return models.File{}, err
	}
	head, body, err := peek(in.Body, filetypes.HeadLen)
	if err != nil {
		return models.File{}, fmt.Errorf("reading the upload: %w", err)
	}
	f := newFile(user, name, s.now())
	if err := d.Begin(ctx, &f); err != nil {
		return models.File{}, err
	}
	var text filetypes.Text
	if err := s.store(ctx, &f, io.TeeReader(d.Body(ctx, capped(body, user, tier)), &text)); err != nil {
		return models.File{}, err
	}
	err = s.decide(ctx, &f, head, &text)
	if err == nil {
		err = d.Takes(f.Kind)
	}
	if err == nil {
		err = s.record(ctx, &f, d)
	}
	if err != nil {
		s.discard(ctx, f.Blob)
		return models.File{}, err
	}
	return f, nil
}

func newFile(user models.User, name models.Filename, now time.Time) models.File {
	return models.File{
		ID: models.NewFileID(), OwnerID: user.ID, Name: name, Blob: models.NewBlobKey(),
		MediaType: filetypes.Opaque, Kind: models.KindOther, State: models.Ready, CreatedAt: now, UpdatedAt: now,
	}
}

// decide sets the type of f, whose bytes are stored: head and text are what was seen of
// them.
func (s *Service) decide(ctx context.Context, f *models.File, head []byte, text *filetypes.Text) error {
	stored := &lateBlob{open: func() (*storage.Blob, error) { return s.Blobs.Open(ctx, f.Blob) }}
	defer stored.close()
	found, err := s.Policy.Get().Types.Decide(f.Name, filetypes.Content{Head: head, Text: text, All: stored, Size: f.Size})
	if err != nil {
		return err
	}
	f.MediaType, f.Kind = found.MediaType, found.Kind
	if format, _ := media.Of(head, f.MediaType); format != media.Plain && f.Kind != models.KindText { // what is text is no image
		f.State = models.Processing
	}
	return nil
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

// record creates the row and its job in one transaction, in which d counts the file.
func (s *Service) record(ctx context.Context, f *models.File, d Deposit) error {
	return s.DB.Tx(ctx, func(tx *database.DB) error {
		put := tx.CreateFile
		if r, ok := d.(*replacement); ok {
			put = func(ctx context.Context, f *models.File) error { return r.replace(ctx, tx, *f) }
		}
		if err := put(ctx, f); err != nil {
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
		var job models.Job = models.CleanFile{FileID: f.ID, Blob: f.Blob}
		if f.IsImage() {
			job = models.ProcessImage{FileID: f.ID, Blob: f.Blob}
		}
		return s.Jobs.AddInTurn(ctx, tx, job, waiting-1) // without f itself
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

// Lines returns up to limit of user's files that f selects, with who can open them.
func (s *Service) Lines(ctx context.Context, user models.User, f models.FileFilter, limit int) ([]models.FileLine, error) {
	return s.DB.FileLines(ctx, user.ID, f, limit, s.now())
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
	n, err := s.DeleteAll(ctx, user, []models.FileID{id})
	if err == nil && n == 0 {
		err = problem.New(problem.NotFound, "This file does not exist.")
	}
	return err
}

// DeleteAll is Delete for each of ids that is a file of user's. It returns how many there
// were.
func (s *Service) DeleteAll(ctx context.Context, user models.User, ids []models.FileID) (n int, err error) {
	ids = slices.Sorted(slices.Values(ids)) // all transactions lock rows in one order
	err = s.DB.Tx(ctx, func(tx *database.DB) error {
		deleted, err := tx.DeleteFiles(ctx, user.ID, ids, s.now())
		if err != nil || len(deleted) == 0 {
			return err
		}
		n = len(deleted)
		var keys []models.BlobKey
		posts := map[models.PostID]bool{}
		for _, f := range deleted {
			keys = append(keys, f.Blobs()...)
			if f.PostID != nil {
				posts[*f.PostID] = true
			}
		}
		for _, post := range slices.Sorted(maps.Keys(posts)) {
			if err := tx.ReindexPost(ctx, post); err != nil {
				return err
			}
		}
		return s.Jobs.Add(ctx, tx, models.DeleteBlobs{Keys: keys})
	})
	return n, err
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
