// Package posts manages posts, their tags and attached files, and comments. It
// alone knows how long a deleted post can be restored.
package posts

import (
	"cmp"
	"context"
	"errors"
	"strings"
	"time"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/jobs"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
	"example.org/cloakroom/internal/sanitize"
)

// UndoPeriod is the time within which a deleted post can be restored.
const UndoPeriod = 7 * 24 * time.Hour

// purgeBatch is the number of posts purged in one transaction.
const purgeBatch = 100

// MaxQuery is the longest search, in characters.
const MaxQuery = 200

// A Service manages posts and comments. All exported fields must be set.
type Service struct {
	DB       *database.DB
	Jobs     *jobs.Queue
	MaxFiles *models.Live[map[models.Tier]int] // per post, at most models.MaxPostFiles
	Default  *models.Live[models.Visibility]   // of a new post by a user who has chosen none yet
	Now      func() time.Time
}

// ErrRepeated is the error of a post whose form was sent before.
var ErrRepeated = problem.New(problem.Conflict, "This post was published already.")

// A Draft is the raw form of a new or changed post.
type Draft struct {
	ID         models.PostID // of a new post, if its form has a key; empty: a random one
	Title      string
	Content    string
	Tags       string // separated by commas or spaces
	Visibility string
	Chosen     bool            // the user chose Visibility in a form, which remembers it
	Files      []models.FileID // uploaded already, in display order
	Remove     []models.FileID // files to delete from an existing post
}

// fields are the validated fields of a Draft.
type fields struct {
	title      models.Title
	content    models.Content
	tags       []models.Tag
	visibility models.Visibility
}

// parse validates d as a post with at most the given number of files. A post with
// files needs neither a title nor a text.
func (d Draft) parse(most int, files bool) (f fields, err error) {
	var errs [5]error
	if strings.TrimSpace(d.Title) != "" || !files {
		f.title, errs[0] = models.ParseTitle(d.Title)
	}
	if strings.TrimSpace(d.Content) != "" || !files {
		f.content, errs[1] = models.ParseContent(d.Content)
	}
	f.tags, errs[2] = models.ParseTags(d.Tags)
	f.visibility, errs[3] = models.ParseVisibility(d.Visibility)
	if len(d.Files) > most {
		errs[4] = errTooManyFiles(most)
	}
	return f, errors.Join(errs[:]...)
}

func errTooManyFiles(most int) error {
	return problem.OnField("files", "Choose at most %d files.", most)
}

// MaxFilesOf returns the maximum number of files per post of user.
func (s *Service) MaxFilesOf(user models.User) int {
	return s.MaxFiles.Get()[user.Tier]
}

// Check validates a draft by user, except whether its files exist, without storing
// anything. Its error joins the problems of all fields.
func (s *Service) Check(user models.User, d Draft) error {
	_, err := d.parse(s.MaxFilesOf(user), len(d.Files) > 0)
	return err
}

// Create stores d as a post by user and attaches its files. Its error joins the
// problems of all fields. If there is a post with the ID of d, the form was sent twice:
// it returns that ID and ErrRepeated.
func (s *Service) Create(ctx context.Context, user models.User, d Draft) (models.PostID, error) {
	f, err := d.parse(s.MaxFilesOf(user), len(d.Files) > 0)
	if err != nil {
		return "", err
	}
	now := s.now()
	post := models.Post{
		ID: cmp.Or(d.ID, models.NewPostID()), AuthorID: user.ID, Title: f.title, Content: f.content,
		Rendered: sanitize.RenderPost(f.content), Excerpt: sanitize.Excerpt(f.content),
		Visibility: f.visibility, CreatedAt: now, UpdatedAt: now,
	}
	err = s.DB.Tx(ctx, func(tx *database.DB) error {
		err := tx.CreatePost(ctx, &post, f.tags)
		if problem.KindOf(err) == problem.Conflict {
			return ErrRepeated
		}
		if err != nil {
			return err
		}
		if err := tx.AttachFiles(ctx, user.ID, post.ID, d.Files, now); err != nil {
			return err
		}
		return s.finish(ctx, tx, user, post.ID, d, f)
	})
	return post.ID, err
}

// CreatePrivate makes a private post by user of files that they have uploaded, in tx.
func (s *Service) CreatePrivate(ctx context.Context, tx *database.DB, user models.User, files []models.FileID) (models.PostID, error) {
	on := *s
	on.DB = tx
	return on.Create(ctx, user, Draft{Visibility: string(models.Private), Files: files})
}

// notify queues the job that notifies whom a post mentions, if it can mention anybody.
// Whether they exist is for the job to find out, so that saving takes as long.
func (s *Service) notify(ctx context.Context, tx *database.DB, id models.PostID, f fields) error {
	if f.visibility == models.Private || !strings.Contains(string(f.content), "@") {
		return nil
	}
	return s.Jobs.Add(ctx, tx, models.NotifyOfPost{Post: id})
}

// Update changes user's own post id to d: the files d.Remove are deleted, and d.Files
// are appended to the rest. A post that already has more files than user's tier allows
// keeps them, but cannot get more.
func (s *Service) Update(ctx context.Context, user models.User, id models.PostID, d Draft) error {
	f, err := d.parse(models.MaxPostFiles, true)
	if err != nil {
		return err
	}
	now := s.now()
	change := database.PostChange{
		Title: f.title, Content: f.content, Rendered: sanitize.RenderPost(f.content), Excerpt: sanitize.Excerpt(f.content),
		Visibility: f.visibility,
	}
	return s.DB.Tx(ctx, func(tx *database.DB) error {
		if err := tx.UpdatePost(ctx, user.ID, id, change, f.tags, now); err != nil {
			return err
		}
		had, err := tx.CountFilesOf(ctx, id)
		if err != nil {
			return err
		}
		if err := s.removeFiles(ctx, tx, user, id, d.Remove); err != nil {
			return err
		}
		if err := tx.AttachFiles(ctx, user.ID, id, d.Files, now); err != nil {
			return err
		}
		count, err := tx.CountFilesOf(ctx, id)
		if err != nil {
			return err
		}
		if most := s.MaxFilesOf(user); count > max(most, had) {
			return errTooManyFiles(most)
		}
		if count == 0 && f.content == "" {
			return problem.OnField("content", "Enter some text, or attach a file.")
		}
		return s.finish(ctx, tx, user, id, d, f)
	})
}

// removeFiles deletes files of user's post and enqueues the job that deletes their
// bytes.
func (s *Service) removeFiles(ctx context.Context, tx *database.DB, user models.User, post models.PostID, ids []models.FileID) error {
	for _, id := range ids {
		f, err := tx.FileOf(ctx, user.ID, id)
		if err != nil {
			return err
		}
		if f.PostID == nil || *f.PostID != post {
			return problem.OnField("files", "One of the files to remove is not attached to this post.")
		}
		if f, err = tx.DeleteFile(ctx, user.ID, id, s.now()); err != nil {
			return err
		}
		if err := s.Jobs.Add(ctx, tx, models.DeleteBlobs{Keys: f.Blobs()}); err != nil {
			return err
		}
	}
	return nil
}

// Delete deletes user's own post. Restore can undo it within UndoPeriod.
func (s *Service) Delete(ctx context.Context, user models.User, id models.PostID) error {
	return s.DB.DeletePost(ctx, user.ID, id, s.now())
}

// Restore restores user's own deleted post.
func (s *Service) Restore(ctx context.Context, user models.User, id models.PostID) error {
	return s.DB.RestorePost(ctx, user.ID, id, s.now().Add(-UndoPeriod))
}

// Deleted returns the posts that user can restore, last deleted first.
func (s *Service) Deleted(ctx context.Context, user models.User) ([]models.Post, error) {
	return s.DB.DeletedPostsOf(ctx, user.ID, s.now().Add(-UndoPeriod))
}

// Purge performs the job models.PurgePosts: it removes posts that were deleted more
// than UndoPeriod ago, with their comments and files. Jobs delete the bytes.
func (s *Service) Purge(ctx context.Context, _ models.PurgePosts) error {
	for {
		var purged int
		err := s.DB.Tx(ctx, func(tx *database.DB) error {
			files, n, err := tx.PurgePosts(ctx, s.now().Add(-UndoPeriod), purgeBatch)
			if err != nil {
				return err
			}
			purged = n
			for _, f := range files {
				if err := s.Jobs.Add(ctx, tx, models.DeleteBlobs{Keys: f.Blobs()}); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil || purged < purgeBatch {
			return err
		}
	}
}

// now returns the current time as the database stores it: in UTC, with microseconds.
func (s *Service) now() time.Time { return s.Now().UTC().Truncate(time.Microsecond) }
