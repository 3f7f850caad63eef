package notifications

import (
	"context"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// Mentions returns the first MaxMentions different usernames that text mentions as
// @name. It does not say whether they exist.
func Mentions(text string) []models.Username {
	var names []models.Username
	seen := map[string]bool{}
	for _, at := range models.Mentions(text) {
		if seen[at.Name.Key()] {
			continue
		}
		seen[at.Name.Key()] = true
		if names = append(names, at.Name); len(names) == MaxMentions {
			break
		}
	}
	return names
}

// OfComment performs the job models.NotifyOfComment: it notifies the users that a comment
// mentions, and the author of the post, each once.
func (s *Service) OfComment(ctx context.Context, job models.NotifyOfComment) error {
	m, err := s.DB.CommentMoment(ctx, job.Comment)
	if problem.KindOf(err) == problem.NotFound {
		return nil // deleted or hidden in the meantime
	}
	if err != nil {
		return err
	}
	object := models.Subject{Kind: models.SubjectComment, ID: string(job.Comment)}.Object()
	if err := s.mentioned(ctx, m, object); err != nil {
		return err
	}
	return s.notify(ctx, of(m, models.NotificationComment, m.OwnerID, object))
}

// OfPost performs the job models.NotifyOfPost: it notifies the users that a post mentions
// and that it has not notified before.
func (s *Service) OfPost(ctx context.Context, job models.NotifyOfPost) error {
	m, err := s.DB.PostMoment(ctx, job.Post)
	if problem.KindOf(err) == problem.NotFound {
		return nil // private, deleted or hidden in the meantime
	}
	if err != nil {
		return err
	}
	return s.mentioned(ctx, m, models.Subject{Kind: models.SubjectPost, ID: string(job.Post)}.Object())
}

// mentioned notifies the users that m mentions and that may open its post.
func (s *Service) mentioned(ctx context.Context, m database.Moment, object string) error {
	for _, name := range Mentions(m.Text) {
		user, err := s.DB.NotifiedReader(ctx, m.PostID, name)
		if problem.KindOf(err) == problem.NotFound {
			continue
		}
		if err == nil {
			err = s.notify(ctx, of(m, models.NotificationMention, user, object))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// of returns the notification of user about object, which is or belongs to the post of m.
func of(m database.Moment, kind models.NotificationKind, user models.UserID, object string) models.Notification {
	return models.Notification{
		UserID: user, Kind: kind, Object: object, Words: string(m.Title), ActorID: &m.ActorID,
		About: models.Subject{Kind: models.SubjectPost, ID: string(m.PostID)}.Object(),
	}
}
