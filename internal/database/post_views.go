package database

import (
	"context"
	"database/sql"

	"example.org/cloakroom/internal/models"
)

// PostFor returns the post if who may open it, or NotFound: its author may
// until it is deleted, others too unless it is private or hidden. Others get only the
// files that are ready. Nobody may open that of a user who is suspended or about
// to leave. The zero who is a guest.
func (db *DB) PostFor(ctx context.Context, who models.UserID, id models.PostID) (models.PostView, error) {
	const find = `
		SELECT p.id, p.author_id, p.title, p.content, p.excerpt, p.visibility, p.comment_count, p.created_at, p.updated_at, p.hidden_at,
			u.username, u.avatar, u.avatar_type, p.tags
		FROM posts p JOIN users u ON u.id = p.author_id
		WHERE p.id = $1 AND p.deleted_at IS NULL AND (p.visibility <> 'private' AND p.hidden_at IS NULL OR p.author_id = $2)
			AND u.suspended_at IS NULL AND u.deletion_at IS NULL`
	var v models.PostView
	var tags string
	err := db.row(ctx, find, []any{id, who},
		&v.ID, &v.AuthorID, &v.Title, &v.Content, &v.Excerpt, &v.Visibility, &v.CommentCount, &v.CreatedAt, &v.UpdatedAt, &v.HiddenAt,
		&v.Author.Username, &v.Author.Avatar, &v.Author.AvatarType, &tags)
	if err != nil {
		return models.PostView{}, db.classify(err, "post")
	}
	v.Author.ID, v.Tags = v.AuthorID, splitTags(tags)
	v.Files, err = db.filesOfPost(ctx, who, id)
	return v, db.classify(err, "post")
}

// PostOf returns a post of author's that is not deleted, with all its files,
// or NotFound.
func (db *DB) PostOf(ctx context.Context, author models.UserID, id models.PostID) (models.PostView, error) {
	v, err := db.PostFor(ctx, author, id)
	if err == nil && v.AuthorID != author {
		return models.PostView{}, notFound("post")
	}
	return v, err
}

// loadCards gives each post what a card shows of the files that are ready.
func (db *DB) loadCards(ctx context.Context, views []models.PostView) error {
	const find = `
		SELECT id, owner_id, post_id, position, name, size, media_type, kind, width, height, thumb_small, thumb_large, thumb_type
		FROM files WHERE post_id IN ? AND state = 'ready' AND hidden_at IS NULL ORDER BY post_id, position, id`
	if len(views) == 0 {
		return nil
	}
	ids := make([]models.PostID, len(views))
	for i := range views {
		ids[i] = views[i].ID
	}
	rows, err := db.gorm.WithContext(db.brief(ctx)).Raw(find, ids).Rows()
	if err != nil {
		return err
	}
	files := make(map[models.PostID][]models.File, len(views))
	err = each(rows, func(rows *sql.Rows) error {
		var post models.PostID
		f := models.File{State: models.Ready, PostID: &post}
		err := rows.Scan(&f.ID, &f.OwnerID, &post, &f.Position, &f.Name, &f.Size, &f.MediaType, &f.Kind,
			&f.Width, &f.Height, &f.ThumbSmall, &f.ThumbLarge, &f.ThumbType)
		if err != nil {
			return err
		}
		files[post] = append(files[post], f)
		return nil
	})
	for i := range views {
		views[i].Files = files[views[i].ID]
	}
	return err
}
