// Package posts knows what users write: posts, their tags and attached files,
// and comments. It alone knows how long a deleted post can be had back.
package posts

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/jobs"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
	"example.org/cloakroom/internal/sanitize"
)

// UndoPeriod is how long a deleted post can be had back.
const UndoPeriod = 7 * 24 * time.Hour

// purgeBatch is how many posts are purged in one transaction.
const purgeBatch = 100

// A Service looks after posts and comments. All exported fields must be set.
type Service struct {
	DB       *database.DB
	Jobs     *jobs.Queue
	MaxFiles map[models.Tier]int // of one post, at most models.MaxPostFiles
	Now      func() time.Time

	edited atomic.Pointer[map[models.Tier]int] // nil: nobody changed MaxFiles
}

// Follow makes most hold from now on, in the place of MaxFiles.
func (s *Service) Follow(most map[models.Tier]int) { s.edited.Store(&most) }

// A Draft is what somebody typed to make or change a post.
type Draft struct {
	Title      string
	Content    string
	Tags       string // separated by commas or spaces
	Visibility string
	Files      []models.FileID // already received, in the order they are shown
	Remove     []models.FileID // of a post that is edited: these go
}

// fields are the parts of a Draft that were found good.
type fields struct {
	title      models.Title
	content    models.Content
	tags       []models.Tag
	visibility models.Visibility
}

// parse judges d as a post with at most so many files.
func (d Draft) parse(most int) (f fields, err error) {
	var errs [5]error
	f.title, errs[0] = models.ParseTitle(d.Title)
	f.content, errs[1] = models.ParseContent(d.Content)
	f.tags, errs[2] = models.ParseTags(d.Tags)
	f.visibility, errs[3] = models.ParseVisibility(d.Visibility)
	if len(d.Files) > most {
		errs[4] = errTooManyFiles(most)
	}
	return f, errors.Join(errs[:]...)
}

func errTooManyFiles(most int) error {
	return problem.OnField("files", "A post of yours has at most %d files.", most)
}

// MaxFilesOf returns how many files a post of who's may have.
func (s *Service) MaxFilesOf(who models.User) int {
	if edited := s.edited.Load(); edited != nil {
		return (*edited)[who.Tier]
	}
	return s.MaxFiles[who.Tier]
}

// Check judges all of a post of who's but which files it names, without making
// anything of it. Its error joins the problems of all fields.
func (s *Service) Check(who models.User, d Draft) error {
	_, err := d.parse(s.MaxFilesOf(who))
	return err
}

// Create makes d a post of who, with the files attached that it names. Its
// error joins the problems of all fields.
func (s *Service) Create(ctx context.Context, who models.User, d Draft) (models.PostID, error) {
	f, err := d.parse(s.MaxFilesOf(who))
	if err != nil {
		return "", err
	}
	now := s.now()
	post := models.Post{
		ID: models.NewPostID(), AuthorID: who.ID, Title: f.title, Content: f.content,
		Excerpt: sanitize.Excerpt(f.content), Visibility: f.visibility, CreatedAt: now, UpdatedAt: now,
	}
	err = s.DB.Tx(ctx, func(tx *database.DB) error {
		if err := tx.CreatePost(ctx, &post, f.tags); err != nil {
			return err
		}
		if err := tx.AttachFiles(ctx, who.ID, post.ID, d.Files, now); err != nil {
			return err
		}
		return tx.ReindexPost(ctx, post.ID)
	})
	return post.ID, err
}

// Update makes who's own post id what d says: d.Remove go, d.Files are
// attached behind those that stay. A post that has more files than who's tier
// allows, for that was another when they came, may keep them, and gets no more.
func (s *Service) Update(ctx context.Context, who models.User, id models.PostID, d Draft) error {
	f, err := d.parse(models.MaxPostFiles)
	if err != nil {
		return err
	}
	now := s.now()
	change := database.PostChange{Title: f.title, Content: f.content, Excerpt: sanitize.Excerpt(f.content), Visibility: f.visibility}
	return s.DB.Tx(ctx, func(tx *database.DB) error {
		if err := tx.UpdatePost(ctx, who.ID, id, change, f.tags, now); err != nil {
			return err
		}
		had, err := tx.CountFilesOf(ctx, id)
		if err != nil {
			return err
		}
		if err := s.removeFiles(ctx, tx, who, id, d.Remove); err != nil {
			return err
		}
		if err := tx.AttachFiles(ctx, who.ID, id, d.Files, now); err != nil {
			return err
		}
		count, err := tx.CountFilesOf(ctx, id)
		if err != nil {
			return err
		}
		if most := s.MaxFilesOf(who); count > max(most, min(had, models.MaxPostFiles)) {
			return errTooManyFiles(most)
		}
		return tx.ReindexPost(ctx, id)
	})
}

// removeFiles deletes files of who's post, with the job that deletes their bytes.
func (s *Service) removeFiles(ctx context.Context, tx *database.DB, who models.User, post models.PostID, ids []models.FileID) error {
	for _, id := range ids {
		f, err := tx.FileOf(ctx, who.ID, id)
		if err != nil {
			return err
		}
		if f.PostID == nil || *f.PostID != post {
			return problem.OnField("files", "One of the files to remove is not attached to this post.")
		}
		if f, err = tx.DeleteFile(ctx, who.ID, id); err != nil {
			return err
		}
		if err := s.Jobs.Add(ctx, tx, models.DeleteBlobs{Keys: f.Blobs()}); err != nil {
			return err
		}
	}
	return nil
}

// Delete hides who's own post at once; Restore has it back within UndoPeriod.
func (s *Service) Delete(ctx context.Context, who models.User, id models.PostID) error {
	return s.DB.DeletePost(ctx, who.ID, id, s.now())
}

// Restore undoes Delete.
func (s *Service) Restore(ctx context.Context, who models.User, id models.PostID) error {
	return s.DB.RestorePost(ctx, who.ID, id, s.now().Add(-UndoPeriod))
}

// Deleted lists who's posts that Restore can have back, last deleted first.
func (s *Service) Deleted(ctx context.Context, who models.User) ([]models.Post, error) {
	return s.DB.DeletedPostsOf(ctx, who.ID, s.now().Add(-UndoPeriod))
}

// Purge does models.PurgePosts: it removes for good what was deleted an
// UndoPeriod ago, with comments and files; the bytes go by jobs.
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

// now returns the time as the database keeps it: in UTC, to the microsecond.
func (s *Service) now() time.Time { return s.Now().UTC().Truncate(time.Microsecond) }
