package posts

import (
	"context"
	"strings"
	"unicode"

	"example.org/cloakroom/internal/models"
)

// Lengths of pages, in rows.
const (
	PageSize        = 20
	CommentPageSize = 50
	TagPageSize     = 100
)

// maxSearch is the longest search, in words; further words are not looked at.
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

// By returns a page of author's posts, newest first: all of them to the author,
// the public ones to others.
func (s *Service) By(ctx context.Context, author models.UserID, who models.User, before models.Cursor, limit int) (Posts, error) {
	return s.DB.PostsBy(ctx, author, who.ID, before, limit)
}

// Search returns a page of the posts that hold a word beginning with each of
// the words of text, newest first: public ones and who's own. Everything but
// letters and digits separates words, so no text is a wrong one.
func (s *Service) Search(ctx context.Context, who models.User, text string, before models.Cursor, limit int) (Posts, error) {
	words := strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) })
	if len(words) == 0 {
		return Posts{}, nil
	}
	return s.DB.SearchPosts(ctx, who.ID, words[:min(len(words), maxSearch)], before, limit)
}

// Tags returns the tags of public posts that begin with prefix, in alphabetical
// order, after the one given.
func (s *Service) Tags(ctx context.Context, prefix string, after models.Tag, limit int) ([]models.TagCount, error) {
	return s.DB.Tags(ctx, strings.ToLower(prefix), after, limit)
}

// Show returns a post that who may open.
func (s *Service) Show(ctx context.Context, who models.User, id models.PostID) (models.PostView, error) {
	return s.DB.PostFor(ctx, who.ID, id)
}

// Edit returns who's own post.
func (s *Service) Edit(ctx context.Context, who models.User, id models.PostID) (models.PostView, error) {
	return s.DB.PostOf(ctx, who.ID, id)
}

// Comments returns a page of the comments of a post that was shown to who,
// oldest first.
func (s *Service) Comments(ctx context.Context, who models.User, post models.PostID, after models.Cursor, limit int) (models.Page[models.CommentView], error) {
	return s.DB.CommentsOf(ctx, who.ID, post, after, limit)
}

// Comment returns a comment of a post that who may open.
func (s *Service) Comment(ctx context.Context, who models.User, id models.CommentID) (models.CommentView, error) {
	return s.DB.CommentByID(ctx, who.ID, id)
}

// AddComment says body under a post that who may open.
func (s *Service) AddComment(ctx context.Context, who models.User, post models.PostID, body string) (models.CommentID, error) {
	text, err := models.ParseCommentBody(body)
	if err != nil {
		return "", err
	}
	c := models.Comment{ID: models.NewCommentID(), PostID: post, AuthorID: who.ID, Body: text, CreatedAt: s.now()}
	if err := s.DB.CreateComment(ctx, &c); err != nil {
		return "", err
	}
	return c.ID, nil
}

// DeleteComment removes a comment that who wrote, or that stands under who's post.
func (s *Service) DeleteComment(ctx context.Context, who models.User, id models.CommentID) error {
	return s.DB.DeleteComment(ctx, who.ID, id)
}

// MayDeleteComment reports whether DeleteComment would let who.
func MayDeleteComment(who models.User, post models.Post, c models.Comment) bool {
	return who.SignedIn() && (c.AuthorID == who.ID || post.AuthorID == who.ID)
}
