// Package shares manages links that open a post or a file for others, and counts who
// picks something up. It alone knows which visitor a share opens for, and when a
// download takes one of its places.
package shares

import (
	"context"
	"fmt"
	"time"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/jobs"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
	"example.org/cloakroom/internal/seal"
	"example.org/cloakroom/internal/unlock"
)

// The actions of the audit log.
const (
	ActionCreate models.AuditAction = "share.create"
	ActionUpdate models.AuditAction = "share.update"
	ActionRevoke models.AuditAction = "share.revoke"
)

// PageSize is the number of shares on a page of a list.
const PageSize = 50

// maxOfOne is the number of shares, and of entries of the download log, that the page of
// one post or file shows.
const maxOfOne = 200

// A Policy configures shares.
type Policy struct {
	Default   time.Duration                 // life of a share whose owner names none
	Longest   map[models.Tier]time.Duration // longest life of a share; 0: shares may never expire
	LogFor    time.Duration                 // how long pickups and downloads are kept
	PublicURL string                        // the URL of the site, without a path
}

// A Service manages shares. All exported fields must be set.
type Service struct {
	DB     *database.DB
	Jobs   *jobs.Queue
	Posts  Posts
	Key    seal.Key // seals the secrets of links
	Keys   unlock.Keys
	Policy *models.Live[Policy]
	Now    func() time.Time
}

// Posts makes the post that a share of new files opens.
type Posts interface {
	// CreatePrivate makes a private post by user of files that they have uploaded, in tx.
	CreatePrivate(ctx context.Context, tx *database.DB, user models.User, files []models.FileID) (models.PostID, error)
}

// A Target is what a share opens: a post or a file of its owner's.
type Target struct {
	Post models.PostID
	File models.FileID
}

// view sets the link of v. A share whose secret cannot be opened, because the site key
// is another one, has none.
func (s *Service) view(v models.ShareView) models.ShareView {
	secret, err := s.Key.Open(string(v.ID), v.Sealed)
	if err == nil {
		v.Link = s.Policy.Get().PublicURL + models.SharePath(v.Name, models.Secret(secret))
	}
	return v
}

// Show returns one of user's shares, or NotFound.
func (s *Service) Show(ctx context.Context, user models.User, id models.ShareID) (models.ShareView, error) {
	v, err := s.DB.ShareOf(ctx, user.ID, id)
	return s.view(v), err
}

// List returns a page of at most limit of user's shares, newest first.
func (s *Service) List(ctx context.Context, user models.User, before models.Cursor, limit int) (models.Page[models.ShareView], error) {
	page, err := s.DB.SharesOf(ctx, user.ID, before, limit)
	for i := range page.Items {
		page.Items[i] = s.view(page.Items[i])
	}
	return page, err
}

// Of returns the shares of user's own post, followed by those of its files, or the shares
// of user's own file; each newest first.
func (s *Service) Of(ctx context.Context, user models.User, of Target) (views []models.ShareView, err error) {
	if of.Post != "" {
		views, err = s.DB.SharesOfPost(ctx, user.ID, of.Post, maxOfOne)
		if err == nil {
			var more []models.ShareView
			more, err = s.DB.SharesOfFilesIn(ctx, user.ID, of.Post, maxOfOne)
			views = append(views, more...)
		}
	} else {
		views, err = s.DB.SharesOfFile(ctx, user.ID, of.File, maxOfOne)
	}
	for i := range views {
		views[i] = s.view(views[i])
	}
	return views, err
}

// Downloads returns the download log of one of user's shares, newest first.
func (s *Service) Downloads(ctx context.Context, user models.User, id models.ShareID) ([]models.DownloadView, error) {
	return s.DB.DownloadsOfShare(ctx, user.ID, id, maxOfOne)
}

// DownloadsOf returns the download log of user's own post with its files, or of user's
// own file, newest first.
func (s *Service) DownloadsOf(ctx context.Context, user models.User, of Target) ([]models.DownloadView, error) {
	if of.Post != "" {
		return s.DB.DownloadsOfPost(ctx, user.ID, of.Post, maxOfOne)
	}
	return s.DB.DownloadsOfFile(ctx, user.ID, of.File, maxOfOne)
}

// Update changes one of user's own shares that is not revoked. Its error joins the
// problems of all fields.
func (s *Service) Update(ctx context.Context, by models.Actor, id models.ShareID, in models.ShareInput) error {
	v, err := s.DB.ShareOf(ctx, by.User.ID, id)
	if err != nil {
		return err
	}
	if v.RevokedAt != nil {
		return problem.New(problem.Conflict, "This link is revoked. Make a new one.")
	}
	share := v.Share
	if share.UpdatedAt = s.now(); share.UpdatedAt.Equal(share.CreatedAt) {
		share.UpdatedAt = share.CreatedAt.Add(time.Microsecond)
	}
	users, err := s.parse(ctx, by.User, in, &share)
	if err != nil {
		return err
	}
	return s.DB.Tx(ctx, func(tx *database.DB) error {
		if err := tx.UpdateShare(ctx, &share, users); err != nil {
			return err
		}
		return s.audit(ctx, tx, by.Did(ActionUpdate, models.ShareObject(id), share.Summary()))
	})
}

// MakePrivate ends every share of user's own post and of its files, and makes the post
// private.
func (s *Service) MakePrivate(ctx context.Context, by models.Actor, post models.PostID) error {
	return s.DB.Tx(ctx, func(tx *database.DB) error {
		if err := tx.MakePostPrivate(ctx, by.User.ID, post, s.now()); err != nil {
			return err
		}
		on := *s
		on.DB = tx
		return on.RevokeAll(ctx, by, Target{Post: post})
	})
}

// Revoke ends one of user's own shares at once, and every download through it.
func (s *Service) Revoke(ctx context.Context, by models.Actor, id models.ShareID) error {
	return s.DB.Tx(ctx, func(tx *database.DB) error {
		if err := tx.RevokeShare(ctx, by.User.ID, id, s.now()); err != nil {
			return err
		}
		return s.audit(ctx, tx, by.Did(ActionRevoke, models.ShareObject(id), ""))
	})
}

// RevokeAll ends all shares of user's own post, with those of its files, or of user's
// own file.
func (s *Service) RevokeAll(ctx context.Context, by models.Actor, of Target) error {
	return s.DB.Tx(ctx, func(tx *database.DB) (err error) {
		var n int64
		object := models.Subject{Kind: models.SubjectPost, ID: string(of.Post)}.Object()
		if of.Post != "" {
			n, err = tx.RevokeSharesOfPost(ctx, by.User.ID, of.Post, s.now())
		} else {
			object = models.Subject{Kind: models.SubjectFile, ID: string(of.File)}.Object()
			n, err = tx.RevokeSharesOfFile(ctx, by.User.ID, of.File, s.now())
		}
		if err != nil || n == 0 {
			return err
		}
		return s.audit(ctx, tx, by.Did(ActionRevoke, object, fmt.Sprintf("%d links", n)))
	})
}

// audit appends event to the audit log.
func (s *Service) audit(ctx context.Context, tx *database.DB, event models.AuditEvent) error {
	event.At = s.now()
	return tx.AppendAuditEvent(ctx, event)
}

// now returns the current time as the database stores it: in UTC, with microseconds.
func (s *Service) now() time.Time { return s.Now().UTC().Truncate(time.Microsecond) }
