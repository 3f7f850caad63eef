package accounts

import (
	"context"
	"errors"
	"strings"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// What is in the audit log of invitations.
const (
	ActionInvite   models.AuditAction = "invitation.create"
	ActionUninvite models.AuditAction = "invitation.revoke"
	ActionRedeem   models.AuditAction = "invitation.redeem"
)

const (
	invitationObject     = "invitation:" // in the audit log, before the identifier
	invitationUnknownMsg = "This invitation is invalid, used, revoked or expired. Ask the person who sent it for a new one."
)

// Invite makes an invitation, whose secret is returned this once.
func (s *Service) Invite(ctx context.Context, by models.Actor, in models.InvitationIncoming) (models.Invitation, models.Secret, error) {
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

// Uninvite takes back an invitation that nobody has used, or returns NotFound.
func (s *Service) Uninvite(ctx context.Context, by models.Actor, id string) error {
	return s.DB.Tx(ctx, func(tx *database.DB) error {
		if err := tx.DeleteInvitation(ctx, id); err != nil {
			return err
		}
		return s.audit(ctx, tx, by.Did(ActionUninvite, invitationObject+id, ""))
	})
}

// Closed reports whether nobody can register, by an invitation neither.
func (s *Service) Closed() bool { return s.policy().Registering == models.RegisterClosed }

// Invitation returns what secret invites to, or NotFound.
func (s *Service) Invitation(ctx context.Context, secret models.Secret) (models.Invitation, error) {
	if s.Closed() {
		return models.Invitation{}, errClosed()
	}
	i, err := s.DB.InvitationByHash(ctx, secret.Hash(), s.now())
	if problem.KindOf(err) == problem.NotFound {
		err = problem.New(problem.NotFound, invitationUnknownMsg)
	}
	return i, err
}

func errClosed() error {
	return problem.New(problem.Forbidden, "Registration is closed. Ask the administrator for an account.")
}

// MayRegister returns a Forbidden problem if one cannot register without an
// invitation.
func (s *Service) MayRegister() error {
	switch s.policy().Registering {
	case models.RegisterOpen:
		return nil
	case models.RegisterInvitation:
		return problem.New(problem.Forbidden, "Registration is by invitation only. Ask the administrator for an invitation.")
	case models.RegisterClosed:
	}
	return errClosed()
}

// checkDomain refuses an address that is at none of the domains that may come.
func (s *Service) checkDomain(email models.Email) error {
	if !email.Within(s.policy().Domains) {
		return problem.OnField("email", "Use an email address at %s.", strings.Join(s.policy().Domains, " or "))
	}
	return nil
}

// RegisterInvited is Register by an invitation, which is used up: of many who
// come by it at once, one is a user then. The role and the tier are those it
// names, and the role is never admin.
func (s *Service) RegisterInvited(ctx context.Context, secret models.Secret, in Registration, from models.Client) (models.User, models.Secret, error) {
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
		if session, err = s.settle(ctx, tx, &user, from); err != nil {
			return err
		}
		if err := tx.InvitedUser(ctx, i.ID, user.ID); err != nil {
			return err
		}
		who := models.Actor{User: user, Client: from}
		return s.audit(ctx, tx, who.Did(ActionRedeem, invitationObject+i.ID, string(i.Role)+", "+string(i.Tier)))
	})
	if problem.KindOf(err) == problem.NotFound { // somebody else was faster
		err = problem.New(problem.NotFound, invitationUnknownMsg)
	}
	return user, session, err
}

// settle creates the user, has them prove their address, and opens a session.
func (s *Service) settle(ctx context.Context, tx *database.DB, user *models.User, from models.Client) (models.Secret, error) {
	if err := tx.CreateUser(ctx, user); err != nil {
		return "", err
	}
	if err := s.post(ctx, tx, models.SendMail{Mail: models.MailVerify, UserID: user.ID}); err != nil {
		return "", err
	}
	return s.openSession(ctx, tx, user.ID, from)
}
