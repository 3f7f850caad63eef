package site

import (
	"bytes"
	"image/png"
	"net/http"

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
			return s.showShare(c, status, &in, enterAgain(problems, in.Password))
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
