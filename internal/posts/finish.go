package posts

import (
	"context"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// finish gives a post without a title the one of its files, remembers what the user
// chose, tells those it mentions, and puts it into the search.
func (s *Service) finish(ctx context.Context, tx *database.DB, user models.User, id models.PostID, d Draft, f fields) error {
	if f.title == "" {
		names, err := tx.FileNames(ctx, id)
		if err != nil {
			return err
		}
		if len(names) == 0 { // the change removes the last file
			return problem.OnField("title", "Enter a title.")
		}
		if err := tx.SetTitle(ctx, user.ID, id, models.TitleOf(names)); err != nil {
			return err
		}
	}
	if d.Chosen {
		if err := tx.SetLastVisibility(ctx, user.ID, f.visibility); err != nil {
			return err
		}
	}
	if err := s.notify(ctx, tx, id, f); err != nil {
		return err
	}
	return tx.ReindexPost(ctx, id)
}

// VisibilityFor returns the visibility that a new post of user starts with: what they
// chose last, or else the site's default.
func (s *Service) VisibilityFor(user models.User) models.Visibility {
	if user.LastVisibility != "" {
		return user.LastVisibility
	}
	return s.Default.Get()
}

// HasPublic reports whether user has a public post.
func (s *Service) HasPublic(ctx context.Context, user models.User) (bool, error) {
	return s.DB.HasPublicPost(ctx, user.ID)
}
