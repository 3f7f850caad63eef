package database

import (
	"context"
	"database/sql"

	"example.org/cloakroom/internal/models"
)

// PostFor returns the post, with the files that the viewer sees, if the viewer
// may open it, or NotFound. An empty viewer is a guest.
func (db *DB) PostFor(ctx context.Context, viewer models.UserID, id models.PostID) (models.PostView, error) {
	const find = `
		SELECT ` + postColumns + `, ` + postText + ` FROM posts p JOIN users u ON u.id = p.author_id
		WHERE p.id = $1 AND ` + readablePost
	var v models.PostView
	err := db.row(ctx, find, []any{id, viewer}, append(postFields(&v), &v.Content, &v.HTML, &v.HTMLVersion)...)
	if err != nil {
		return models.PostView{}, db.classify(err, "post")
	}
	v.Files, err = db.filesOfPost(ctx, viewer, id)
	return v, db.classify(err, "post")
}

// PostOf returns a post of author's that is not deleted, with all its files, or
// NotFound.
func (db *DB) PostOf(ctx context.Context, author models.UserID, id models.PostID) (models.PostView, error) {
	v, err := db.PostFor(ctx, author, id)
	if err == nil && v.AuthorID != author {
		return models.PostView{}, notFound("post")
	}
	return v, err
}

// loadCards gives each post what a card shows of its listed files. It reads fewer
// columns than fileColumns: the feed is the page that is asked for most.
func (db *DB) loadCards(ctx context.Context, views []models.PostView) error {
	const find = `
		SELECT f.id, f.owner_id, f.post_id, f.position, f.name, f.size, f.media_type, f.kind,
			f.width, f.height, f.thumb_small, f.thumb_large, f.thumb_type
		FROM files f WHERE f.post_id IN ? AND ` + listedFile + ` ORDER BY f.post_id, f.position, f.id`
	if len(views) == 0 {
		return nil
	}
	ids := make([]models.PostID, len(views))
	for i := range views {
		ids[i] = views[i].ID
	}
	rows, err := db.gorm.WithContext(db.uncancelled(ctx)).Raw(find, ids).Rows()
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
