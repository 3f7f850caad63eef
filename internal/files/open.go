package files

import (
	"context"
	"fmt"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
	"example.org/cloakroom/internal/storage"
)

// An Opened is bytes a visitor may have, and what to say of them.
type Opened struct {
	File      models.File
	Blob      *storage.Blob // to be closed by the caller
	MediaType string
	ETag      string // strong, quoted (RFC 9110, 8.8.3)
}

// Find returns the record of a file that who may have.
func (s *Service) Find(ctx context.Context, who models.User, id models.FileID) (models.File, error) {
	return s.DB.FileFor(ctx, who.ID, id)
}

// Record is Find, and also finds a file of who's own that is in quarantine.
func (s *Service) Record(ctx context.Context, who models.User, id models.FileID) (models.File, error) {
	f, err := s.DB.FileFor(ctx, who.ID, id)
	if problem.KindOf(err) != problem.NotFound || !who.SignedIn() {
		return f, err
	}
	mine, look := s.DB.FileOf(ctx, who.ID, id)
	if look == nil && mine.HiddenAt != nil {
		return mine, nil
	}
	return f, err
}

// Open returns a file that who may have. Of a picture that is the copy without
// metadata, for its owner too: what they see is what others get.
func (s *Service) Open(ctx context.Context, who models.User, id models.FileID) (Opened, error) {
	f, err := s.DB.DownloadFor(ctx, who.ID, id)
	if err != nil {
		return Opened{}, err
	}
	if !f.IsImage() {
		return s.open(ctx, f, f.Blob, f.MediaType, f.SHA256)
	}
	if f.Clean == "" {
		return Opened{}, errNotReady(f)
	}
	return s.open(ctx, f, f.Clean, f.MediaType, f.CleanSHA256)
}

// OpenOriginal returns one of who's own files as it was uploaded, metadata and
// all, whatever became of it, but for one in quarantine.
func (s *Service) OpenOriginal(ctx context.Context, who models.User, id models.FileID) (Opened, error) {
	f, err := s.DB.FileOf(ctx, who.ID, id)
	if err != nil {
		return Opened{}, err
	}
	if f.HiddenAt != nil {
		return Opened{}, problem.New(problem.Forbidden, "This file is in quarantine. Your notices say why.")
	}
	return s.open(ctx, f, f.Blob, f.MediaType, f.SHA256)
}

// OpenThumbnail returns the thumbnail of a picture that who may have, of
// models.ThumbnailSmall or models.ThumbnailLarge pixels.
func (s *Service) OpenThumbnail(ctx context.Context, who models.User, id models.FileID, width int) (Opened, error) {
	f, err := s.DB.DownloadFor(ctx, who.ID, id)
	if err != nil {
		return Opened{}, err
	}
	if !f.HasThumbnail() {
		return Opened{}, errNotReady(f)
	}
	key := f.ThumbSmall
	if width == models.ThumbnailLarge {
		key = f.ThumbLarge
	}
	return s.open(ctx, f, key, f.ThumbType, fmt.Sprintf("%s-%d", f.ID, width)) // drawn once, never changed
}

func (s *Service) open(ctx context.Context, f models.File, key models.BlobKey, mediaType, tag string) (Opened, error) {
	blob, err := s.Blobs.Open(ctx, key)
	if err != nil {
		return Opened{}, err
	}
	return Opened{File: f, Blob: blob, MediaType: mediaType, ETag: `"` + tag + `"`}, nil
}

func errNotReady(f models.File) error {
	if f.State == models.Processing {
		return problem.New(problem.NotFound, "This picture is still being prepared. Try again in a moment.")
	}
	return problem.New(problem.NotFound, "There is no such picture.")
}
