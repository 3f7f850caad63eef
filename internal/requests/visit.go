package requests

import (
	"context"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
	"example.org/cloakroom/internal/unlock"
)

// A Guest is somebody who follows the link of a request.
type Guest struct {
	User    models.User   // the zero User is not signed in
	Client  models.Client //
	Cookie  models.Secret // of this request, as Unlock and unlock.NewCookie returned it; empty: none
	Program bool          // without a browser: it is known by its network, and reads no receipt
}

// A Visit is a request that takes files from a guest, or has taken some.
type Visit struct {
	Request models.FileRequest
	Owner   models.User // only ID, Username, Tier and Quota
	Guest   Guest
	Open    bool                  // it takes files from the guest now
	Left    []models.ReceivedFile // by the guest, newest first
	holder  string
}

// Own reports whether the guest is the owner, who needs no password.
func (v Visit) Own() bool { return v.Guest.User.ID == v.Request.OwnerID }

// errGone returns the problem of every request that does not open, whatever the reason.
func errGone() error {
	return problem.New(problem.Gone, "You can't leave files here. The link may be full or expired, or its owner may have closed it.")
}

// orGone returns Gone instead of NotFound.
func orGone(err error) error {
	if problem.KindOf(err) == problem.NotFound {
		return errGone()
	}
	return err
}

func lock(q models.FileRequest) unlock.Lock {
	return unlock.Lock{Link: string(q.ID), Password: q.Password}
}

// Find returns the request of a link for a guest. Its errors are Gone for each request
// that takes nothing from the guest and has taken nothing from them, and that of
// unlock.ErrLocked for one that is locked.
func (s *Service) Find(ctx context.Context, link string, who Guest) (Visit, error) {
	v, err := s.find(ctx, link, who)
	if err != nil {
		return Visit{}, err
	}
	if !v.Own() && !s.Keys.Opens(lock(v.Request), who.Cookie) {
		return Visit{}, unlock.ErrLocked()
	}
	return v, nil
}

// find is Find without the password.
func (s *Service) find(ctx context.Context, link string, who Guest) (Visit, error) {
	q, owner, err := s.DB.FileRequestByHash(ctx, models.ParseShareLink(link))
	if err != nil {
		return Visit{}, orGone(err)
	}
	v := Visit{Request: q, Owner: owner, Guest: who, holder: s.holder(q, who)}
	v.Open = q.Open(v.holder, s.now())
	if v.holder != "" && !who.Program {
		if v.Left, err = s.DB.ReceivedFilesFrom(ctx, q.ID, v.holder, maxOfOwn); err != nil {
			return Visit{}, err
		}
	}
	if !v.Open && len(v.Left) == 0 {
		return Visit{}, errGone()
	}
	return v, nil
}

// holder returns the code by which the request knows the guest, or "" for one without a
// cookie.
func (s *Service) holder(q models.FileRequest, who Guest) string {
	if who.Program {
		return s.Keys.Network(string(q.ID), who.Client.Addr)
	}
	return string(unlock.Holder(who.Cookie))
}

// Unlock checks the password of a request, and returns the guest's cookie with the proof
// that they know it. A wrong password is Unauthenticated at the field "password". The
// caller counts the attempts.
func (s *Service) Unlock(ctx context.Context, link string, who Guest, password string) (models.Secret, error) {
	v, err := s.find(ctx, link, who)
	if err != nil {
		return "", err
	}
	return s.Keys.Open(ctx, lock(v.Request), who.Cookie, password)
}

// StillOpen returns Gone unless the request still takes files: a running upload asks
// again and again.
func (s *Service) StillOpen(ctx context.Context, v Visit) error {
	return orGone(s.DB.FileRequestOpens(ctx, v.Request.ID, v.Request.PasswordVersion, s.now()))
}
