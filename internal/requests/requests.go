// Package requests manages file requests: links with which others leave files in a post
// of the owner's. It alone knows which guest a request takes files from, and how much is
// reserved for a file that is coming in.
package requests

import (
	"context"
	"errors"
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
	ActionCreate models.AuditAction = "request.create"
	ActionUpdate models.AuditAction = "request.update"
	ActionRevoke models.AuditAction = "request.revoke"
	ActionDelete models.AuditAction = "request.delete"
)

// The sizes of lists.
const (
	PageSize  = 50  // requests, and received files, on a page
	maxOfOne  = 200 // requests on the page of one post
	maxOfOwn  = models.MaxRequestFiles
	batchSize = 500 // rows in memory at a time
)

// A Policy configures file requests.
type Policy struct {
	Default   time.Duration                 // life of a request whose owner names none
	Longest   map[models.Tier]time.Duration // longest life of a request; 0: requests may never expire
	LogFor    time.Duration                 // how long the networks of guests are kept
	PublicURL string                        // the URL of the site, without a path
}

// A Service manages file requests. All exported fields must be set.
type Service struct {
	DB     *database.DB
	Jobs   *jobs.Queue
	Key    seal.Key // seals the secrets of links
	Keys   unlock.Keys
	Policy *models.Live[Policy]
	Now    func() time.Time
}

// Create makes a request of by's own, with a private post for the files, and returns it
// with its link. Its error joins the problems of all fields.
func (s *Service) Create(ctx context.Context, by models.Actor, in models.FileRequestInput) (models.FileRequestView, error) {
	now := s.now()
	q := models.FileRequest{
		ID: models.NewFileRequestID(), OwnerID: by.User.ID, PostID: models.NewPostID(), ByToken: by.ByToken, CreatedAt: now, UpdatedAt: now,
	}
	if err := s.parse(ctx, by.User, in, &q, true); err != nil {
		return models.FileRequestView{}, err
	}
	post := models.Post{
		ID: q.PostID, AuthorID: q.OwnerID, Title: q.Title, Visibility: models.Private, CreatedAt: now, UpdatedAt: now,
	}
	secret := models.NewSecret()
	q.Hash, q.Sealed = secret.Hash(), s.Key.Seal(string(q.ID), []byte(secret.Reveal()))
	err := s.DB.Tx(ctx, func(tx *database.DB) error {
		made, err := tx.CreateFileRequest(ctx, &q, &post, models.MaxRequests)
		if err != nil {
			return err
		}
		if !made {
			return problem.New(problem.Conflict, "You have %d file requests. Delete those that you no longer need.", models.MaxRequests)
		}
		return s.audit(ctx, tx, by.Did(ActionCreate, models.FileRequestObject(q.ID), q.Summary()))
	})
	return s.view(models.FileRequestView{FileRequest: q, PostTitle: q.Title, PostOpen: true}), err
}

// parse sets what in describes. Hashing a password is slow, so it comes after every other
// check.
func (s *Service) parse(ctx context.Context, user models.User, in models.FileRequestInput, q *models.FileRequest, isNew bool) error {
	errs := in.Parse(q)
	if in.Expires != "" || isNew {
		policy := s.Policy.Get()
		life, err := models.ShareLife(in.Expires, policy.Default, policy.Longest[user.Tier])
		errs = append(errs, err)
		if q.ExpiresAt = nil; life != models.Never {
			expires := s.now().Add(life)
			q.ExpiresAt = &expires
		}
	}
	err := errors.Join(errs...)
	switch {
	case err != nil:
	case in.Password != "":
		q.Password, err = s.Keys.Hasher.Hash(ctx, in.Password)
	case in.RemovePassword:
		q.Password = ""
	}
	return err
}

// LongestOf returns the longest life that user can give a request; zero: it may never
// expire.
func (s *Service) LongestOf(user models.User) time.Duration { return s.Policy.Get().Longest[user.Tier] }

// view sets the link of v. A request whose secret cannot be opened, because the site key
// is another one, has none.
func (s *Service) view(v models.FileRequestView) models.FileRequestView {
	secret, err := s.Key.Open(string(v.ID), v.Sealed)
	if err == nil {
		v.Link = s.Policy.Get().PublicURL + models.FileRequestPath(v.Name, models.Secret(secret))
	}
	return v
}

func (s *Service) views(all []models.FileRequestView) []models.FileRequestView {
	for i := range all {
		all[i] = s.view(all[i])
	}
	return all
}

// Show returns one of user's requests, or NotFound.
func (s *Service) Show(ctx context.Context, user models.User, id models.FileRequestID) (models.FileRequestView, error) {
	v, err := s.DB.FileRequestOf(ctx, user.ID, id)
	return s.view(v), err
}

// List returns up to limit of user's requests that are older than before, newest first.
func (s *Service) List(
	ctx context.Context, user models.User, before models.Cursor, limit int,
) (models.Page[models.FileRequestView], error) {
	page, err := s.DB.FileRequestsOf(ctx, user.ID, before, limit)
	page.Items = s.views(page.Items)
	return page, err
}

// Of returns the requests that fill user's own post, newest first.
func (s *Service) Of(ctx context.Context, user models.User, post models.PostID) ([]models.FileRequestView, error) {
	views, err := s.DB.FileRequestsOfPost(ctx, user.ID, post, maxOfOne)
	return s.views(views), err
}

// Received returns a page of what one of user's requests has received, newest first.
func (s *Service) Received(
	ctx context.Context, user models.User, id models.FileRequestID, before models.Cursor,
) (models.Page[models.ReceivedFile], error) {
	return s.DB.ReceivedFilesOf(ctx, user.ID, id, before, PageSize)
}

// Update changes one of by's own requests that is not closed. Its error joins the
// problems of all fields.
func (s *Service) Update(ctx context.Context, by models.Actor, id models.FileRequestID, in models.FileRequestInput) error {
	v, err := s.DB.FileRequestOf(ctx, by.User.ID, id)
	if err != nil {
		return err
	}
	if v.RevokedAt != nil {
		return problem.New(problem.Conflict, "This file request is closed. Make a new one.")
	}
	q := v.FileRequest
	q.UpdatedAt = s.now()
	if err := s.parse(ctx, by.User, in, &q, false); err != nil {
		return err
	}
	return s.DB.Tx(ctx, func(tx *database.DB) error {
		if err := tx.UpdateFileRequest(ctx, &q); err != nil {
			return err
		}
		return s.audit(ctx, tx, by.Did(ActionUpdate, models.FileRequestObject(id), q.Summary()))
	})
}

// Revoke closes one of by's own requests at once. What is coming in is not kept.
func (s *Service) Revoke(ctx context.Context, by models.Actor, id models.FileRequestID) error {
	return s.DB.Tx(ctx, func(tx *database.DB) error {
		if err := tx.RevokeFileRequest(ctx, by.User.ID, id, s.now()); err != nil {
			return err
		}
		return s.audit(ctx, tx, by.Did(ActionRevoke, models.FileRequestObject(id), ""))
	})
}

// Delete removes one of by's own requests with its receipts. The files stay in the post.
func (s *Service) Delete(ctx context.Context, by models.Actor, id models.FileRequestID) error {
	return s.DB.Tx(ctx, func(tx *database.DB) error {
		if err := tx.DeleteFileRequest(ctx, by.User.ID, id); err != nil {
			return err
		}
		return s.audit(ctx, tx, by.Did(ActionDelete, models.FileRequestObject(id), ""))
	})
}

// Expire performs the job models.ExpireReservations: it gives back what was reserved for
// uploads that ended without a word, because the server was killed. It also forgets the
// networks of guests after the time of the policy.
func (s *Service) Expire(ctx context.Context, _ models.ExpireReservations) error {
	for {
		now := s.now()
		lapsed, err := s.DB.LapsedReceivedFiles(ctx, now, batchSize)
		if err != nil {
			return err
		}
		if len(lapsed) == 0 {
			return s.forgetPlaces(ctx)
		}
		for _, f := range lapsed {
			if err := s.DB.GiveBackReceivedFile(ctx, f, now); err != nil {
				return err
			}
		}
	}
}

func (s *Service) forgetPlaces(ctx context.Context) error {
	for {
		n, err := s.DB.ForgetPlaces(ctx, s.now().Add(-s.Policy.Get().LogFor), batchSize)
		if err != nil || n < batchSize {
			return err
		}
	}
}

// audit appends event to the audit log.
func (s *Service) audit(ctx context.Context, tx *database.DB, event models.AuditEvent) error {
	event.At = s.now()
	return tx.AppendAuditEvent(ctx, event)
}

// now returns the current time as the database stores it: in UTC, with microseconds.
func (s *Service) now() time.Time { return s.Now().UTC().Truncate(time.Microsecond) }
