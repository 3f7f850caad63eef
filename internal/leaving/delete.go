package leaving

import (
	"context"
	"time"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// deleteBatch is the number of items deleted in one transaction, so that no
// transaction is long and an interrupted job keeps most of its progress.
const deleteBatch = 100

// RequestDeletion schedules the deletion of the user's own account after Grace.
// At once all their sessions and API tokens end, and they and what they share
// become invisible to others. typed must be their username.
func (s *Service) RequestDeletion(ctx context.Context, who models.Actor, typed string) error {
	if name, err := models.ParseUsername(typed); err != nil || name.Key() != who.User.Username.Key() {
		return problem.OnField("username", "Type your username to confirm.")
	}
	return s.schedule(ctx, who, who.User.ID, s.now().Add(s.Grace), "")
}

// OperatorDelete schedules the deletion of the named user after Grace, from the
// command line. The reason why is required and written to the audit log.
func (s *Service) OperatorDelete(ctx context.Context, by models.Actor, username, why string) (models.User, error) {
	why, err := requireReason("why", why)
	if err != nil {
		return models.User{}, err
	}
	name, err := models.ParseUsername(username)
	if err != nil {
		return models.User{}, err
	}
	user, err := s.DB.UserByUsername(ctx, name.Key())
	if err != nil {
		return models.User{}, problem.At("username", err)
	}
	return user, problem.At("username", s.schedule(ctx, by, user.ID, s.now().Add(s.Grace), why))
}

// schedule schedules the deletion of a user at the given time, or fails with
// Conflict. If the time has come, it also queues the job.
func (s *Service) schedule(ctx context.Context, by models.Actor, id models.UserID, at time.Time, why string) error {
	return s.DB.Tx(ctx, func(tx *database.DB) error {
		scheduled, err := tx.AskDeletion(ctx, id, at)
		if err != nil {
			return err
		}
		if !scheduled {
			return s.conflict(ctx, tx, id)
		}
		if !at.After(s.now()) { // do not wait for the hourly job
			if err := s.Jobs.Add(ctx, tx, models.DeleteUsers{}); err != nil {
				return err
			}
		}
		return s.audit(ctx, tx, by.Did(ActionRequest, models.UserObject(id), why))
	})
}

// conflict returns the Conflict that keeps a user from being deleted.
func (s *Service) conflict(ctx context.Context, tx *database.DB, id models.UserID) error {
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

// Cancel cancels the deletion of the user's own account. It fails with Conflict
// if none is scheduled, or if it has begun.
func (s *Service) Cancel(ctx context.Context, who models.Actor) error {
	return s.cancel(ctx, who, who.User.ID, "")
}

// cancel cancels the deletion of a user and writes an audit event.
func (s *Service) cancel(ctx context.Context, who models.Actor, id models.UserID, why string) error {
	return s.DB.Tx(ctx, func(tx *database.DB) error {
		err := tx.KeepUser(ctx, id, s.now())
		if problem.KindOf(err) == problem.NotFound {
			return problem.New(problem.Conflict, "This account is not scheduled for deletion, or it is too late to keep it.")
		}
		if err != nil {
			return err
		}
		return s.audit(ctx, tx, who.Did(ActionCancel, models.UserObject(id), why))
	})
}

// Delete runs the job models.DeleteUsers: it deletes the users whose grace period
// is over. Their data goes first, in batches, together with the jobs that delete
// the bytes, and the user last, so that an interrupted job can be repeated.
func (s *Service) Delete(ctx context.Context, _ models.DeleteUsers) error {
	for {
		due, err := s.DB.DueDeletions(ctx, s.now(), deleteBatch)
		if err != nil {
			return err
		}
		for _, id := range due {
			if err := s.delete(ctx, id); err != nil {
				return err
			}
		}
		if len(due) < deleteBatch {
			return nil
		}
	}
}

// delete deletes one user with all their data.
func (s *Service) delete(ctx context.Context, id models.UserID) error {
	for _, part := range []func(tx *database.DB) (files []models.File, n int, err error){
		func(tx *database.DB) ([]models.File, int, error) {
			n, err := tx.DeleteCommentsBy(ctx, id, deleteBatch)
			return nil, n, err
		},
		func(tx *database.DB) ([]models.File, int, error) { return tx.DeletePostsBy(ctx, id, deleteBatch) },
		func(tx *database.DB) ([]models.File, int, error) {
			files, err := tx.DeleteFilesBy(ctx, id, deleteBatch)
			return files, len(files), err
		},
	} {
		if err := s.deleteAll(ctx, part); err != nil {
			return err
		}
	}
	return s.DB.Tx(ctx, func(tx *database.DB) error {
		if err := tx.ForgetInShares(ctx, id, s.now()); err != nil {
			return err
		}
		avatar, err := tx.DeleteUser(ctx, id, s.now())
		if problem.KindOf(err) == problem.NotFound { // another node was faster
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

// deleteAll repeats part, each time in a transaction, until it deletes less than
// a batch. It queues jobs that delete the bytes of the files that part returns.
func (s *Service) deleteAll(ctx context.Context, part func(tx *database.DB) (files []models.File, n int, err error)) error {
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
		if err != nil || done < deleteBatch {
			return err
		}
	}
}
