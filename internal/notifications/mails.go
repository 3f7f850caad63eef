package notifications

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"strings"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/mail"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// SendDigests performs the job models.SendDigests: it queues the daily email of each user
// with a notification that has waited for DigestEvery.
func (s *Service) SendDigests(ctx context.Context, _ models.SendDigests) error {
	for {
		due := s.now().Add(-DigestEvery)
		users, err := s.DB.DueDigests(ctx, due, batchSize)
		if err != nil || len(users) == 0 {
			return err
		}
		for _, user := range users {
			err := s.DB.Tx(ctx, func(tx *database.DB) error {
				batch := rand.Text()
				claimed, err := tx.ClaimDigest(ctx, user, due, batch)
				if err != nil || !claimed {
					return err
				}
				return s.Jobs.Add(ctx, tx, models.MailNotifications{UserID: user, Batch: batch})
			})
			if err != nil {
				return err
			}
		}
	}
}

// MailBatch performs the job models.MailNotifications. It sends nothing if the user has
// read all of them on the site, or cannot sign in.
func (s *Service) MailBatch(ctx context.Context, job models.MailNotifications) error {
	if s.Mail == nil {
		return nil // the mail server was removed after the job was queued
	}
	user, err := s.DB.UserByID(ctx, job.UserID)
	if problem.KindOf(err) == problem.NotFound || err == nil && !user.Shown() {
		return nil
	}
	if err != nil {
		return err
	}
	found, err := s.DB.NotificationBatch(ctx, user.ID, job.Batch, batchSize)
	if err != nil || len(found) == 0 {
		return err
	}
	return s.Mail.Send(ctx, s.compose(user, found[:min(MaxLines, len(found))], len(found), found[0].ID == job.Batch))
}

// compose returns the email about some of total notifications. It has no link to the
// things themselves: what the reader may open is decided on the site.
func (s *Service) compose(user models.User, found []models.NotificationView, total int, atOnce bool) mail.Message {
	ends := ""
	m := mail.Message{
		To: user.Email, Name: user.Username, Subject: "Your notifications: " + problem.Number(total).String(),
		Link: s.PublicURL + "/notifications", Button: "See all notifications",
		After: []string{"You can choose which emails you get in your settings: " + s.PublicURL + "/settings/notifications"},
	}
	if atOnce {
		ends = string(found[0].Kind)
		m.Subject = found[0].Text()
		m.Link, m.Button = m.Link+"/"+found[0].ID, "Open"
	}
	for _, n := range found {
		m.Lines = append(m.Lines, n.Text())
	}
	if more := total - len(found); more > 0 {
		m.Lines = append(m.Lines, "And "+problem.Number(more).String()+" more.")
	}
	m.Leave = s.PublicURL + "/unsubscribe/" + s.leaveToken(user.ID, ends)
	return m
}

// The link that ends emails names a user and a kind, or no kind for the daily email.
const leaveName = "unsubscribe"

// leaveToken returns the token of the link that ends the emails of a kind at once, or
// the daily email. It does not expire: it must work in an old email too (RFC 8058).
func (s *Service) leaveToken(user models.UserID, kind string) string {
	return base64.RawURLEncoding.EncodeToString(s.Key.Seal(leaveName, []byte(string(user)+" "+kind)))
}

// maxLeaveToken is the maximum length of a token in a link that ends emails.
const maxLeaveToken = 300

// openLeave returns the user and the kind of a token, or NotFound.
func (s *Service) openLeave(token string) (user models.UserID, kind models.NotificationKind, err error) {
	sealed, err := base64.RawURLEncoding.DecodeString(token)
	if err == nil && len(token) <= maxLeaveToken {
		plain, err := s.Key.Open(leaveName, sealed)
		if id, kind, ok := strings.Cut(string(plain), " "); err == nil && ok {
			return models.UserID(id), models.NotificationKind(kind), nil
		}
	}
	return "", "", problem.New(problem.NotFound, "This link is invalid. Change your emails in your settings.")
}

// CheckLeave returns NotFound if no email has a link with this token.
func (s *Service) CheckLeave(token string) error {
	_, _, err := s.openLeave(token)
	return err
}

// Leave ends the emails that the token of a link is for. The notifications stay on the
// site. It can be repeated.
func (s *Service) Leave(ctx context.Context, token string) error {
	user, kind, err := s.openLeave(token)
	if err != nil {
		return err
	}
	if _, err := s.DB.UserByID(ctx, user); err != nil {
		return err
	}
	return s.DB.Tx(ctx, func(tx *database.DB) error {
		for _, k := range models.NotificationKinds() {
			delivery, err := tx.DeliveryOf(ctx, user, k)
			ends := delivery == models.DeliverDaily && kind == "" || delivery.ByMail() && kind == k
			if err == nil && ends {
				err = tx.SetDelivery(ctx, models.NotificationChoice{UserID: user, Kind: k, Delivery: models.DeliverSite})
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}
