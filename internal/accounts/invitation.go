package accounts

import (
	"context"
	"errors"
	"strings"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// Actions on invitations in the audit log.
const (
	ActionInvite           models.AuditAction = "invitation.create"
	ActionRevokeInvitation models.AuditAction = "invitation.revoke"
	ActionRedeem           models.AuditAction = "invitation.redeem"
)

const (
	invitationObject     = "invitation:" // prefix of the ID in the audit log
	invitationUnknownMsg = "This invitation is invalid, used, revoked or expired. Ask the person who sent it for a new one."
)

// Invite creates an invitation and returns its secret, which is not stored.
func (s *Service) Invite(ctx context.Context, by models.Actor, in models.InvitationInput) (models.Invitation, models.Secret, error) {
	i, secret, errs := models.NewInvitation(in, s.now())
	if err := errors.Join(errs...); err != nil {
		return models.Invitation{}, "", err
	}
	return i, secret, s.DB.Tx(ctx, func(tx *database.DB) error {
		if err := tx.CreateInvitation(ctx, i); err != nil {
			return err
		}
		return s.audit(ctx, tx, by.Did(ActionInvite, invitationObject+i.ID, string(i.Role)+", "+string(i.Tier)))
	})
}

// Invitations returns up to most of all invitations, newest first.
func (s *Service) Invitations(ctx context.Context, before models.Cursor, most int) (models.Page[models.Invitation], error) {
	return s.DB.Invitations(ctx, before, most)
}

// RevokeInvitation deletes an unused invitation, or fails with NotFound.
func (s *Service) RevokeInvitation(ctx context.Context, by models.Actor, id string) error {
	return s.DB.Tx(ctx, func(tx *database.DB) error {
		if err := tx.DeleteInvitation(ctx, id); err != nil {
			return err
		}
		return s.audit(ctx, tx, by.Did(ActionRevokeInvitation, invitationObject+id, ""))
	})
}

// RegistrationClosed reports whether nobody can register, even with an invitation.
func (s *Service) RegistrationClosed() bool { return s.policy().Registering == models.RegisterClosed }

// Invitation returns the valid invitation with this secret, or NotFound.
func (s *Service) Invitation(ctx context.Context, secret models.Secret) (models.Invitation, error) {
	if s.RegistrationClosed() {
		return models.Invitation{}, errRegistrationClosed()
	}
	i, err := s.DB.InvitationByHash(ctx, secret.Hash(), s.now())
	if problem.KindOf(err) == problem.NotFound {
		err = problem.New(problem.NotFound, invitationUnknownMsg)
	}
	return i, err
}

func errRegistrationClosed() error {
	return problem.New(problem.Forbidden, "Registration is closed. Ask the administrator for an account.")
}

// MayRegister fails with Forbidden if visitors cannot register without an
// invitation.
func (s *Service) MayRegister() error {
	switch s.policy().Registering {
	case models.RegisterOpen:
		return nil
	case models.RegisterInvitation:
		return problem.New(problem.Forbidden, "Registration is by invitation only. Ask the administrator for an invitation.")
	case models.RegisterClosed:
	}
	return errRegistrationClosed()
}

// checkDomain fails if the address is not at one of the allowed domains.
func (s *Service) checkDomain(email models.Email) error {
	if !email.Within(s.policy().Domains) {
		return problem.OnField("email", "Use an email address at %s.", strings.Join(s.policy().Domains, " or "))
	}
	return nil
}

// RegisterInvited is Register with an invitation, which works once, even for
// concurrent calls. The user gets the role and the tier of the invitation; the role
// is never admin.
func (s *Service) RegisterInvited(
	ctx context.Context, secret models.Secret, in RegistrationInput, from models.Client,
) (models.User, models.Secret, error) {
	i, err := s.Invitation(ctx, secret)
	if err != nil {
		return models.User{}, "", err
	}
	if i.Role == models.RoleAdmin {
		return models.User{}, "", problem.New(problem.NotFound, invitationUnknownMsg)
	}
	user, err := s.newUser(ctx, in, i.Role, i.Tier)
	if err != nil {
		return models.User{}, "", err
	}
	if i.Email != "" && !strings.EqualFold(string(i.Email), string(user.Email)) {
		return models.User{}, "", problem.OnField("email", "This invitation is for another email address.")
	}
	var session models.Secret
	err = s.DB.Tx(ctx, func(tx *database.DB) error {
		if err := tx.RedeemInvitation(ctx, i.ID, s.now()); err != nil {
			return err
		}
		if session, err = s.createUser(ctx, tx, &user, from); err != nil {
			return err
		}
		if err := tx.InvitedUser(ctx, i.ID, user.ID); err != nil {
			return err
		}
		who := models.Actor{User: user, Client: from}
		return s.audit(ctx, tx, who.Did(ActionRedeem, invitationObject+i.ID, string(i.Role)+", "+string(i.Tier)))
	})
	if problem.KindOf(err) == problem.NotFound { // redeemed meanwhile
		err = problem.New(problem.NotFound, invitationUnknownMsg)
	}
	return user, session, err
}

// createUser creates the user, queues the verification email, and starts a session.
func (s *Service) createUser(ctx context.Context, tx *database.DB, user *models.User, from models.Client) (models.Secret, error) {
	if err := tx.CreateUser(ctx, user); err != nil {
		return "", err
	}
	if err := s.queueMail(ctx, tx, models.SendMail{Mail: models.MailVerify, UserID: user.ID}); err != nil {
		return "", err
	}
	return s.startSession(ctx, tx, user.ID, from)
}
