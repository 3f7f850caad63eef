package accounts

import (
	"context"
	"crypto/rand"
	"time"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// guessingPause is the minimum time between two warnings of a user.
const guessingPause = 24 * time.Hour

// KnowsNetwork reports whether the user with this name has signed in from the network of
// the client in the last months. There may be no such user.
func (s *Service) KnowsNetwork(ctx context.Context, username string, from models.Client) (bool, error) {
	user, err := s.ByUsername(ctx, username)
	if problem.KindOf(err) == problem.NotFound {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return s.DB.KnowsNetwork(ctx, user.ID, from.Place())
}

// TellOfGuessing tells the user with this name, if there is one, that somebody guesses their
// password: once a day, on the site and by email.
func (s *Service) TellOfGuessing(ctx context.Context, username string) error {
	user, err := s.ByUsername(ctx, username)
	if problem.KindOf(err) == problem.NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	now := s.now()
	return s.DB.Tx(ctx, func(tx *database.DB) error {
		first, err := tx.ToldOfGuessing(ctx, user.ID, now, now.Add(-guessingPause))
		if err != nil || !first {
			return err
		}
		err = tx.CreateNotification(ctx, &models.Notification{
			ID: rand.Text(), UserID: user.ID, Kind: models.NotificationSecurity, CreatedAt: now,
			Words: "There were many wrong passwords for your account, from networks you never signed in from. " +
				"Use a long password that you use nowhere else, and two-factor authentication.",
		})
		if err != nil {
			return err
		}
		return s.audit(ctx, tx, models.Actor{}.Did(ActionGuessing, models.UserObject(user.ID), "many wrong passwords from new networks"))
	})
}
