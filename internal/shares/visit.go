package shares

import (
	"cmp"
	"context"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
	"example.org/cloakroom/internal/sanitize"
	"example.org/cloakroom/internal/unlock"
)

// A Visitor is somebody who follows the link of a share.
type Visitor struct {
	User   models.User   // the zero User is a guest
	Client models.Client //
	Cookie models.Secret // of this share, as Unlock and NewCookie returned it; empty: none
	Resume bool          // the request asks for the rest of a download
	Item   models.FileID // what it downloads; empty: the zip
}

// A Visit is an open share, for one visitor.
type Visit struct {
	Share   models.Share
	Owner   models.User // only ID, Username, Avatar and AvatarType
	Visitor Visitor
}

// From returns the name that visitors are shown as the sender.
func (v Visit) From() string {
	if v.Share.Sender != "" {
		return v.Share.Sender
	}
	return string(v.Owner.Username)
}

// Own reports whether the visitor is the owner, for whom nothing is counted.
func (v Visit) Own() bool { return v.Visitor.User.ID == v.Share.OwnerID }

// The sentence for every share that does not open, whatever the reason.
func errGone() error {
	return problem.New(problem.Gone, "It may have expired, or its owner may have ended it.")
}

// lock returns the password of the share.
func lock(s models.Share) unlock.Lock { return unlock.Lock{Link: string(s.ID), Password: s.Password} }

// Find returns the share of a link for a visitor. Its errors are Gone for each share that
// does not open; Unauthenticated at the field "password" for one that is locked; and
// Unauthenticated without a field for a guest at a share for named users.
func (s *Service) Find(ctx context.Context, link string, who Visitor) (Visit, error) {
	v, err := s.find(ctx, link, who)
	if err != nil {
		return v, err
	}
	if !v.Own() && !s.Keys.Opens(lock(v.Share), who.Cookie) {
		return Visit{}, unlock.ErrLocked()
	}
	return v, nil
}

// find is Find without the password.
func (s *Service) find(ctx context.Context, link string, who Visitor) (Visit, error) {
	hash := models.ParseShareLink(link)
	share, owner, invited, err := s.DB.ShareByHash(ctx, who.User.ID, hash, s.now())
	v := Visit{Share: share, Owner: owner, Visitor: who}
	switch {
	case problem.KindOf(err) == problem.NotFound:
		return Visit{}, errGone()
	case err != nil:
		return Visit{}, err
	case !invited && !who.User.SignedIn():
		return Visit{}, problem.New(problem.Unauthenticated, "Sign in to open this link.")
	case !invited:
		return Visit{}, errGone()
	}
	if share.UsedUp() && !v.Own() {
		_, err = s.DB.PickupOf(ctx, share.ID, s.holder(v), s.resumeNetwork(v), who.Item, s.now())
		if problem.KindOf(err) == problem.NotFound {
			err = errGone()
		}
	}
	return v, err
}

// Unlock checks the password of a share, and returns the visitor's cookie with the proof
// that they know it. A wrong password is Unauthenticated at the field "password". The
// caller counts the attempts.
func (s *Service) Unlock(ctx context.Context, link string, who Visitor, password string) (models.Secret, error) {
	v, err := s.find(ctx, link, who)
	if err != nil {
		return who.Cookie, err
	}
	return s.Keys.Open(ctx, lock(v.Share), who.Cookie, password)
}

// holder returns the hash of the visitor's cookie, or "" without one.
func (s *Service) holder(v Visit) models.SecretHash { return unlock.Holder(v.Visitor.Cookie) }

// network returns a code of the visitor's network for this share.
func (s *Service) network(v Visit) string {
	return s.Keys.Network(string(v.Share.ID), v.Visitor.Client.Addr)
}

// resumeNetwork returns the network of a visitor without a cookie who asks for the rest
// of a download, as programs do, or "".
func (s *Service) resumeNetwork(v Visit) string {
	if v.Visitor.Resume && s.holder(v) == "" {
		return s.network(v)
	}
	return ""
}

// Files returns the files that the share opens, in order.
func (s *Service) Files(ctx context.Context, v Visit) ([]models.File, error) {
	return s.DB.FilesOfShare(ctx, v.Share)
}

// Post returns the post that the share opens, without its files. The share of a file has
// none: it returns the zero PostView.
func (s *Service) Post(ctx context.Context, v Visit) (models.PostView, error) {
	if v.Share.PostID == nil {
		return models.PostView{}, nil
	}
	return s.DB.PostOfShare(ctx, v.Share)
}

// File returns a file that the share still opens for the visitor: a running transfer
// asks again and again. If not, it returns Gone.
func (s *Service) File(ctx context.Context, v Visit, id models.FileID) (models.File, error) {
	f, err := s.DB.SharedFile(ctx, v.Visitor.User.ID, v.Share, id, s.now())
	if problem.KindOf(err) == problem.NotFound {
		err = errGone()
	}
	return f, err
}

// StillOpen returns Gone unless the share is still open for the visitor.
func (s *Service) StillOpen(ctx context.Context, v Visit) error {
	err := s.DB.ShareOpens(ctx, v.Visitor.User.ID, v.Share.ID, v.Share.PasswordVersion, s.now())
	if problem.KindOf(err) == problem.NotFound {
		err = errGone()
	}
	return err
}

// Comment adds a comment by the visitor to the post of the share, if the share lets
// them: else it returns Forbidden. A form that is sent twice, with the same key, gives one
// comment.
func (s *Service) Comment(ctx context.Context, v Visit, body, key string) error {
	if !v.Share.May(models.ShareComment) || !v.Visitor.User.SignedIn() {
		return problem.New(problem.Forbidden, "This link does not let you comment.")
	}
	text, err := models.ParseCommentBody(body)
	if err != nil {
		return err
	}
	c := models.Comment{
		ID:     cmp.Or(models.CommentIDOf(v.Visitor.User.ID, *v.Share.PostID, key, body), models.NewCommentID()),
		PostID: *v.Share.PostID, AuthorID: v.Visitor.User.ID, Body: text,
		Rendered: sanitize.RenderComment(text), CreatedAt: s.now(),
	}
	err = s.DB.Tx(ctx, func(tx *database.DB) error {
		if err := tx.CreateSharedComment(ctx, v.Share, &c); err != nil {
			return err
		}
		return s.Jobs.Add(ctx, tx, models.NotifyOfComment{Comment: c.ID})
	})
	switch problem.KindOf(err) {
	case problem.NotFound:
		return errGone()
	case problem.Conflict: // it was sent twice
		return nil
	}
	return err
}
