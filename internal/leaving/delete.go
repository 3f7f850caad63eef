package leaving

import (
	"context"
	"time"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// piece is how much is deleted in one transaction: nobody waits long for it,
// and one that was cut off has done the pieces before.
const piece = 100

// Ask notes that who is to be deleted when the time to repent is over. At once
// they are logged out everywhere, their API tokens end, and nobody else sees
// them and what they share. typed must be their username.
func (s *Service) Ask(ctx context.Context, who models.Actor, typed string) error {
	if name, err := models.ParseUsername(typed); err != nil || name.Key() != who.User.Username.Key() {
		return problem.OnField("username", "Type your username to confirm.")
	}
	return s.ask(ctx, who, who.User.ID, s.now().Add(s.Grace), "")
}

// AskFor is Ask for the user of that name, by somebody who looks after the site.
// why goes into the audit log.
func (s *Service) AskFor(ctx context.Context, by models.Actor, username, why string) (models.User, error) {
	if why == "" {
		return models.User{}, problem.OnField("why", "Enter a reason for the audit log.")
	}
	name, err := models.ParseUsername(username)
	if err != nil {
		return models.User{}, err
	}
	user, err := s.DB.UserByUsername(ctx, name.Key())
	if err != nil {
		return models.User{}, problem.At("username", err)
	}
	return user, problem.At("username", s.ask(ctx, by, user.ID, s.now().Add(s.Grace), why))
}

func (s *Service) ask(ctx context.Context, by models.Actor, id models.UserID, at time.Time, why string) error {
	return s.DB.Tx(ctx, func(tx *database.DB) error {
		asked, err := tx.AskDeletion(ctx, id, at)
		if err != nil {
			return err
		}
		if !asked {
			return s.whyNot(ctx, tx, id)
		}
		if !at.After(s.now()) { // nobody waits for the hour
			if err := s.Jobs.Add(ctx, tx, models.DeleteUsers{}); err != nil {
				return err
			}
		}
		return s.audit(ctx, tx, by.Did(ActionAsk, models.UserObject(id), why))
	})
}

// whyNot says why a user cannot be marked as one to be deleted.
func (s *Service) whyNot(ctx context.Context, tx *database.DB, id models.UserID) error {
	user, err := tx.UserByID(ctx, id)
	if err != nil {
		return err
	}
	message := "This is the last active admin. Promote another user to admin first."
	if user.DeletionAt != nil {
		message = "This account is already scheduled for deletion."
	}
	return problem.At("username", problem.New(problem.Conflict, "%s", message))
}

// Keep takes back that who is to be deleted. If they are not, or if it is too
// late, it is a Conflict.
func (s *Service) Keep(ctx context.Context, who models.Actor) error {
	return s.keep(ctx, who, who.User.ID, "")
}

func (s *Service) keep(ctx context.Context, who models.Actor, id models.UserID, why string) error {
	return s.DB.Tx(ctx, func(tx *database.DB) error {
		err := tx.KeepUser(ctx, id, s.now())
		if problem.KindOf(err) == problem.NotFound {
			return problem.New(problem.Conflict, "This account is not scheduled for deletion, or it is too late to keep it.")
		}
		if err != nil {
			return err
		}
		return s.audit(ctx, tx, who.Did(ActionKeep, models.UserObject(id), why))
	})
}

// Delete does models.DeleteUsers: what is theirs goes piece by piece, the bytes
// with the rows that name them, and the user last. So whatever is cut off is
// gone on with by the next who comes.
func (s *Service) Delete(ctx context.Context, _ models.DeleteUsers) error {
	for {
		due, err := s.DB.DueDeletions(ctx, s.now(), piece)
		if err != nil {
			return err
		}
		for _, id := range due {
			if err := s.delete(ctx, id); err != nil {
				return err
			}
		}
		if len(due) < piece {
			return nil
		}
	}
}

func (s *Service) delete(ctx context.Context, id models.UserID) error {
	for _, part := range []func(tx *database.DB) (files []models.File, n int, err error){
		func(tx *database.DB) ([]models.File, int, error) {
			n, err := tx.DeleteCommentsBy(ctx, id, piece)
			return nil, n, err
		},
		func(tx *database.DB) ([]models.File, int, error) { return tx.DeletePostsBy(ctx, id, piece) },
		func(tx *database.DB) ([]models.File, int, error) {
			files, err := tx.DeleteFilesBy(ctx, id, piece)
			return files, len(files), err
		},
	} {
		if err := s.pieces(ctx, part); err != nil {
			return err
		}
	}
	return s.DB.Tx(ctx, func(tx *database.DB) error {
		avatar, err := tx.DeleteUser(ctx, id, s.now())
		if problem.KindOf(err) == problem.NotFound { // somebody else was faster
			return nil
		}
		if err == nil && avatar != "" {
			err = s.Jobs.Add(ctx, tx, models.DeleteBlobs{Keys: []models.BlobKey{avatar}})
		}
		if err != nil {
			return err
		}
		return s.audit(ctx, tx, models.Actor{}.Did(ActionDelete, models.UserObject(id), ""))
	})
}

// pieces does part, each time in a transaction, until nothing is left of it.
func (s *Service) pieces(ctx context.Context, part func(tx *database.DB) ([]models.File, int, error)) error {
	for {
		var done int
		err := s.DB.Tx(ctx, func(tx *database.DB) error {
			files, n, err := part(tx)
			done = n
			for i := 0; err == nil && i < len(files); i++ {
				err = s.Jobs.Add(ctx, tx, models.DeleteBlobs{Keys: files[i].Blobs()})
			}
			return err
		})
		if err != nil || done < piece {
			return err
		}
	}
}
