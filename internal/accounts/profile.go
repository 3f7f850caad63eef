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

// A ProfileIncoming is what a user typed into their profile.
type ProfileIncoming struct {
	Email   string
	Phone   string
	Website string
	Bio     string
}

// UpdateProfile replaces who's profile. Its error joins the problems of all fields.
func (s *Service) UpdateProfile(ctx context.Context, who models.User, in ProfileIncoming) error {
	email, badEmail := models.ParseEmail(in.Email)
	phone, badPhone := models.ParsePhone(in.Phone)
	website, badWebsite := models.ParseWebsite(in.Website)
	bio, badBio := models.ParseBio(in.Bio)
	if err := errors.Join(badEmail, badPhone, badWebsite, badBio); err != nil {
		return err
	}
	change := database.ProfileChange{Email: email, Phone: phone, Website: website, Bio: bio}
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
		if err := s.post(ctx, tx, models.SendMail{Mail: models.MailAddress, UserID: who.ID, To: old.Email}); err != nil {
			return err
		}
		return s.post(ctx, tx, models.SendMail{Mail: models.MailVerify, UserID: who.ID})
	})
}

// Me returns who with all that they told of themselves.
func (s *Service) Me(ctx context.Context, who models.User) (models.User, error) {
	return s.DB.UserByID(ctx, who.ID)
}

// ByUsername returns the user with this name, in any case.
func (s *Service) ByUsername(ctx context.Context, username string) (models.User, error) {
	name, err := models.ParseUsername(username)
	if err != nil {
		return models.User{}, problem.New(problem.NotFound, "User not found.")
	}
	return s.DB.UserByUsername(ctx, name.Key())
}

// Shown returns the user with this name if others may see them, or NotFound.
func (s *Service) Shown(ctx context.Context, username string) (models.User, error) {
	user, err := s.ByUsername(ctx, username)
	if err == nil && !user.Shown() {
		err = problem.New(problem.NotFound, "User not found.")
	}
	return user, err
}

// OpenAvatar returns the bytes of the avatar of a user, and its media type.
func (s *Service) OpenAvatar(ctx context.Context, username string) (*storage.Blob, models.User, error) {
	user, err := s.Shown(ctx, username)
	if err != nil {
		return nil, models.User{}, err
	}
	if user.Avatar == "" {
		return nil, models.User{}, problem.New(problem.NotFound, "This user has no profile image.")
	}
	blob, err := s.Blobs.Open(ctx, user.Avatar)
	return blob, user, err
}

// SetAvatar makes the picture in body who's avatar: square, small, and without
// what the camera wrote into it. The picture itself is not kept.
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
	picture, mediaType, err := s.drawAvatar(ctx, upload)
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

// drawAvatar reads the picture under upload and returns the avatar made of it.
func (s *Service) drawAvatar(ctx context.Context, upload models.BlobKey) ([]byte, string, error) {
	blob, err := s.Blobs.Open(ctx, upload)
	if err != nil {
		return nil, "", err
	}
	defer blob.Close()
	head := make([]byte, filetypes.SniffLen)
	n, err := io.ReadFull(blob, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, "", fmt.Errorf("reading the picture: %w", err)
	}
	sniffed := filetypes.Sniff(head[:n])
	if sniffed.Kind != models.KindImage {
		return nil, "", problem.New(problem.Unsupported, "Choose a JPEG, PNG, GIF or WebP image.")
	}
	if _, err := blob.Seek(0, io.SeekStart); err != nil {
		return nil, "", fmt.Errorf("reading the picture: %w", err)
	}
	return s.Images.Avatar(ctx, blob, sniffed.MediaType, s.policy().AvatarLimits)
}

// RemoveAvatar takes who's avatar away.
func (s *Service) RemoveAvatar(ctx context.Context, who models.User) error {
	return s.replaceAvatar(ctx, who, "", "")
}

func (s *Service) replaceAvatar(ctx context.Context, who models.User, key models.BlobKey, mediaType string) error {
	return s.DB.Tx(ctx, func(tx *database.DB) error {
		old, err := tx.SetAvatar(ctx, who.ID, key, mediaType, s.now())
		if err != nil || old == "" {
			return err
		}
		return s.Jobs.Add(ctx, tx, models.DeleteBlobs{Keys: []models.BlobKey{old}})
	})
}

// discard removes bytes that no record names, even when the visitor has left.
// Should it fail, the sweep finds them.
func (s *Service) discard(ctx context.Context, key models.BlobKey) {
	_ = s.Blobs.Delete(context.WithoutCancel(ctx), key)
}
