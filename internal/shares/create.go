package shares

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// Create makes a share of user's own post or file, and returns it with its link. Its
// error joins the problems of all fields.
func (s *Service) Create(ctx context.Context, by models.Actor, of Target, in models.ShareInput) (models.ShareView, error) {
	return s.create(ctx, by, in, func(*database.DB) (Target, error) { return of, nil })
}

// CreateOfFiles makes a private post of files that user has uploaded, and a share of it,
// or neither. It returns the share with its link. Its error joins the problems of all
// fields.
func (s *Service) CreateOfFiles(
	ctx context.Context, by models.Actor, files []models.FileID, in models.ShareInput,
) (models.ShareView, error) {
	return s.create(ctx, by, in, func(tx *database.DB) (of Target, err error) {
		of.Post, err = s.Posts.CreatePrivate(ctx, tx, by.User, files)
		return of, err
	})
}

// create makes a share of what target returns in the transaction of the share.
func (s *Service) create(
	ctx context.Context, by models.Actor, in models.ShareInput, target func(tx *database.DB) (Target, error),
) (models.ShareView, error) {
	now := s.now()
	share := models.Share{ID: models.NewShareID(), OwnerID: by.User.ID, ByToken: by.ByToken, CreatedAt: now, UpdatedAt: now}
	users, err := s.parse(ctx, by.User, in, &share)
	if err != nil {
		return models.ShareView{}, err
	}
	secret := models.NewSecret()
	share.Hash, share.Sealed = secret.Hash(), s.Key.Seal(string(share.ID), []byte(secret.Reveal()))
	var view models.ShareView
	err = s.DB.Tx(ctx, func(tx *database.DB) error {
		of, err := target(tx)
		if err != nil {
			return err
		}
		if share.PostID, share.FileID = &of.Post, nil; of.Post == "" {
			share.PostID, share.FileID = nil, &of.File
		}
		made, err := tx.CreateShare(ctx, &share, users, models.MaxShares)
		if err != nil {
			return err
		}
		if !made {
			return errTooMany()
		}
		if err := s.audit(ctx, tx, by.Did(ActionCreate, models.ShareObject(share.ID), share.Summary())); err != nil {
			return err
		}
		view, err = tx.ShareOf(ctx, by.User.ID, share.ID)
		return err
	})
	return s.view(view), err
}

func errTooMany() error {
	return problem.New(problem.Conflict,
		"You have %d links, revoked ones included. Delete posts or files that you no longer share.", models.MaxShares)
}

// Check validates the form of a new share by user without storing anything, and that they
// may have one more. Its error joins the problems of all fields.
func (s *Service) Check(ctx context.Context, user models.User, in models.ShareInput) error {
	var share models.Share
	_, lifeErr := s.life(user, in.Expires)
	_, namesErr := parseNames(in.Users)
	if err := errors.Join(append(in.Parse(&share), lifeErr, namesErr)...); err != nil {
		return err
	}
	has, err := s.DB.CountShares(ctx, user.ID, models.MaxShares)
	if err == nil && has >= models.MaxShares {
		err = errTooMany()
	}
	return err
}

// parse sets what in describes, and returns the users that the share is for. Hashing a
// password is slow, so it comes after every other check.
func (s *Service) parse(ctx context.Context, user models.User, in models.ShareInput, share *models.Share) ([]models.UserID, error) {
	errs := in.Parse(share)
	if in.Expires != "" || share.UpdatedAt.Equal(share.CreatedAt) {
		life, err := s.life(user, in.Expires)
		errs = append(errs, err)
		if share.ExpiresAt = nil; life != models.Never {
			expires := s.now().Add(life)
			share.ExpiresAt = &expires
		}
	}
	names, err := parseNames(in.Users)
	errs = append(errs, err)
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	// A name that nobody has is silently for nobody, so that the form tells no names.
	before := strings.Fields(share.Names)
	share.Named, share.Names = len(names) > 0, strings.Join(names, " ")
	users, err := s.usersOf(ctx, share.ID, before, names)
	if err != nil {
		return nil, err
	}
	switch {
	case in.Password != "":
		share.Password, err = s.Keys.Hasher.Hash(ctx, in.Password)
	case in.RemovePassword:
		share.Password = ""
	}
	return users, err
}

// usersOf returns the users with these names. A name that the share had before is still
// that of the same user, or of nobody: who takes the name later is not invited.
func (s *Service) usersOf(ctx context.Context, share models.ShareID, before, names []string) ([]models.UserID, error) {
	var added, kept []string
	for _, name := range names {
		if slices.ContainsFunc(before, func(old string) bool { return strings.EqualFold(old, name) }) {
			kept = append(kept, name)
		} else {
			added = append(added, name)
		}
	}
	users, err := s.DB.ActiveUserIDs(ctx, added)
	if err != nil {
		return nil, err
	}
	still, err := s.DB.ShareUserIDs(ctx, share, kept)
	return append(users, still...), err
}

// parseNames returns the usernames in text, between commas or white space, each perhaps
// after @. It does not ask whether anybody has them.
func parseNames(text string) ([]string, error) {
	names := strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == '@' || unicode.IsSpace(r) })
	if len(names) > models.MaxShareUsers {
		return nil, problem.OnField("users", "Name at most %d users.", models.MaxShareUsers)
	}
	for _, name := range names {
		if _, err := models.ParseUsername(name); err != nil {
			return nil, problem.OnField("users", "Enter usernames, separated by spaces. They have %d to %d letters, digits or underscores.",
				models.MinUsername, models.MaxUsername)
		}
	}
	return names, nil
}

// life returns how long a share of user's lives that the form gives this life.
func (s *Service) life(user models.User, text string) (time.Duration, error) {
	policy := s.Policy.Get()
	return models.ShareLife(text, policy.Default, policy.Longest[user.Tier])
}

// LongestOf returns the longest life that user can give a share; zero: it may never
// expire.
func (s *Service) LongestOf(user models.User) time.Duration { return s.Policy.Get().Longest[user.Tier] }
