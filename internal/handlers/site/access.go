package site

import (
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/handlers/page"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/shares"
)

// accessPage is the page "access": who can open a post or a file of the user's own. Its
// forms have no fields.
type accessPage struct {
	page.Frame
	Path   string            // of what it is about
	Public models.Visibility // of the post
	Post   models.PostID     // that it is about, or that has the file
	File   models.FileID     // that it is about, or empty
	Shares []shareItem
	OfPost []shareItem   // of a file: the links to its post, which open it too
	Fills  []requestItem // the requests that fill the post

	Downloads []models.DownloadView
	LogDays   int // how long they are kept
}

// Unfinished returns the number of downloads that run, or that a crash of the server
// ended.
func (p accessPage) Unfinished() (n int) {
	for _, d := range p.Downloads {
		if d.Running > 0 {
			n++
		}
	}
	return n
}

// ShareURL returns the URL of the form for another share.
func (p accessPage) ShareURL() string {
	if p.File != "" {
		return "/share?file=" + string(p.File)
	}
	return "/share?post=" + string(p.Post)
}

// PrivateURL returns the URL of the form that ends all access.
func (p accessPage) PrivateURL() string {
	if p.File != "" {
		return "/files/" + string(p.File) + "/private"
	}
	return "/posts/" + string(p.Post) + "/private"
}

// CanMakePrivate reports whether there is access that PrivateURL ends.
func (p accessPage) CanMakePrivate() bool {
	open := slices.ContainsFunc(p.Shares, func(s shareItem) bool { return s.RevokedAt == nil })
	return open || p.File == "" && p.Public != models.Private
}

// Opens reports whether one of the links opens.
func (p accessPage) Opens() bool {
	return slices.ContainsFunc(slices.Concat(p.Shares, p.OfPost), func(s shareItem) bool {
		return s.State == page.ShareState(models.ShareOpen)
	})
}

// PostLinks returns the page with the links to the post of the file as its list.
func (p accessPage) PostLinks() accessPage {
	p.Shares = p.OfPost
	return p
}

// PostAccess handles GET /posts/:id/access: who can open a post of the user's own.
func (s *Site) PostAccess(c echo.Context) error {
	post, err := s.Posts.Edit(c.Request().Context(), gate.Visitor(c), models.PostID(c.Param("id")))
	if err != nil {
		return err
	}
	return s.showAccess(c, accessPage{
		Frame: s.Frame(c, string(post.Title)), Path: "/posts/" + string(post.ID), Public: post.Visibility, Post: post.ID,
	})
}

// FileAccess handles GET /files/:id/access: who can open a file of the user's own.
func (s *Site) FileAccess(c echo.Context) error {
	ctx, who := c.Request().Context(), gate.Visitor(c)
	f, err := s.Files.FindOriginal(ctx, who, models.FileID(c.Param("id")))
	if err != nil {
		return err
	}
	data := accessPage{
		Frame: s.Frame(c, string(f.Name)), Path: "/files/" + string(f.ID), File: f.ID, Public: models.Private,
	}
	if f.PostID != nil {
		post, err := s.Posts.Edit(ctx, who, *f.PostID)
		if err != nil {
			return err
		}
		data.Public, data.Post = post.Visibility, post.ID
	}
	return s.showAccess(c, data)
}

func (s *Site) showAccess(c echo.Context, data accessPage) error {
	ctx, who := c.Request().Context(), gate.Visitor(c)
	views, err := s.Shares.Of(ctx, who, data.target())
	if err != nil {
		return err
	}
	if data.Downloads, err = s.Shares.DownloadsOf(ctx, who, data.target()); err != nil {
		return err
	}
	data.Shares, data.LogDays = s.shareItems(views), s.Shares.LogDays()
	if data.File != "" && data.Post != "" {
		views, err := s.Shares.Of(ctx, who, shares.Target{Post: data.Post})
		if err != nil {
			return err
		}
		ofOthers := func(v models.ShareView) bool { return v.PostID == nil }
		data.OfPost = s.shareItems(slices.DeleteFunc(views, ofOthers))
	}
	if data.File == "" {
		fills, err := s.Requests.Of(ctx, who, data.Post)
		if err != nil {
			return err
		}
		data.Fills = s.requestItems(fills)
	}
	return s.Show(c, http.StatusOK, "access", data)
}

// target returns what the page is about.
func (p accessPage) target() shares.Target {
	if p.File != "" {
		return shares.Target{File: p.File}
	}
	return shares.Target{Post: p.Post}
}

// PostMakePrivate handles POST /posts/:id/private: it ends every share of the user's own
// post and of its files, and makes the post private.
func (s *Site) PostMakePrivate(c echo.Context) error {
	id := models.PostID(c.Param("id"))
	if err := s.Shares.MakePrivate(c.Request().Context(), gate.Actor(c), id); err != nil {
		return err
	}
	return s.Tell(c, "/posts/"+string(id)+"/access", "private")
}

// FileMakePrivate handles POST /files/:id/private: it ends every share of the user's own
// file.
func (s *Site) FileMakePrivate(c echo.Context) error {
	id := models.FileID(c.Param("id"))
	if err := s.Shares.RevokeAll(c.Request().Context(), gate.Actor(c), shares.Target{File: id}); err != nil {
		return err
	}
	return s.Tell(c, "/files/"+string(id)+"/access", "nolinks")
}
