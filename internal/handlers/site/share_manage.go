package site

import (
	"bytes"
	"image/png"
	"net/http"
	"slices"

	"github.com/boombuler/barcode"
	"github.com/boombuler/barcode/qr"
	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/handlers/page"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/shares"
)

// shareShowPage is the page "share_show": a share as its owner sees it. Its form, for
// changes, has the fields of a share.
type shareShowPage struct {
	page.Frame
	Share  models.ShareView
	State  string
	Target string        // path of the post or file
	Held   []models.File // that nobody gets by it, because their metadata cannot be removed
	shareOptions
	Downloads []models.DownloadView
}

// shareListPage is the page "share_list": all shares of the user. Its forms have no
// fields.
type shareListPage struct {
	page.Frame
	Shares []shareItem
	Older  string // URL of the next page of the list; empty: none
}

// A shareItem is a share in a list, with its state in words.
type shareItem struct {
	models.ShareView
	State string
}

const sharesPath = "/shares"

// stateOf returns the state of a share in words.
func (s *Site) stateOf(v models.ShareView) string { return page.ShareState(v.State(s.Now())) }

func (s *Site) shareItems(views []models.ShareView) []shareItem {
	items := make([]shareItem, len(views))
	for i, v := range views {
		items[i] = shareItem{v, s.stateOf(v)}
	}
	return items
}

// ShareList handles GET /shares: the user's shares, newest first.
func (s *Site) ShareList(c echo.Context) error {
	before, err := gate.CursorParam(c, "before")
	if err != nil {
		return err
	}
	found, err := s.Shares.List(c.Request().Context(), gate.Visitor(c), before, shares.PageSize)
	if err != nil {
		return err
	}
	return s.Show(c, http.StatusOK, "share_list", shareListPage{
		Frame: s.Frame(c, "Links"), Shares: s.shareItems(found.Items), Older: page.NextURL(sharesPath, "before", found.Next),
	})
}

// ShareShow handles GET /shares/:id: one of the user's shares.
func (s *Site) ShareShow(c echo.Context) error {
	return s.showShare(c, http.StatusOK, nil, nil)
}

func (s *Site) showShare(c echo.Context, status int, form *shareForm, problems page.Problems) error {
	ctx, who, id := c.Request().Context(), gate.Visitor(c), models.ShareID(c.Param("id"))
	v, err := s.Shares.Show(ctx, who, id)
	if err != nil {
		return err
	}
	downloads, err := s.Shares.Downloads(ctx, who, id)
	if err != nil {
		return err
	}
	held, err := s.Files.HeldBack(ctx, v.Share)
	if err != nil {
		return err
	}
	data := shareShowPage{
		Frame: s.Frame(c, v.Title), Share: v, State: s.stateOf(v), Downloads: downloads, Held: held,
		shareOptions: shareOptions{
			Form: shareForm{v.Input()}, Longest: s.longestShare(c), Problems: problems, Changes: true, HasPassword: v.Locked(),
		},
	}
	if v.PostID != nil {
		data.Target = "/posts/" + string(*v.PostID)
	} else {
		data.Target = "/files"
	}
	if form != nil {
		data.Form = *form
	}
	return s.Show(c, status, "share_show", data)
}

// ShareUpdate handles POST /shares/:id: other options for one of the user's shares.
func (s *Site) ShareUpdate(c echo.Context) error {
	form, err := gate.ReadForm(c)
	if err != nil {
		return err
	}
	in := shareFormOf(form.Get)
	if err := s.Shares.Update(c.Request().Context(), gate.Actor(c), models.ShareID(c.Param("id")), in.ShareInput); err != nil {
		return s.ShowForm(err, func(status int, problems page.Problems) error {
			return s.showShare(c, status, &in, problems)
		})
	}
	return s.Tell(c, sharesPath+"/"+c.Param("id"), "saved")
}

// ShareRevoke handles POST /shares/:id/revoke: it ends one of the user's shares.
func (s *Site) ShareRevoke(c echo.Context) error {
	if err := s.Shares.Revoke(c.Request().Context(), gate.Actor(c), models.ShareID(c.Param("id"))); err != nil {
		return err
	}
	return s.Tell(c, sharesPath+"/"+c.Param("id"), "nolink")
}

// qrSide is the width and height of a QR code in pixels.
const qrSide = 320

// ShareQR handles GET /shares/:id/qr.png: the link as a QR code.
func (s *Site) ShareQR(c echo.Context) error {
	v, err := s.Shares.Show(c.Request().Context(), gate.Visitor(c), models.ShareID(c.Param("id")))
	if err != nil {
		return err
	}
	return sendQR(c, v.Link)
}

// sendQR answers with the link as a QR code (ISO/IEC 18004).
func sendQR(c echo.Context, link string) error {
	code, err := qr.Encode(link, qr.M, qr.Auto)
	if err != nil {
		return err
	}
	if code, err = barcode.Scale(code, qrSide, qrSide); err != nil {
		return err
	}
	var picture bytes.Buffer
	if err := png.Encode(&picture, code); err != nil {
		return err
	}
	return c.Blob(http.StatusOK, "image/png", picture.Bytes())
}

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
