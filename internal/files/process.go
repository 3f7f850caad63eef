package files

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/images"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// ProcessImage performs the job models.ProcessImage. An image that cannot be
// decoded is rejected, with a reason for its owner.
func (s *Service) ProcessImage(ctx context.Context, job models.ProcessImage) error {
	f, err := s.DB.FileByID(ctx, job.FileID)
	if problem.KindOf(err) == problem.NotFound {
		return nil // deleted in the meantime
	}
	if err != nil || f.State != models.Processing {
		return err
	}
	made, err := s.derive(ctx, f)
	if p, ok := errors.AsType[*problem.Error](err); ok && p.Kind != problem.Unavailable { // a full disk is not the image's fault
		s.discard(ctx, made.Clean, made.ThumbSmall, made.ThumbLarge)
		_, err := s.DB.FileRejected(ctx, f.ID, p.Message, s.now())
		return err
	}
	var kept bool
	if err == nil {
		kept, err = s.DB.FileReady(ctx, f.ID, made, s.now())
	}
	if err != nil || !kept {
		s.discard(ctx, made.Clean, made.ThumbSmall, made.ThumbLarge)
	}
	return err
}

// GiveUpOnImage rejects an image whose job has failed for the last time, because
// it would stay in the state Processing for ever.
func (s *Service) GiveUpOnImage(ctx context.Context, job models.ProcessImage, _ error) error {
	_, err := s.DB.FileRejected(ctx, job.FileID, "This image could not be processed. Delete it and try again.", s.now())
	return err
}

// derive makes and stores the clean copy and the thumbnails of the image f. On an
// error, the result names the blobs that the caller must discard.
func (s *Service) derive(ctx context.Context, f models.File) (made database.FileResult, err error) {
	blob, err := s.Blobs.Open(ctx, f.Blob)
	if err != nil {
		return made, err
	}
	defer blob.Close()
	limits := s.Policy.Get().Tiers[models.TierPremium].Images
	limits.MaxSide = max(limits.MaxSide, f.Width, f.Height) // the owner's limit was checked on upload
	made.Width, made.Height = f.Width, f.Height
	made.Clean = models.NewBlobKey()
	size, sums, err := s.clean(ctx, made.Clean, blob, f.MediaType, limits)
	if err != nil {
		return made, err
	}
	made.CleanSize, made.CleanSHA256, made.CleanCRC32 = size, sums.SHA256, sums.CRC32
	if _, err := blob.Seek(0, io.SeekStart); err != nil {
		return made, fmt.Errorf("rewinding the image: %w", err)
	}
	thumbs, err := s.Images.Thumbnails(ctx, blob, f.MediaType, limits)
	if err != nil {
		return made, err
	}
	made.ThumbType = thumbs.MediaType
	made.ThumbSmall, made.ThumbLarge = models.NewBlobKey(), models.NewBlobKey()
	_, errSmall := s.Blobs.Put(ctx, made.ThumbSmall, bytes.NewReader(thumbs.Small))
	_, errLarge := s.Blobs.Put(ctx, made.ThumbLarge, bytes.NewReader(thumbs.Large))
	return made, errors.Join(errSmall, errLarge)
}

// clean streams a copy of the image without metadata into the store, and returns
// its size and checksums.
func (s *Service) clean(
	ctx context.Context, key models.BlobKey, src io.ReadSeeker, mediaType string, limits images.Limits,
) (size int64, of sums, err error) {
	out, in := io.Pipe()
	hash := newHasher()
	done := make(chan error, 1)
	go func() {
		err := s.Images.Clean(ctx, io.MultiWriter(in, hash), src, mediaType, limits)
		in.CloseWithError(err)
		done <- err
	}()
	size, err = s.Blobs.Put(ctx, key, out)
	out.CloseWithError(err) // unblocks the writer if the store has failed
	if cleaning := <-done; problem.KindOf(cleaning) != problem.Internal {
		return 0, sums{}, cleaning
	}
	return size, hash.sums(), err
}
