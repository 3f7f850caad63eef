package accounts

import (
	"context"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// Suspend ends the sessions of the named user, and disables their password and API
// tokens until Reinstate. The reason why is written to the audit log. It fails with
// Conflict if the user is already suspended, or the last active admin.
func (s *Service) Suspend(ctx context.Context, by models.Actor, username, why string) (models.User, error) {
	return s.changeUserFor(ctx, by, username, why, func(tx *database.DB, u models.User, why string) (models.AuditEvent, error) {
		err := tx.SuspendUser(ctx, u.ID, s.now())
		if problem.KindOf(err) == problem.NotFound {
			err = problem.New(problem.Conflict, "This user is already suspended.")
		}
		return by.Did(models.ActionSuspend, models.UserObject(u.ID), why), problem.At("username", err)
	})
}

// Reinstate ends a suspension. The user's API tokens work again.
func (s *Service) Reinstate(ctx context.Context, by models.Actor, username, why string) (models.User, error) {
	return s.changeUserFor(ctx, by, username, why, func(tx *database.DB, u models.User, why string) (models.AuditEvent, error) {
		err := tx.ReinstateUser(ctx, u.ID)
		if problem.KindOf(err) == problem.NotFound {
			err = problem.At("username", problem.New(problem.Conflict, "This user is not suspended."))
		}
		return by.Did(models.ActionReinstate, models.UserObject(u.ID), why), err
	})
}
