package leaving

import (
	"context"
	"errors"
	"strings"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// maxReason is how long a reason may be, in bytes: it goes into the audit log.
const maxReason = 500

// An Order is what an admin typed to have the account of another deleted.
type Order struct {
	Typed  string // the username once more
	Reason string
	AtOnce bool // without time to repent
}

// check judges o as an order about user.
func (o Order) check(user models.User) error {
	var errs []error
	if name, err := models.ParseUsername(o.Typed); err != nil || name.Key() != user.Username.Key() {
		errs = append(errs, problem.OnField("typed", "Type the username %s to confirm.", user.Username))
	}
	if reason := strings.TrimSpace(o.Reason); reason == "" || len(reason) > maxReason {
		errs = append(errs, problem.OnField("reason", "Enter a reason for the audit log, up to %d characters.", maxReason))
	}
	return errors.Join(errs...)
}

// Order is Ask for the user of that name, by an admin; at once, if the order
// says so: then they cannot repent, and the next job deletes them. What admins
// do to themselves they do in their settings.
func (s *Service) Order(ctx context.Context, by models.Actor, username string, o Order) error {
	user, err := s.other(ctx, by, username)
	if err != nil {
		return err
	}
	if err := o.check(user); err != nil {
		return err
	}
	at, why := s.now().Add(s.Grace), strings.TrimSpace(o.Reason)
	if o.AtOnce {
		at, why = s.now(), "at once: "+why
	}
	return problem.At("typed", s.ask(ctx, by, user.ID, at, why))
}

// Spare is Keep for the user of that name, by an admin.
func (s *Service) Spare(ctx context.Context, by models.Actor, username, why string) error {
	user, err := s.other(ctx, by, username)
	if err != nil {
		return err
	}
	return s.keep(ctx, by, user.ID, strings.TrimSpace(why))
}

// other returns the user of that name, who must not be by.
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
