package shares

import (
	"context"

	"example.org/cloakroom/internal/models"
)

// An Access says who can open a post or a file of a user's own.
type Access struct {
	Visibility models.Visibility // of the post; empty: the file is in none
	Links      int               // open shares
	Link       string            // the latest of them, as a URL; empty: none
}

// add counts the shares of open too.
func (s *Service) add(a Access, open models.OpenShares) Access {
	if a.Links += open.Count; a.Link == "" && open.Count > 0 {
		a.Link = s.view(models.ShareView{Share: open.Latest}).Link
	}
	return a
}

// Accesses are the posts and files of a user's own, with who can open them.
type Accesses struct {
	service *Service
	open    map[string]models.OpenShares // by the ID of the post or file
}

// Accesses looks up who can open these posts and files of user's own.
func (s *Service) Accesses(ctx context.Context, user models.User, posts []models.PostID, files []models.FileID) (Accesses, error) {
	all := Accesses{service: s, open: map[string]models.OpenShares{}}
	ofPosts, err := s.DB.OpenSharesOfPosts(ctx, user.ID, posts, s.now())
	if err != nil {
		return all, err
	}
	for _, open := range ofPosts {
		all.open[string(*open.Latest.PostID)] = open
	}
	ofFiles, err := s.DB.OpenSharesOfFiles(ctx, user.ID, files, s.now())
	for _, open := range ofFiles {
		all.open[string(*open.Latest.FileID)] = open
	}
	return all, err
}

// Post returns who can open one of the posts.
func (a Accesses) Post(id models.PostID, visibility models.Visibility) Access {
	return a.service.add(Access{Visibility: visibility}, a.open[string(id)])
}

// File returns who can open one of the files, which is in a post of that visibility: the
// shares of its post open it too.
func (a Accesses) File(f models.File, visibility models.Visibility) Access {
	one := a.service.add(Access{Visibility: visibility}, a.open[string(f.ID)])
	if f.PostID != nil && visibility != "" {
		one = a.service.add(one, a.open[string(*f.PostID)])
	}
	return one
}

// AccessOf returns who can open a file of a user's list, as Accesses.File does.
func (s *Service) AccessOf(f models.FileRow) Access {
	one := Access{Visibility: f.Visibility, Links: f.Links, Link: s.linkOf(f.Latest)}
	if f.PostTitle != "" {
		if one.Links += f.PostLinks; one.Link == "" {
			one.Link = s.linkOf(f.PostLatest)
		}
	}
	return one
}

// linkOf returns the URL of an open share, or "" for none.
func (s *Service) linkOf(l models.OpenLink) string {
	if l.ID == "" {
		return ""
	}
	return s.view(models.ShareView{Share: models.Share{ID: l.ID, Sealed: l.Sealed, Name: l.Name}}).Link
}

// IsShown reports whether everybody can open it without a share: all, or those who have
// its address.
func (a Access) IsShown() bool {
	return a.Visibility == models.Public || a.Visibility == models.Unlisted
}
