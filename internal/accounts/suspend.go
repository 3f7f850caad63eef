package accounts

import (
	"context"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// Suspend keeps the user of that name out: their sessions end, and neither
// password nor API token opens anything until Reinstate. why goes into the
// audit log. A user who is suspended already is a Conflict, and so is the only
// admin.
func (s *Service) Suspend(ctx context.Context, by models.Actor, username, why string) (models.User, error) {
	return s.changed(ctx, by, username, func(tx *database.DB, u models.User) (models.AuditEvent, error) {
		err := tx.SuspendUser(ctx, u.ID, s.now())
		if problem.KindOf(err) == problem.NotFound {
			err = problem.New(problem.Conflict, "This user is already suspended.")
		}
		return by.Did(models.ActionSuspend, models.UserObject(u.ID), why), problem.At("username", err)
	})
}

// Reinstate lets a suspended user in again, with the API tokens they had.
func (s *Service) Reinstate(ctx context.Context, by models.Actor, username, why string) (models.User, error) {
	return s.changed(ctx, by, username, func(tx *database.DB, u models.User) (models.AuditEvent, error) {
		err := tx.ReinstateUser(ctx, u.ID)
		if problem.KindOf(err) == problem.NotFound {
			err = problem.At("username", problem.New(problem.Conflict, "This user is not suspended."))
		}
		return by.Did(models.ActionReinstate, models.UserObject(u.ID), why), err
	})
}
