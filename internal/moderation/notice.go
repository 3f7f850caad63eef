package moderation

import (
	"context"
	"crypto/rand"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/models"
)

// noticesPerPage is how many notices are on a page of the list.
const noticesPerPage = 50

// tell gives a user a notice, and a mail with its words, if there is a mail
// server.
func (s *Service) tell(ctx context.Context, tx *database.DB, user models.UserID, kind models.NotificationKind, what models.Subject, text string) error {
	n := models.Notification{ID: rand.Text(), UserID: user, Kind: kind, Object: what.Object(), Words: text, CreatedAt: s.now()}
	if err := tx.CreateNotification(ctx, &n); err != nil || !s.Mails {
		return err
	}
	return s.Jobs.Add(ctx, tx, models.SendMail{Mail: models.MailNotice, UserID: user, Notice: n.ID})
}

// Notices returns a page of who's notices, newest first.
func (s *Service) Notices(ctx context.Context, who models.User, before models.Cursor) (models.Page[models.Notification], error) {
	return s.DB.NotificationsOf(ctx, who.ID, before, noticesPerPage)
}

// ReadNotices notes that who has read the notices there are.
func (s *Service) ReadNotices(ctx context.Context, who models.User) error {
	return s.DB.MarkNotificationsRead(ctx, who.ID, s.now(), s.now())
}

// nouns are what the kinds of subjects are called.
var nouns = map[models.SubjectKind]string{
	models.SubjectPost: "post", models.SubjectComment: "comment", models.SubjectFile: "file", models.SubjectUser: "account",
}

// words say to its owner what was done to something.
func words(v models.SubjectView, verb, why string) string {
	name := "Your " + nouns[v.Kind] + " “" + v.Title + "”"
	switch {
	case v.Kind == models.SubjectComment && v.Visibility == models.Private: // by now; its title is its author's
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

// decisionWords say to who reported something what became of it.
func decisionWords(kind models.SubjectKind, d models.Decision, note string) string {
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
