package accounts

import (
	"context"
	"fmt"
	"strings"
	"time"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/mail"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

const (
	verifyLifetime = 24 * time.Hour
	// maxAccounts is the number of accounts with the same address that get a link.
	maxAccounts = 5
	// resetPause is the minimum time between two links, as strangers can request them.
	resetPause = 5 * time.Minute
)

// ActionVerifyEmail means that a user has verified their email address.
const ActionVerifyEmail models.AuditAction = "user.verify_email"

// mailKinds maps the actions that the affected user is emailed about to their emails.
var mailKinds = map[models.AuditAction]models.MailKind{
	ActionChangePassword: models.MailPassword, ActionResetPassword: models.MailPassword,
	ActionAddFactor: models.MailFactorAdded, ActionRemoveFactor: models.MailFactorRemoved,
	ActionGuessing: models.MailGuessing, ActionLinkIdentity: models.MailLinked, ActionUnlinkIdentity: models.MailUnlinked,
}

// queueMail queues an email, if a mail server is configured.
func (s *Service) queueMail(ctx context.Context, tx *database.DB, m models.SendMail) error {
	if s.Mail == nil {
		return nil
	}
	return s.Jobs.Add(ctx, tx, m)
}

// notify queues the email about e for the affected user, if there is one for its action.
func (s *Service) notify(ctx context.Context, tx *database.DB, e models.AuditEvent) error {
	kind, told := mailKinds[e.Action]
	id, about := strings.CutPrefix(e.Object, models.UserObject(""))
	if !told || !about || e.Outcome != models.Done {
		return nil
	}
	return s.queueMail(ctx, tx, models.SendMail{Mail: kind, UserID: models.UserID(id)})
}

// notifyNewDevice queues an email if the user logs in from an unknown device or network.
func (s *Service) notifyNewDevice(ctx context.Context, tx *database.DB, id models.UserID, from models.Client) error {
	if s.Mail == nil {
		return nil
	}
	known, err := tx.KnowsDevice(ctx, id, from.Name(), from.Place())
	if err != nil || known {
		return err
	}
	return s.queueMail(ctx, tx, models.SendMail{Mail: models.MailNewDevice, UserID: id, Device: from.Name(), Place: from.Place()})
}

// SendsMail reports whether there is a mail server.
func (s *Service) SendsMail() bool { return s.Mail != nil }

// ActionTestMail means that an admin has sent a test email to themselves.
const ActionTestMail models.AuditAction = "mail.test"

// SendTest sends who an email now, without the queue. It returns an Unavailable problem if
// the mail server does not accept it; the error holds why, for the log.
func (s *Service) SendTest(ctx context.Context, who models.Actor) error {
	if s.Mail == nil {
		return problem.New(problem.Conflict, "This site does not send email. Set SMTP_URL first.")
	}
	user, err := s.DB.UserByID(ctx, who.User.ID)
	if err != nil {
		return err
	}
	err = s.Mail.Send(ctx, mail.Message{
		Name: user.Username, To: user.Email, Subject: "Test of the mail server",
		Lines: []string{"This is a test from the administration of " + s.policy().PublicURL + ". Email of the site arrives at this address."},
		Link:  s.policy().PublicURL + "/admin", Button: "Go to the administration",
	})
	event := who.Did(ActionTestMail, models.UserObject(user.ID), "")
	if err == nil {
		return s.audit(ctx, s.DB, event)
	}
	refused := problem.New(problem.Unavailable, "The mail server did not accept the test. The log of the server says why.")
	event.Outcome = models.Refused
	if failed := s.audit(ctx, s.DB, event); failed != nil {
		return failed
	}
	return fmt.Errorf("sending a test: %v: %w", err, refused) //nolint:errorlint // visitors only get the problem
}

// OwesVerification reports whether the user must verify their email address. Until
// then they can only read, and manage their account.
func (s *Service) OwesVerification(who models.User) bool {
	return who.SignedIn() && s.policy().VerifyEmail && who.EmailVerifiedAt == nil
}

// SendVerification sends the user another link to verify their email address.
func (s *Service) SendVerification(ctx context.Context, who models.User) error {
	if s.Mail == nil {
		return problem.New(problem.Conflict, "This site does not send email.")
	}
	return s.DB.Tx(ctx, func(tx *database.DB) error {
		return s.queueMail(ctx, tx, models.SendMail{Mail: models.MailVerify, UserID: who.ID})
	})
}

// CheckVerifyLink returns the user of a valid verification link, or NotFound.
func (s *Service) CheckVerifyLink(ctx context.Context, link models.Secret) (models.User, error) {
	user, err := s.DB.VerifyLinkUser(ctx, link.Hash(), s.now())
	if problem.KindOf(err) == problem.NotFound {
		err = problem.New(problem.NotFound, "This link is invalid, used or expired. Request a new one in your settings.")
	}
	return user, err
}

// VerifyEmail redeems link and marks the user's email address as verified.
func (s *Service) VerifyEmail(ctx context.Context, link models.Secret, from models.Client) error {
	user, err := s.CheckVerifyLink(ctx, link)
	if err != nil {
		return err
	}
	return s.DB.Tx(ctx, func(tx *database.DB) error {
		if err := tx.RedeemVerifyLink(ctx, link.Hash(), s.now()); err != nil {
			return err
		}
		return s.audit(ctx, tx, models.Actor{User: user, Client: from}.Did(ActionVerifyEmail, models.UserObject(user.ID), ""))
	})
}

// RequestReset sends a reset link to the user with the username or verified email
// address account, if there is one. It only queues a job, so it does the same work
// whether or not the account exists (OWASP ASVS 5.0, 6.3.8).
func (s *Service) RequestReset(ctx context.Context, account string) error {
	if account = strings.TrimSpace(account); account == "" || len(account) > models.MaxEmail {
		return problem.OnField("account", "Enter your username or email.")
	}
	return s.DB.Tx(ctx, func(tx *database.DB) error {
		return s.queueMail(ctx, tx, models.SendMail{Mail: models.MailForgot, Account: account})
	})
}

// queueResetMails queues a reset email for each user with this username or email
// address. Unverified addresses get none, as they may belong to a stranger.
func (s *Service) queueResetMails(ctx context.Context, account string) error {
	var users []models.User
	if strings.Contains(account, "@") {
		found, err := s.DB.UsersOfEmail(ctx, strings.ToLower(account), maxAccounts)
		if err != nil {
			return err
		}
		users = found
	} else if user, err := s.ByUsername(ctx, account); err == nil {
		users = []models.User{user}
	} else if problem.KindOf(err) != problem.NotFound {
		return err
	}
	return s.DB.Tx(ctx, func(tx *database.DB) error {
		for _, u := range users {
			taken, err := tx.TakeResetMail(ctx, u.ID, s.now(), s.now().Add(-resetPause))
			if err != nil {
				return err
			}
			if !taken {
				continue
			}
			if err := s.queueMail(ctx, tx, models.SendMail{Mail: models.MailReset, UserID: u.ID}); err != nil {
				return err
			}
		}
		return nil
	})
}

// SendMail runs the job models.SendMail.
func (s *Service) SendMail(ctx context.Context, m models.SendMail) error {
	if s.Mail == nil {
		return nil // the mail server was removed after the job was queued
	}
	if m.Mail == models.MailForgot {
		return s.queueResetMails(ctx, m.Account)
	}
	user, err := s.DB.UserByID(ctx, m.UserID)
	if problem.KindOf(err) == problem.NotFound {
		return nil // the account was deleted
	}
	if err != nil {
		return err
	}
	message, err := s.compose(ctx, m, user)
	if err != nil {
		return err
	}
	message.Name, message.To = user.Username, user.Email
	if m.To != "" {
		message.To = m.To
	}
	return s.Mail.Send(ctx, message)
}

// notYou says what to do if somebody else caused the email.
const notYou = "If this wasn't you, change your password now, check your sessions in the settings and tell the administrator of the site."

// compose returns the message of an email. It creates the link at this point, so
// that no secret is in the queue; earlier links become invalid.
func (s *Service) compose(ctx context.Context, m models.SendMail, user models.User) (mail.Message, error) {
	at := s.policy().PublicURL
	secret, now := models.NewSecret(), s.now()
	switch m.Mail {
	case models.MailVerify:
		err := s.DB.CreateVerifyLink(ctx, secret.Hash(), user.ID, user.Email, now.Add(verifyLifetime))
		return mail.Message{
			Subject: "Verify your email",
			Lines:   []string{"This email was given for an account at " + at + ". Open the link to verify it. The link expires in 24 hours."},
			Link:    at + "/verify/" + secret.Reveal(), Button: "Verify your email",
			After: []string{"If this wasn't you, ignore this email."},
		}, err
	case models.MailReset:
		err := s.DB.CreateResetLink(ctx, secret.Hash(), user.ID, now.Add(resetLifetime))
		return mail.Message{
			Subject: "Reset your password",
			Lines: []string{"Someone asked to reset the password of your account at " + at + ". The link works once and expires in 30 minutes. " +
				"You'll be signed out everywhere."},
			Link: at + "/reset/" + secret.Reveal(), Button: "Set a new password",
			After: []string{"If you didn't ask for it, ignore this email: your password stays the same."},
		}, err
	case models.MailNotification:
		n, err := s.DB.NotificationByID(ctx, m.Notice)
		return mail.Message{
			Subject: "A message from the moderators",
			Lines:   []string{"You have a new notification about your account at " + at + ".", n.Words},
			Link:    at + "/notifications", Button: "See all notifications",
		}, err
	}
	warning, ok := warningAt(at, m)
	if !ok {
		return mail.Message{}, problem.New(problem.NotFound, "Unknown kind of email.")
	}
	warning.After = []string{notYou}
	return warning, nil
}

// warningAt returns the mail about a change to an account of the site at.
func warningAt(at string, m models.SendMail) (warning mail.Message, ok bool) {
	switch m.Mail {
	case models.MailNewDevice:
		return mail.Message{Subject: "New sign-in to your account", Lines: []string{
			"Someone signed in to your account at " + at + " from a new browser or network.", "Browser: " + m.Device, "Network: " + m.Place,
		}}, true
	case models.MailGuessing:
		return mail.Message{Subject: "Somebody is guessing your password", Lines: []string{
			"There were many wrong passwords for your account at " + at + " from networks that you never signed in from. " +
				"For now, signing in with a password from new networks is slowed down. Networks you have used before, and passkeys, still work.",
			"A long password that you use nowhere else, and two-factor authentication, keep your account safe.",
		}, Link: at + "/settings/security", Button: "Check your account"}, true
	case models.MailPassword:
		return mail.Message{Subject: "Your password was changed", Lines: []string{
			"The password of your account at " + at + " was changed.",
		}}, true
	case models.MailAddress:
		return mail.Message{Subject: "Your email was changed", Lines: []string{
			"Your account at " + at + " now has another email. We will no longer write to this one.",
		}}, true
	case models.MailFactorAdded:
		return mail.Message{Subject: "New authenticator app or passkey", Lines: []string{
			"A new authenticator app or passkey was added to your account at " + at + ".",
		}}, true
	case models.MailFactorRemoved:
		return mail.Message{Subject: "Authenticator app or passkey removed", Lines: []string{
			"An authenticator app or passkey was removed from your account at " + at + ".",
		}}, true
	case models.MailLinked:
		return mail.Message{Subject: "Single sign-on was added to your account", Lines: []string{
			"You can now sign in to your account at " + at + " with a provider, without a password.",
		}, Link: at + "/settings/sign-in", Button: "See linked providers"}, true
	case models.MailUnlinked:
		return mail.Message{Subject: "Single sign-on was removed from your account", Lines: []string{
			"A provider was unlinked from your account at " + at + ". You can no longer sign in with it.",
		}}, true
	}
	return warning, false
}
