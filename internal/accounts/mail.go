package accounts

import (
	"context"
	"strings"
	"time"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/mail"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

const (
	verifyLifetime = 24 * time.Hour
	// mostAccounts is how many accounts with one address are sent a link.
	mostAccounts = 5
	// resetPause is for how long nobody is sent another link: strangers ask too.
	resetPause = 5 * time.Minute
)

// ActionVerifyEmail is an address that was proved to be a user's.
const ActionVerifyEmail models.AuditAction = "user.verify_email"

// notices tells what the user is told of, whoever did it.
var notices = map[models.AuditAction]models.MailKind{
	ActionChangePassword: models.MailPassword, ActionResetPassword: models.MailPassword,
	ActionAddFactor: models.MailFactorAdded, ActionRemoveFactor: models.MailFactorRemoved,
	ActionLinkIdentity: models.MailLinked, ActionUnlinkIdentity: models.MailUnlinked,
}

// post adds a mail to the queue, if there is a mail server.
func (s *Service) post(ctx context.Context, tx *database.DB, m models.SendMail) error {
	if s.Mail == nil {
		return nil
	}
	return s.Jobs.Add(ctx, tx, m)
}

// notify tells the user whom e is about, if they are told of such.
func (s *Service) notify(ctx context.Context, tx *database.DB, e models.AuditEvent) error {
	kind, told := notices[e.Action]
	id, about := strings.CutPrefix(e.Object, models.UserObject(""))
	if !told || !about || e.Outcome != models.Done {
		return nil
	}
	return s.post(ctx, tx, models.SendMail{Mail: kind, UserID: models.UserID(id)})
}

// tellOfDevice tells a user who logs in from where they were not seen.
func (s *Service) tellOfDevice(ctx context.Context, tx *database.DB, id models.UserID, from models.Client) error {
	if s.Mail == nil {
		return nil
	}
	known, err := tx.KnowsDevice(ctx, id, from.Name(), from.Place())
	if err != nil || known {
		return err
	}
	return s.post(ctx, tx, models.SendMail{Mail: models.MailNewDevice, UserID: id, Device: from.Name(), Place: from.Place()})
}

// SendsMail reports whether there is a mail server.
func (s *Service) SendsMail() bool { return s.Mail != nil }

// OwesVerification reports whether the policy wants a proof of who's address,
// and there is none: then they may read, and look after their account.
func (s *Service) OwesVerification(who models.User) bool {
	return who.SignedIn() && s.policy().VerifyEmail && who.EmailVerifiedAt == nil
}

// AskVerification sends who another link to prove their address with.
func (s *Service) AskVerification(ctx context.Context, who models.User) error {
	if s.Mail == nil {
		return problem.New(problem.Conflict, "This site does not send email.")
	}
	return s.DB.Tx(ctx, func(tx *database.DB) error {
		return s.post(ctx, tx, models.SendMail{Mail: models.MailVerify, UserID: who.ID})
	})
}

// CheckVerifyLink returns whose address the link proves, or NotFound.
func (s *Service) CheckVerifyLink(ctx context.Context, link models.Secret) (models.User, error) {
	user, err := s.DB.VerifyLinkUser(ctx, link.Hash(), s.now())
	if problem.KindOf(err) == problem.NotFound {
		err = problem.New(problem.NotFound, "This link is invalid, used or expired. Request a new one in your settings.")
	}
	return user, err
}

// VerifyEmail spends link to note that its address is the user's.
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

// Forgot sends a link that sets a new password to whoever has the username or
// the proved mail address account, if anybody has. It does the same work either
// way: who it is finds out the job (OWASP ASVS 5.0, 6.3.8).
func (s *Service) Forgot(ctx context.Context, account string) error {
	if account = strings.TrimSpace(account); account == "" || len(account) > models.MaxEmail {
		return problem.OnField("account", "Enter your username or email.")
	}
	return s.DB.Tx(ctx, func(tx *database.DB) error {
		return s.post(ctx, tx, models.SendMail{Mail: models.MailForgot, Account: account})
	})
}

// forgotten adds a mail for each user whom account means. An address that was
// never proved gets none: it may be a stranger's.
func (s *Service) forgotten(ctx context.Context, account string) error {
	var users []models.User
	if strings.Contains(account, "@") {
		found, err := s.DB.UsersOfEmail(ctx, strings.ToLower(account), mostAccounts)
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
			sent, err := tx.ResetLinkSince(ctx, u.ID, s.now().Add(resetLifetime-resetPause))
			if err != nil {
				return err
			}
			if sent || u.EmailVerifiedAt == nil || u.SuspendedAt != nil {
				continue
			}
			if err := s.post(ctx, tx, models.SendMail{Mail: models.MailReset, UserID: u.ID}); err != nil {
				return err
			}
		}
		return nil
	})
}

// SendMail does models.SendMail.
func (s *Service) SendMail(ctx context.Context, m models.SendMail) error {
	if s.Mail == nil {
		return nil // there was one when it was asked for
	}
	if m.Mail == models.MailForgot {
		return s.forgotten(ctx, m.Account)
	}
	user, err := s.DB.UserByID(ctx, m.UserID)
	if problem.KindOf(err) == problem.NotFound {
		return nil // they have left
	}
	if err != nil {
		return err
	}
	message, err := s.written(ctx, m, user)
	if err != nil {
		return err
	}
	message.Name, message.To = user.Username, user.Email
	if m.To != "" {
		message.To = m.To
	}
	return s.Mail.Send(ctx, message)
}

// notYou is what to do about something one did not do.
const notYou = "If this wasn't you, change your password now, check your sessions in the settings and tell the administrator of the site."

// written returns what a mail says. Its link is made now, in the place of older
// ones, so that one that was tried before is void.
func (s *Service) written(ctx context.Context, m models.SendMail, user models.User) (mail.Message, error) {
	at := s.policy().PublicURL
	secret, now := models.NewSecret(), s.now()
	switch m.Mail {
	case models.MailVerify:
		err := s.DB.CreateVerifyLink(ctx, secret.Hash(), user.ID, user.Email, now.Add(verifyLifetime))
		return mail.Message{Subject: "Verify your email", Lines: []string{"This email was given for an account at " + at + ". Open the link to verify it. The link expires in 24 hours."},
			Link: at + "/verify/" + secret.Reveal(), Button: "Verify your email", After: []string{"If this wasn't you, ignore this email."}}, err
	case models.MailReset:
		err := s.DB.CreateResetLink(ctx, secret.Hash(), user.ID, now.Add(resetLifetime))
		return mail.Message{Subject: "Reset your password", Lines: []string{"Someone asked to reset the password of your account at " + at + ". The link works once and expires in 30 minutes. You'll be signed out everywhere."},
			Link: at + "/reset/" + secret.Reveal(), Button: "Set a new password", After: []string{"If you didn't ask for it, ignore this email: your password stays the same."}}, err
	case models.MailNewDevice:
		return mail.Message{Subject: "New sign-in to your account", Lines: []string{"Someone signed in to your account at " + at + " from a new browser or network.", "Browser: " + m.Device, "Network: " + m.Place}, After: []string{notYou}}, nil
	case models.MailPassword:
		return mail.Message{Subject: "Your password was changed", Lines: []string{"The password of your account at " + at + " was changed."}, After: []string{notYou}}, nil
	case models.MailAddress:
		return mail.Message{Subject: "Your email was changed", Lines: []string{"Your account at " + at + " now has another email. We will no longer write to this one."}, After: []string{notYou}}, nil
	case models.MailFactorAdded:
		return mail.Message{Subject: "New authenticator app or passkey", Lines: []string{"A new authenticator app or passkey was added to your account at " + at + "."}, After: []string{notYou}}, nil
	case models.MailFactorRemoved:
		return mail.Message{Subject: "Authenticator app or passkey removed", Lines: []string{"An authenticator app or passkey was removed from your account at " + at + "."}, After: []string{notYou}}, nil
	case models.MailNotice:
		n, err := s.DB.NotificationByID(ctx, m.Notice)
		return mail.Message{Subject: "A message from the moderators", Lines: []string{"You have a new notification about your account at " + at + ".", n.Words},
			Link: at + "/settings/notices", Button: "See all notifications"}, err
	case models.MailLinked:
		return mail.Message{Subject: "Single sign-on was added to your account", Lines: []string{"You can now sign in to your account at " + at + " with a provider, without a password."}, Link: at + "/settings/sign-in", Button: "See linked providers", After: []string{notYou}}, nil
	case models.MailUnlinked:
		return mail.Message{Subject: "Single sign-on was removed from your account", Lines: []string{"A provider was unlinked from your account at " + at + ". You can no longer sign in with it."}, After: []string{notYou}}, nil
	}
	return mail.Message{}, problem.New(problem.NotFound, "Unknown kind of email.")
}
