package files

import (
	"context"
	"fmt"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
	"example.org/cloakroom/internal/storage"
)

// An OpenFile is the content of a file that the visitor may read, with the
// headers for its response.
type OpenFile struct {
	File      models.File   // with no more than sending it takes, unless the caller found it
	Blob      *storage.Blob // the caller closes it
	Name      models.Filename
	MediaType string
	ETag      string // strong, quoted (RFC 9110, 8.8.3)
}

// Find returns the record of a file that user may read, or a NotFound problem.
func (s *Service) Find(ctx context.Context, user models.User, id models.FileID) (models.File, error) {
	return s.DB.FileFor(ctx, user.ID, id)
}

// Record is like Find, but also finds a quarantined file that belongs to user.
func (s *Service) Record(ctx context.Context, user models.User, id models.FileID) (models.File, error) {
	f, err := s.DB.FileFor(ctx, user.ID, id)
	if problem.KindOf(err) != problem.NotFound || !user.SignedIn() {
		return f, err
	}
	own, ownErr := s.DB.FileOf(ctx, user.ID, id)
	if ownErr == nil && own.HiddenAt != nil {
		return own, nil
	}
	return f, err
}

// Open returns the content of a file that user may read. Of an image or a video that is
// the copy without metadata, even for its owner, who thus sees what others see.
func (s *Service) Open(ctx context.Context, user models.User, id models.FileID) (OpenFile, error) {
	f, err := s.DB.ServedFile(ctx, user.ID, id)
	if err != nil {
		return OpenFile{}, err
	}
	return s.OpenFound(ctx, f)
}

// OpenFound returns the content of a file that the caller has found readable for the
// visitor, such as one behind a share. Of an image or a video that is the copy without
// metadata, and for an owner whose file cannot be cleaned the original.
func (s *Service) OpenFound(ctx context.Context, f models.File) (OpenFile, error) {
	switch {
	case f.State != models.Ready:
		return OpenFile{}, errNotReady(f)
	case f.Clean == "":
		return s.open(ctx, f, f.Blob, f.MediaType, f.SHA256)
	}
	opened, err := s.open(ctx, f, f.Clean, f.ServedType(), f.CleanSHA256)
	opened.Name = f.ServedName()
	return opened, err
}

// OpenServed opens the bytes of f that visitors receive. The caller has checked that the
// visitor may read f.
func (s *Service) OpenServed(ctx context.Context, f models.File) (*storage.Blob, error) {
	served := f.Served()
	if served.Blob == "" {
		return nil, errNotReady(f)
	}
	blob, err := s.Blobs.Open(ctx, served.Blob)
	if err == nil && blob.Size != served.Size {
		_ = blob.Close()
		return nil, fmt.Errorf("the blob %s has %d bytes, and its record %d", served.Blob, blob.Size, served.Size)
	}
	return blob, err
}

// OpenOriginal returns one of user's own files as it was uploaded, with its
// metadata and in any state. A quarantined file is Forbidden.
func (s *Service) OpenOriginal(ctx context.Context, user models.User, id models.FileID) (OpenFile, error) {
	f, err := s.FindOriginal(ctx, user, id)
	if err != nil {
		return OpenFile{}, err
	}
	return s.open(ctx, f, f.Blob, f.MediaType, f.SHA256)
}

// FindOriginal returns the record of one of user's own files, or Forbidden if the
// file is in quarantine.
func (s *Service) FindOriginal(ctx context.Context, user models.User, id models.FileID) (models.File, error) {
	f, err := s.DB.FileOf(ctx, user.ID, id)
	if err == nil && f.HiddenAt != nil {
		err = problem.New(problem.Forbidden, "This file is in quarantine. See your notifications for the reason.")
	}
	return f, err
}

// OpenThumbnail returns the thumbnail of an image that user may read. The width is
// models.ThumbnailSmall or models.ThumbnailLarge.
func (s *Service) OpenThumbnail(ctx context.Context, user models.User, id models.FileID, width int) (OpenFile, error) {
	f, err := s.DB.ServedFile(ctx, user.ID, id)
	if err != nil {
		return OpenFile{}, err
	}
	return s.OpenFoundThumbnail(ctx, f, width)
}

// OpenFoundThumbnail returns the thumbnail of an image that the caller has found
// readable for the visitor.
func (s *Service) OpenFoundThumbnail(ctx context.Context, f models.File, width int) (OpenFile, error) {
	if !f.HasThumbnail() {
		return OpenFile{}, errNotReady(f)
	}
	key := f.ThumbSmall
	if width == models.ThumbnailLarge {
		key = f.ThumbLarge
	}
	// A thumbnail changes with the content of its file only.
	return s.open(ctx, f, key, f.ThumbType, fmt.Sprintf("%s-%d-%.16s", f.ID, width, f.CleanSHA256))
}

func (s *Service) open(ctx context.Context, f models.File, key models.BlobKey, mediaType, tag string) (OpenFile, error) {
	blob, err := s.Blobs.Open(ctx, key)
	if err != nil {
		return OpenFile{}, err
	}
	return OpenFile{File: f, Blob: blob, Name: f.Name, MediaType: mediaType, ETag: `"` + tag + `"`}, nil
}

func errNotReady(f models.File) error {
	if f.State == models.Processing {
		return problem.New(problem.NotFound, "This file is still processing. Try again in a moment.")
	}
	return problem.New(problem.NotFound, "File not found.")
}
