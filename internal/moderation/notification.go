package moderation

import (
	"context"
	"crypto/rand"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/models"
)

// notify sends a user a notification, and an email with its text if a mail
// server is configured.
func (s *Service) notify(
	ctx context.Context, tx *database.DB, user models.UserID, kind models.NotificationKind, what models.Subject, text string,
) error {
	n := models.Notification{ID: rand.Text(), UserID: user, Kind: kind, Object: what.Object(), Words: text, CreatedAt: s.now()}
	if err := tx.CreateNotification(ctx, &n); err != nil || !s.Mails {
		return err
	}
	return s.Jobs.Add(ctx, tx, models.SendMail{Mail: models.MailNotification, UserID: user, Notice: n.ID})
}

// nouns are the words for the kinds of subjects in messages.
var nouns = map[models.SubjectKind]string{
	models.SubjectPost: "post", models.SubjectComment: "comment", models.SubjectFile: "file", models.SubjectUser: "account",
}

// actionNotice returns the notification for the owner of a subject after verb.
func actionNotice(v models.SubjectView, verb, why string) string {
	name := "Your " + nouns[v.Kind] + " “" + v.Title + "”"
	switch {
	case v.Kind == models.SubjectComment && v.Visibility == models.Private: // the title is no longer visible to the comment's author
		name = "Your comment on a post that is now private"
	case v.Kind == models.SubjectComment:
		name = "Your comment on “" + v.Title + "”"
	}
	switch verb {
	case verbHide:
		if v.Kind == models.SubjectFile {
			return name + " was put in quarantine, so no one can open it. Reason: " + why
		}
		return name + " was hidden. Only you can see it. Reason: " + why
	case verbRemove:
		return name + " was removed. Reason: " + why
	}
	return name + " was restored. Reason: " + why
}

// decisionNotice returns the notification for the reporters about a decision.
func decisionNotice(kind models.SubjectKind, d models.Decision, note string) string {
	text := "You reported a " + nouns[kind] + ". "
	switch d {
	case models.DecisionDismiss:
		text += "We reviewed it and made no change."
	case models.DecisionHide:
		text += "It was hidden."
	case models.DecisionRemove:
		text += "It was removed."
	case models.DecisionSuspend:
		text += "The user was suspended."
	}
	if note != "" {
		text += " Note from the moderator: " + note
	}
	return text + " Thank you."
}
