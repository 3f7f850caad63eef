package database

import (
	"context"

	"example.org/cloakroom/internal/models"
)

// A Moment is what users are notified of: a post, or a comment on one.
type Moment struct {
	PostID  models.PostID
	Title   models.Title
	OwnerID models.UserID // the author of the post
	ActorID models.UserID // who wrote the text
	Text    string
}

// CommentMoment returns a comment that others can see, or NotFound. It is for jobs.
func (db *DB) CommentMoment(ctx context.Context, id models.CommentID) (m Moment, err error) {
	const find = `
		SELECT p.id, p.title, p.author_id, c.author_id, c.body
		FROM comments c JOIN posts p ON p.id = c.post_id JOIN users u ON u.id = p.author_id
		WHERE c.id = $1 AND c.hidden_at IS NULL AND c.removed_at IS NULL AND p.deleted_at IS NULL AND ` + activeUser
	err = db.row(ctx, find, []any{id}, &m.PostID, &m.Title, &m.OwnerID, &m.ActorID, &m.Text)
	return m, db.classify(err, "comment")
}

// PostMoment returns a post that others can see, or NotFound. It is for jobs.
func (db *DB) PostMoment(ctx context.Context, id models.PostID) (m Moment, err error) {
	const find = `
		SELECT p.id, p.title, p.author_id, p.author_id, p.content FROM posts p JOIN users u ON u.id = p.author_id
		WHERE p.id = $1 AND ` + activeUser + ` AND ` + shownPost
	err = db.row(ctx, find, []any{id}, &m.PostID, &m.Title, &m.OwnerID, &m.ActorID, &m.Text)
	return m, db.classify(err, "post")
}

// NotifiedReader returns the user with that username if they may open the post and can
// be notified, or NotFound.
func (db *DB) NotifiedReader(ctx context.Context, post models.PostID, name models.Username) (id models.UserID, err error) {
	const find = `
		SELECT r.id FROM users r, posts p JOIN users u ON u.id = p.author_id
		WHERE p.id = $1 AND r.username_key = $2 AND ` + notifiedReader
	err = db.row(ctx, find, []any{post, name.Key()}, &id)
	return id, db.classify(err, "user")
}

// ReceivedMoment returns a file request that has received the file, and its owner, or
// NotFound. It is for jobs.
func (db *DB) ReceivedMoment(ctx context.Context, id models.ReceivedFileID) (q models.FileRequest, err error) {
	const find = `
		SELECT q.id, q.title, q.owner_id FROM received_files r JOIN file_requests q ON q.id = r.request_id JOIN users u ON u.id = q.owner_id
		WHERE r.id = $1 AND r.received_at IS NOT NULL AND ` + activeUser
	err = db.row(ctx, find, []any{id}, &q.ID, &q.Title, &q.OwnerID)
	return q, db.classify(err, "file")
}
