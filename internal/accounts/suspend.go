package accounts

import (
	"context"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// Suspend keeps the user of that name out: their sessions end, and neither
// password nor API token opens anything until Reinstate. why goes into the
// audit log. The user who is suspended already is a Conflict.
func (s *Service) Suspend(ctx context.Context, by models.Actor, username, why string) (models.User, error) {
	user, err := s.ByUsername(ctx, username)
	if err != nil {
		return models.User{}, problem.At("username", err)
	}
	return user, s.DB.Tx(ctx, func(tx *database.DB) error {
		err := tx.SuspendUser(ctx, user.ID, s.now())
		if problem.KindOf(err) == problem.NotFound {
			return problem.At("username", problem.New(problem.Conflict, "This user is suspended already."))
		}
		if err != nil {
			return err
		}
		return s.audit(ctx, tx, by.Did(ActionSuspend, models.UserObject(user.ID), why))
	})
}

// Reinstate lets a suspended user in again, with the API tokens they had.
func (s *Service) Reinstate(ctx context.Context, by models.Actor, username, why string) (models.User, error) {
	user, err := s.ByUsername(ctx, username)
	if err != nil {
		return models.User{}, problem.At("username", err)
	}
	return user, s.DB.Tx(ctx, func(tx *database.DB) error {
		err := tx.ReinstateUser(ctx, user.ID)
		if problem.KindOf(err) == problem.NotFound {
			return problem.At("username", problem.New(problem.Conflict, "This user is not suspended."))
		}
		if err != nil {
			return err
		}
		return s.audit(ctx, tx, by.Did(ActionReinstate, models.UserObject(user.ID), why))
	})
}
