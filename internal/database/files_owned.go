package database

import (
	"context"
	"database/sql"

	"gorm.io/gorm"

	"example.org/cloakroom/internal/models"
)

// FilesAmong returns the files with these IDs that are owner's, oldest first.
func (db *DB) FilesAmong(ctx context.Context, owner models.UserID, ids []models.FileID) ([]models.File, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	files, err := gorm.G[models.File](db.gorm).Where("owner_id = ? AND id IN ? AND removed_at IS NULL", owner, ids).
		Order("created_at, id").Find(db.uncancelled(ctx))
	return files, db.classify(err, "file")
}

// FileViewsOf returns owner's files as FilesOf does, each with the title and visibility
// of its post.
func (db *DB) FileViewsOf(
	ctx context.Context, owner models.UserID, before models.Cursor, limit int,
) (models.Page[models.FileView], error) {
	files, err := db.FilesOf(ctx, owner, before, limit)
	if err != nil {
		return models.Page[models.FileView]{}, err
	}
	posts, err := db.postsWith(ctx, owner, files.Items)
	views := models.Page[models.FileView]{Next: files.Next}
	for _, f := range files.Items {
		view := models.FileView{File: f}
		if f.PostID != nil {
			post := posts[*f.PostID]
			view.PostTitle, view.PostVisibility = post.Title, post.Visibility
		}
		views.Items = append(views.Items, view)
	}
	return views, err
}

// postsWith returns the posts that the files are in, with ID, title and visibility.
func (db *DB) postsWith(ctx context.Context, owner models.UserID, files []models.File) (map[models.PostID]models.Post, error) {
	posts := map[models.PostID]models.Post{}
	var ids []models.PostID
	for _, f := range files {
		if f.PostID != nil {
			ids = append(ids, *f.PostID)
		}
	}
	if len(ids) == 0 {
		return posts, nil
	}
	// COALESCE makes SQLite find the posts by ID. Otherwise it reads all of the owner's.
	const find = `SELECT id, title, visibility FROM posts WHERE COALESCE(author_id, '') = @owner AND id IN @ids AND deleted_at IS NULL`
	rows, err := db.gorm.WithContext(db.uncancelled(ctx)).Raw(find, sql.Named("owner", owner), sql.Named("ids", ids)).Rows()
	if err == nil {
		err = each(rows, func(rows *sql.Rows) error {
			var post models.Post
			err := rows.Scan(&post.ID, &post.Title, &post.Visibility)
			posts[post.ID] = post
			return err
		})
	}
	return posts, db.classify(err, "post")
}
