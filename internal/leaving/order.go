package leaving

import (
	"context"
	"errors"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// A DeletionInput is what an admin typed to delete another user's account.
type DeletionInput struct {
	Typed  string // the username, to confirm
	Reason string
	AtOnce bool // without a grace period
}

// check returns the parsed reason, or the problems of in for the account user.
func (in DeletionInput) check(user models.User) (why string, err error) {
	var errs []error
	if name, err := models.ParseUsername(in.Typed); err != nil || name.Key() != user.Username.Key() {
		errs = append(errs, problem.OnField("typed", "Type the username %s to confirm.", user.Username))
	}
	why, err = requireReason("reason", in.Reason)
	return why, errors.Join(append(errs, err)...)
}

// requireReason is models.ParseReason for a text that must not be empty.
func requireReason(field, text string) (string, error) {
	why, err := models.ParseReason(field, text)
	if err == nil && why == "" {
		err = problem.OnField(field, "Enter a reason for the audit log.")
	}
	return why, err
}

// AdminDelete schedules the deletion of the named user by an admin, after Grace
// or at once. It fails with Forbidden if it is the admin's own account.
func (s *Service) AdminDelete(ctx context.Context, by models.Actor, username string, in DeletionInput) error {
	user, err := s.other(ctx, by, username)
	if err != nil {
		return err
	}
	why, err := in.check(user)
	if err != nil {
		return err
	}
	at := s.now().Add(s.Grace)
	if in.AtOnce {
		at, why = s.now(), "at once: "+why
	}
	return problem.At("typed", s.schedule(ctx, by, user.ID, at, why))
}

// AdminCancel cancels the scheduled deletion of the named user, by an admin.
func (s *Service) AdminCancel(ctx context.Context, by models.Actor, username, why string) error {
	user, err := s.other(ctx, by, username)
	if err != nil {
		return err
	}
	why, err = models.ParseReason("reason", why)
	if err != nil {
		return err
	}
	return s.cancel(ctx, by, user.ID, why)
}

// other returns the named user, who must not be the admin.
func (s *Service) other(ctx context.Context, by models.Actor, username string) (models.User, error) {
	name, err := models.ParseUsername(username)
	if err != nil {
		return models.User{}, problem.New(problem.NotFound, "User not found.")
	}
	user, err := s.DB.UserByUsername(ctx, name.Key())
	if err == nil && user.ID == by.User.ID {
		err = problem.New(problem.Forbidden, "You can't do this to your own account here. Ask another admin, or delete it in your settings.")
	}
	return user, err
}
