package accounts

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/filetypes"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
	"example.org/cloakroom/internal/storage"
)

// A ProfileInput is a profile as the user typed it.
type ProfileInput struct {
	Email   string
	Phone   string
	Website string
	Bio     string
}

// parse returns the profile, or the problems of all fields.
func (in ProfileInput) parse() (database.ProfileChange, error) {
	email, badEmail := models.ParseEmail(in.Email)
	phone, badPhone := models.ParsePhone(in.Phone)
	website, badWebsite := models.ParseWebsite(in.Website)
	bio, badBio := models.ParseBio(in.Bio)
	change := database.ProfileChange{Email: email, Phone: phone, Website: website, Bio: bio}
	return change, errors.Join(badEmail, badPhone, badWebsite, badBio)
}

// Check returns the problems of all fields, without changing anything.
func (in ProfileInput) Check() error {
	_, err := in.parse()
	return err
}

// UpdateProfile replaces the user's profile. Its error joins the problems of all fields.
func (s *Service) UpdateProfile(ctx context.Context, who models.User, in ProfileInput) error {
	change, err := in.parse()
	if err != nil {
		return err
	}
	email := change.Email
	if email != who.Email {
		if err := s.checkDelivery(ctx, email); err != nil {
			return err
		}
	}
	return s.DB.Tx(ctx, func(tx *database.DB) error {
		old, err := tx.UserByID(ctx, who.ID)
		if err != nil {
			return err
		}
		if old.Email != email {
			if err := s.checkDomain(email); err != nil {
				return err
			}
		}
		if err := tx.UpdateProfile(ctx, who.ID, change, s.now()); err != nil || old.Email == email {
			return err
		}
		if err := s.queueMail(ctx, tx, models.SendMail{Mail: models.MailAddress, UserID: who.ID, To: old.Email}); err != nil {
			return err
		}
		return s.queueMail(ctx, tx, models.SendMail{Mail: models.MailVerify, UserID: who.ID})
	})
}

// Me returns the user with all fields.
func (s *Service) Me(ctx context.Context, who models.User) (models.User, error) {
	return s.DB.UserByID(ctx, who.ID)
}

// ByUsername returns the user with this name, ignoring case, or NotFound.
func (s *Service) ByUsername(ctx context.Context, username string) (models.User, error) {
	name, err := models.ParseUsername(username)
	if err != nil {
		return models.User{}, problem.New(problem.NotFound, "User not found.")
	}
	return s.DB.UserByUsername(ctx, name.Key())
}

// PublicUser returns the user with this name if they are visible to others, or NotFound.
func (s *Service) PublicUser(ctx context.Context, username string) (models.User, error) {
	user, err := s.ByUsername(ctx, username)
	if err == nil && !user.Shown() {
		err = problem.New(problem.NotFound, "User not found.")
	}
	return user, err
}

// OpenAvatar returns the avatar of a user, which the caller must close, and the user.
func (s *Service) OpenAvatar(ctx context.Context, username string) (*storage.Blob, models.User, error) {
	user, err := s.PublicUser(ctx, username)
	if err != nil {
		return nil, models.User{}, err
	}
	if user.Avatar == "" {
		return nil, models.User{}, problem.New(problem.NotFound, "This user has no profile image.")
	}
	blob, err := s.Blobs.Open(ctx, user.Avatar)
	return blob, user, err
}

// SetAvatar creates the user's avatar from the image in body: a small square
// without metadata. The image itself is not stored.
func (s *Service) SetAvatar(ctx context.Context, who models.User, body io.Reader) error {
	upload := models.NewBlobKey()
	size, err := s.Blobs.Put(ctx, upload, io.LimitReader(body, s.policy().MaxAvatarSize+1))
	if err != nil {
		return fmt.Errorf("storing the picture: %w", err)
	}
	defer s.discard(ctx, upload)
	switch {
	case size == 0:
		return problem.OnField("avatar", "Choose an image.")
	case size > s.policy().MaxAvatarSize:
		tooLarge := problem.New(problem.TooLarge, "Choose an image of up to %d MiB.", s.policy().MaxAvatarSize>>20)
		return problem.At("avatar", tooLarge)
	}
	picture, mediaType, err := s.drawAvatar(ctx, who, upload)
	if err != nil {
		return problem.At("avatar", err)
	}
	key := models.NewBlobKey()
	if _, err := s.Blobs.Put(ctx, key, bytes.NewReader(picture)); err != nil {
		return fmt.Errorf("storing the avatar: %w", err)
	}
	if err := s.replaceAvatar(ctx, who, key, mediaType); err != nil {
		s.discard(ctx, key)
		return err
	}
	return nil
}

// drawAvatar returns the avatar of who for the image stored under upload, and its media type.
func (s *Service) drawAvatar(ctx context.Context, who models.User, upload models.BlobKey) ([]byte, string, error) {
	blob, err := s.Blobs.Open(ctx, upload)
	if err != nil {
		return nil, "", err
	}
	defer blob.Close()
	head := make([]byte, filetypes.HeadLen)
	n, err := io.ReadFull(blob, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, "", fmt.Errorf("reading the picture: %w", err)
	}
	mediaType := filetypes.Image(head[:n])
	if mediaType == "" {
		return nil, "", problem.New(problem.Unsupported, "Choose a JPEG, PNG, GIF or WebP image.")
	}
	if _, err := blob.Seek(0, io.SeekStart); err != nil {
		return nil, "", fmt.Errorf("reading the picture: %w", err)
	}
	limits := s.policy().AvatarLimits
	limits.User = string(who.ID)
	return s.Images.Avatar(ctx, blob, mediaType, limits)
}

// RemoveAvatar removes the user's avatar.
func (s *Service) RemoveAvatar(ctx context.Context, who models.User) error {
	return s.replaceAvatar(ctx, who, "", "")
}

// replaceAvatar sets the user's avatar and queues a job that deletes the old one.
func (s *Service) replaceAvatar(ctx context.Context, who models.User, key models.BlobKey, mediaType string) error {
	return s.DB.Tx(ctx, func(tx *database.DB) error {
		old, err := tx.SetAvatar(ctx, who.ID, key, mediaType, s.now())
		if err != nil || old == "" {
			return err
		}
		return s.Jobs.Add(ctx, tx, models.DeleteBlobs{Keys: []models.BlobKey{old}})
	})
}

// discard deletes bytes that no row refers to, even if the request was cancelled.
// If it fails, the sweep deletes them later.
func (s *Service) discard(ctx context.Context, key models.BlobKey) {
	_ = s.Blobs.Delete(context.WithoutCancel(ctx), key)
}
