package site

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/filetypes"
	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/handlers/page"
	"example.org/cloakroom/internal/handlers/transfer"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/preview"
	"example.org/cloakroom/internal/problem"
)

// filePreviewPage is the page "file_preview": what can be seen of a file without downloading
// it, in a post, in a share, or among the viewer's own files.
type filePreviewPage struct {
	page.Frame
	File      models.File
	Preview   preview.Preview
	Source    bool   // Markdown or a table is shown as its text
	Back      string // path of the post, the share or the list of files
	BackTitle string
	Folder    string // path of the file, to which its name and its thumbnails belong
	Get       bool   // the viewer may have the bytes
	Counted   bool   // the share counts downloads, and the text would be one
	Shared    bool   // the bytes are of a share, which counts them
	Frames    bool   // the browser's viewer can show the file in a frame, if the visitor asks for it
	Framed    bool   // the frame is on the page: the visitor asked for it
	Own       bool   // the viewer owns the file, and does not look through a link
	Badge     badge  // for its owner
	Previous  *fileLink
	Next      *fileLink
}

// A fileLink leads to the preview of another file of the same post or share.
type fileLink struct{ Name, URL string }

// Self returns the path of the page.
func (p filePreviewPage) Self() string { return p.Folder + "/preview" }

// IsNumber reports whether a cell of a table is a number.
func (filePreviewPage) IsNumber(cell string) bool { return preview.IsNumber(cell) }

// Bytes returns the path of the content.
func (p filePreviewPage) Bytes() string { return p.Folder + "/" + page.FileSegment(p.File) }

// Download returns the path at which browsers save the content.
func (p filePreviewPage) Download() string {
	if p.Shared {
		return p.Bytes()
	}
	return p.Bytes() + "?download=1"
}

// Image returns the path of the large thumbnail, or "" if the file has none.
func (p filePreviewPage) Image() string {
	if !p.File.IsImage() || !p.File.HasThumbnail() {
		return ""
	}
	return p.Folder + "/thumbnail/" + strconv.Itoa(models.ThumbnailLarge)
}

// Show returns what the template shows: an image, a player, a frame, or the kind of the preview.
func (p filePreviewPage) Show() string {
	switch {
	case p.Image() != "":
		return string(models.KindImage)
	case p.Get && isPlayable(p.File):
		return string(p.File.Kind)
	case p.Framed:
		return "frame"
	}
	return string(p.Preview.Kind)
}

// Preload returns how much of a player's media is loaded before it plays. Of a share it is
// nothing, because the first byte is a download.
func (p filePreviewPage) Preload() string {
	if p.Shared {
		return "none"
	}
	return "metadata"
}

// neighbours sets the links to the files before and after the file. Each has its folder in
// base.
func (p *filePreviewPage) neighbours(base string, files []models.File) {
	var before *fileLink
	found := false
	for _, f := range files {
		if !isOpen(f) {
			continue
		}
		here := &fileLink{string(f.Name), base + string(f.ID) + "/preview"}
		switch {
		case f.ID == p.File.ID:
			p.Previous, found = before, true
		case found:
			p.Next = here
			return
		}
		before = here
	}
}

// FilePreview handles GET /files/:id/preview: a file that the viewer may read.
func (s *Site) FilePreview(c echo.Context) error {
	ctx, who := c.Request().Context(), gate.Visitor(c)
	f, err := s.Files.Find(ctx, who, models.FileID(c.Param("id")))
	if err != nil {
		return err
	}
	data := filePreviewPage{
		Frame: s.Frame(c, string(f.Name)), File: f, Get: true, Folder: "/files/" + string(f.ID), Back: "/files", BackTitle: "your files",
	}
	var visibility models.Visibility // of its post
	if f.PostID != nil {
		post, err := s.Posts.Show(ctx, who, *f.PostID)
		switch {
		case err == nil:
			visibility = post.Visibility
			data.Back, data.BackTitle = "/posts/"+string(post.ID), string(post.Title)
			data.neighbours("/files/", post.Files)
		case problem.KindOf(err) != problem.NotFound:
			return err
		}
	}
	if data.Own = f.OwnerID == who.ID; data.Own {
		open, err := s.Shares.Accesses(ctx, who, postsOf(f), []models.FileID{f.ID})
		if err != nil {
			return err
		}
		data.Badge = badgeOf(data.Folder, open.File(f, visibility))
	}
	data.Frames = transfer.HasFrame(f.Kind) && filetypes.Inline(f) && s.CanFrame(c)
	if data.Framed = data.Frames && c.QueryParam("show") != ""; data.Framed {
		s.AllowFrame(c)
	}
	return s.showPreview(c, data, f.Kind)
}

// postsOf returns the post that has the file, or none.
func postsOf(f models.File) []models.PostID {
	if f.PostID == nil {
		return nil
	}
	return []models.PostID{*f.PostID}
}

// SharePreview handles GET /s/:secret/files/:id/preview: a file of a share. It does
// not count as a download. So a share that counts downloads does not show what is in a text, and
// one that only lets its visitors look shows only images and text.
func (s *Site) SharePreview(c echo.Context) error {
	v, err := s.visit(c)
	if err != nil {
		return s.refuseVisit(c, err)
	}
	ctx := c.Request().Context()
	f, err := s.Shares.File(ctx, v, models.FileID(c.Param("id")))
	if err != nil {
		return err
	}
	files, err := s.Shares.Files(ctx, v)
	if err != nil {
		return err
	}
	base := sharePath(c) + "/files/"
	get := mayDownload(v) == nil
	data := filePreviewPage{
		Frame: s.GuestFrame(c, string(f.Name)), File: f, Get: get, Shared: true, Folder: base + string(f.ID), Back: sharePath(c),
		BackTitle: "all files", Counted: get && hasText(f.Kind) && v.Share.MaxPickups > 0 && !v.Own(),
	}
	data.neighbours(base, files)
	kind := f.Kind
	if data.Counted || !data.Get && !hasText(kind) {
		kind = models.KindOther
	}
	return s.showPreview(c, data, kind)
}

// hasText reports whether the preview of a file of that kind is its text.
func hasText(kind models.FileKind) bool {
	return kind == models.KindText || kind == models.KindDocument
}

// showPreview shows the page with the preview of a file as one of that kind. A file that cannot
// be downloaded now has none: the error is that of its download.
func (s *Site) showPreview(c echo.Context, data filePreviewPage, kind models.FileKind) error {
	ctx := c.Request().Context()
	opened, err := s.Files.OpenFound(ctx, data.File)
	if err != nil {
		return err
	}
	defer opened.Blob.Close()
	data.Source = c.QueryParam("source") != ""
	data.Preview, err = s.Previews.Make(ctx, preview.Source{
		Name: data.File.Name, Kind: kind, Type: data.File.MediaType, Content: opened.Blob.ReadSeekCloser, Size: opened.Blob.Size,
	}, data.Source)
	if err != nil {
		return err
	}
	return s.Show(c, http.StatusOK, "file_preview", data)
}
