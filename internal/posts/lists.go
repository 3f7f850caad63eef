package posts

import (
	"cmp"
	"context"
	"strings"
	"unicode"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
	"example.org/cloakroom/internal/sanitize"
)

// Page sizes, in rows.
const (
	PageSize        = 20
	CommentPageSize = 50
	TagPageSize     = 100
)

// maxSearch is the maximum number of words in a search; further words are ignored.
const maxSearch = 10

// Posts is a page of posts.
type Posts = models.Page[models.PostView]

// Feed returns a page of all public posts, newest first.
func (s *Service) Feed(ctx context.Context, before models.Cursor, limit int) (Posts, error) {
	return s.DB.Feed(ctx, before, limit)
}

// WithTag returns a page of the public posts with this tag, newest first.
func (s *Service) WithTag(ctx context.Context, tag models.Tag, before models.Cursor, limit int) (Posts, error) {
	return s.DB.PostsByTag(ctx, tag, before, limit)
}

// By returns a page of author's posts, newest first: the author sees all of them,
// others the public ones.
func (s *Service) By(ctx context.Context, author models.UserID, user models.User, before models.Cursor, limit int) (Posts, error) {
	return s.DB.PostsBy(ctx, author, user.ID, before, limit)
}

// Search returns a page of the posts that contain a word starting with each word of
// text, newest first. It searches public posts and user's own. Anything except letters
// and digits separates words, so every text is valid.
func (s *Service) Search(ctx context.Context, user models.User, text string, before models.Cursor, limit int) (Posts, error) {
	words := strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) })
	if len(words) == 0 {
		return Posts{}, nil
	}
	return s.DB.SearchPosts(ctx, user.ID, words[:min(len(words), maxSearch)], before, limit)
}

// Tags returns the tags of public posts that start with prefix, in alphabetical order,
// from the one that follows after.
func (s *Service) Tags(ctx context.Context, prefix string, after models.Tag, limit int) ([]models.TagCount, error) {
	return s.DB.Tags(ctx, strings.ToLower(prefix), after, limit)
}

// Show returns a post that user can open, or a NotFound problem.
func (s *Service) Show(ctx context.Context, user models.User, id models.PostID) (models.PostView, error) {
	return s.DB.PostFor(ctx, user.ID, id)
}

// Edit returns user's own post, or a NotFound problem.
func (s *Service) Edit(ctx context.Context, user models.User, id models.PostID) (models.PostView, error) {
	return s.DB.PostOf(ctx, user.ID, id)
}

// Comments returns a page of the comments on a post, oldest first. The caller has
// checked that user can open the post.
func (s *Service) Comments(ctx context.Context, user models.User, post models.PostID, after models.Cursor,
	limit int) (models.Page[models.CommentView], error) {
	return s.DB.CommentsOf(ctx, user.ID, post, after, limit)
}

// Comment returns a comment on a post that user can open, or a NotFound problem.
func (s *Service) Comment(ctx context.Context, user models.User, id models.CommentID) (models.CommentView, error) {
	return s.DB.CommentByID(ctx, user.ID, id)
}

// AddComment adds a comment by user to a post that user can open. The key is that of the
// form, if there is one: a form that is sent twice gives one comment.
func (s *Service) AddComment(
	ctx context.Context, user models.User, post models.PostID, body, key string,
) (models.CommentID, error) {
	text, err := models.ParseCommentBody(body)
	if err != nil {
		return "", err
	}
	id := cmp.Or(models.CommentIDOf(user.ID, post, key, body), models.NewCommentID())
	c := models.Comment{ID: id, PostID: post, AuthorID: user.ID, Body: text,
		Rendered: sanitize.RenderComment(text), CreatedAt: s.now()}
	err = s.DB.Tx(ctx, func(tx *database.DB) error {
		if err := tx.CreateComment(ctx, &c); err != nil {
			return err
		}
		return s.Jobs.Add(ctx, tx, models.NotifyOfComment{Comment: c.ID})
	})
	if problem.KindOf(err) == problem.Conflict {
		return id, nil
	}
	if err != nil {
		return "", err
	}
	return id, nil
}

// DeleteComment deletes a comment by user, or on a post by user.
func (s *Service) DeleteComment(ctx context.Context, user models.User, id models.CommentID) error {
	return s.DB.DeleteComment(ctx, user.ID, id, s.now())
}

// MayDeleteComment reports whether DeleteComment permits user to delete c.
func MayDeleteComment(user models.User, post models.Post, c models.Comment) bool {
	return user.SignedIn() && (c.AuthorID == user.ID || post.AuthorID == user.ID)
}
