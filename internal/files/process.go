package files

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/filetypes"
	"example.org/cloakroom/internal/images"
	"example.org/cloakroom/internal/media"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// ProcessImage performs the job models.ProcessImage.
func (s *Service) ProcessImage(ctx context.Context, job models.ProcessImage) error {
	return s.process(ctx, job.FileID, job.Blob)
}

// CleanFile performs the job models.CleanFile.
func (s *Service) CleanFile(ctx context.Context, job models.CleanFile) error {
	return s.process(ctx, job.FileID, job.Blob)
}

// process makes what visitors get of a file with this blob, unless that has been done.
func (s *Service) process(ctx context.Context, id models.FileID, blob models.BlobKey) error {
	f, err := s.DB.FileByID(ctx, id)
	if problem.KindOf(err) == problem.NotFound {
		return nil // deleted in the meantime
	}
	if err != nil || f.State != models.Processing || f.Blob != blob {
		return err
	}
	made, err := s.derive(ctx, f)
	var kept bool
	if err == nil {
		kept, err = s.DB.FileReady(ctx, f.ID, f.Blob, made, s.now())
	}
	if err != nil || !kept {
		s.discard(ctx, made.Clean, made.ThumbSmall, made.ThumbLarge)
	}
	return err
}

// GiveUpOnImage rejects an image whose job has failed for the last time, because
// it would stay in the state Processing for ever.
func (s *Service) GiveUpOnImage(ctx context.Context, job models.ProcessImage, _ error) error {
	return s.giveUp(ctx, job.FileID, job.Blob)
}

// GiveUpOnFile is GiveUpOnImage for what is no image.
func (s *Service) GiveUpOnFile(ctx context.Context, job models.CleanFile, _ error) error {
	return s.giveUp(ctx, job.FileID, job.Blob)
}

func (s *Service) giveUp(ctx context.Context, id models.FileID, blob models.BlobKey) error {
	_, err := s.DB.FileRejected(ctx, id, blob, "This file could not be processed. Delete it and try again.", s.now())
	return err
}

// AllowMetadata lets others get one of user's files although its metadata cannot be
// removed, and returns its record.
func (s *Service) AllowMetadata(ctx context.Context, user models.User, id models.FileID) (models.File, error) {
	if err := s.DB.AllowMetadata(ctx, user.ID, id, s.now()); err != nil {
		return models.File{}, err
	}
	return s.DB.FileOf(ctx, user.ID, id)
}

// HeldBack returns those files of a share of the user's that nobody gets by it, because their
// metadata cannot be removed.
func (s *Service) HeldBack(ctx context.Context, share models.Share) ([]models.File, error) {
	return s.DB.FilesHeldBack(ctx, share)
}

// derive makes and stores the clean copy of f, and the thumbnails of an image. Its content
// decides how it is cleaned, and not its name or its type. On an error, the result names the
// blobs that the caller must discard.
func (s *Service) derive(ctx context.Context, f models.File) (made database.FileResult, err error) {
	blob, err := s.Blobs.Open(ctx, f.Blob)
	if err != nil {
		return made, err
	}
	defer blob.Close()
	head := make([]byte, min(f.Size, filetypes.HeadLen))
	if _, err := io.ReadFull(blob, head); err != nil {
		return made, fmt.Errorf("reading what to clean: %w", err)
	}
	format, mediaType := media.Of(head, f.MediaType)
	if format == media.Plain {
		return made, nil
	}
	limits, err := s.imageLimits(ctx, f.OwnerID)
	if err != nil {
		return made, err
	}
	made.Clean = models.NewBlobKey()
	if format == media.Boxes && images.Converts(f.MediaType) {
		if converted, err := s.convert(ctx, &made, blob, f.MediaType, limits); converted || err != nil {
			return made, err
		}
	}
	var info images.Info
	size, sums, err := s.clean(ctx, made.Clean, func(dst io.Writer) (err error) {
		if format == media.Image {
			info, err = s.Images.Clean(ctx, dst, blob, mediaType, limits)
			return err
		}
		return media.Clean(dst, blob, f.Size, format)
	})
	switch {
	case ofFile(err): // a full disk is not the fault of the file
		s.discard(ctx, made.Clean)
		made.Clean, made.Metadata = "", models.MetadataKept
	case err != nil:
		return made, err
	default:
		made.Width, made.Height, made.Animated = info.Width, info.Height, info.Frames > 1
		made.CleanSize, made.CleanSHA256, made.CleanCRC32 = size, sums.SHA256, sums.CRC32
	}
	if !f.IsImage() || format != media.Image || made.Clean == "" {
		return made, nil
	}
	return made, s.draw(ctx, &made, blob, mediaType, limits)
}

// imageLimits returns the limits of the owner of an image.
func (s *Service) imageLimits(ctx context.Context, owner models.UserID) (images.Limits, error) {
	user, err := s.DB.UserByID(ctx, owner)
	limits := s.PolicyOf(user).Images
	limits.User = string(owner)
	return limits, err
}

// ofFile reports whether err is a problem with a file itself.
func ofFile(err error) bool {
	p, ok := errors.AsType[*problem.Error](err)
	return ok && p.Kind != problem.Unavailable
}

// draw stores the thumbnails of the image in blob, if it can be decoded.
func (s *Service) draw(
	ctx context.Context, made *database.FileResult, blob io.ReadSeeker, mediaType string, limits images.Limits,
) error {
	if _, err := blob.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("rewinding the image: %w", err)
	}
	thumbs, err := s.Images.Thumbnails(ctx, blob, mediaType, limits)
	if ofFile(err) {
		return nil
	}
	if err != nil {
		return err
	}
	return s.storeThumbnails(ctx, made, thumbs)
}

func (s *Service) storeThumbnails(ctx context.Context, made *database.FileResult, thumbs images.Thumbnails) error {
	made.ThumbType = thumbs.MediaType
	made.ThumbSmall, made.ThumbLarge = models.NewBlobKey(), models.NewBlobKey()
	_, errSmall := s.Blobs.Put(ctx, made.ThumbSmall, bytes.NewReader(thumbs.Small))
	_, errLarge := s.Blobs.Put(ctx, made.ThumbLarge, bytes.NewReader(thumbs.Large))
	return errors.Join(errSmall, errLarge)
}

// convert stores a copy of the image in blob in a format that every browser shows, and its
// thumbnails. It reports false, and has stored nothing, if the image cannot be converted; blob is
// then at its start. What is cut off an image that cannot be converted stays its owner's.
func (s *Service) convert(
	ctx context.Context, made *database.FileResult, blob io.ReadSeeker, mediaType string, limits images.Limits,
) (converted bool, err error) {
	image, err := s.Images.Convert(ctx, blob, mediaType, limits)
	if ofFile(err) && image.Cut {
		made.Clean, made.Metadata = "", models.MetadataKept // a copy would hold what was cut off
		return true, nil
	}
	if ofFile(err) {
		_, err = blob.Seek(0, io.SeekStart)
		return false, err
	}
	if err != nil {
		return false, err
	}
	size, sums, err := s.clean(ctx, made.Clean, func(dst io.Writer) error {
		_, err := dst.Write(image.Full)
		return err
	})
	if err != nil {
		return false, err
	}
	made.Width, made.Height, made.CleanType = image.Info.Width, image.Info.Height, image.FullType
	made.CleanSize, made.CleanSHA256, made.CleanCRC32 = size, sums.SHA256, sums.CRC32
	return true, s.storeThumbnails(ctx, made, image.Thumbnails)
}

// clean streams what write writes into the store, and returns its size and checksums.
func (s *Service) clean(ctx context.Context, key models.BlobKey, write func(io.Writer) error) (size int64, of sums, err error) {
	out, in := io.Pipe()
	hash := newHasher()
	done := make(chan error, 1)
	go func() {
		err := write(io.MultiWriter(in, hash))
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
