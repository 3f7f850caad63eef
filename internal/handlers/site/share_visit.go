package site

import (
	"html/template"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/handlers/page"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
	"example.org/cloakroom/internal/sanitize"
	"example.org/cloakroom/internal/shares"
	"example.org/cloakroom/internal/unlock"
)

// shareVisitPage is the page "share_visit": what the link of a share opens. Its form,
// for comments, has the field body.
type shareVisitPage struct {
	page.Frame
	Link     string // path of the share
	Share    models.Share
	From     string
	Owned    bool // the visitor is the owner
	Post     models.PostView
	HTML     template.HTML // the text of the post
	Files    []models.File
	Comments []commentItem
	Form     commentForm
	Problems page.Problems
}

// Size returns the size of all files, in bytes.
func (p shareVisitPage) Size() (bytes int64) {
	for _, f := range p.Files {
		bytes += f.Served().Size
	}
	return bytes
}

// DownloadURL returns the URL of the only file, or of the zip of all.
func (p shareVisitPage) DownloadURL() string {
	if len(p.Files) == 1 {
		return p.FileURL(p.Files[0])
	}
	return p.Link + "/zip"
}

// FileURL returns the URL of a file of the share.
func (p shareVisitPage) FileURL(f models.File) string {
	return p.Link + "/files/" + string(f.ID) + "/" + page.FileSegment(f)
}

// PreviewURL returns the URL of the preview of a file.
func (p shareVisitPage) PreviewURL(f models.File) string {
	return p.Link + "/files/" + string(f.ID) + "/preview"
}

// Thumb returns the URL of a thumbnail of the given width.
func (p shareVisitPage) Thumb(f models.File, width int) string {
	thumb := p.Link + "/files/" + string(f.ID) + "/thumbnail"
	if width == models.ThumbnailLarge {
		thumb += "/" + strconv.Itoa(width)
	}
	return thumb
}

// Gallery returns the images to show.
func (p shareVisitPage) Gallery() (images []models.File) {
	for _, f := range p.Files {
		if f.IsImage() && f.HasThumbnail() {
			images = append(images, f)
		}
	}
	return images
}

// Heading returns the title of the post, or what the files are.
func (p shareVisitPage) Heading() string {
	if p.Post.Title != "" {
		return string(p.Post.Title)
	}
	if len(p.Files) == 1 {
		return string(p.Files[0].Name)
	}
	return page.Count(len(p.Files), "file", "files")
}

// MayDownload reports whether the share lets its visitors download.
func (p shareVisitPage) MayDownload() bool { return p.Share.May(models.ShareDownload) }

// MayComment reports whether the share lets signed-in visitors comment.
func (p shareVisitPage) MayComment() bool { return p.Share.May(models.ShareComment) }

// shareLockedPage is the page "share_locked": the form for the password of a share. It
// shows nothing of the share. Its field is password.
type shareLockedPage struct {
	page.Frame
	Link     string
	Problems page.Problems
	Wait     int // seconds until the next attempt; 0: now
}

// sharePath returns the path of the share of the request, as it was asked for.
func sharePath(c echo.Context) string { return "/s/" + url.PathEscape(c.Param("secret")) }

// shareCookie returns the cookie of the share of the request. Only its own paths get it.
func (s *Site) shareCookie(c echo.Context) gate.Cookie {
	return gate.Cookie{Name: "share", Path: sharePath(c), Life: models.PickupLife, Secure: s.Options.Secure}
}

// hideShare keeps a page of a share from caches, search engines and other sites.
func hideShare(c echo.Context) {
	h := c.Response().Header()
	h.Set("Cache-Control", "no-store")
	h.Set("X-Robots-Tag", "noindex, nofollow")
	h.Set("Referrer-Policy", "no-referrer")
}

// visit returns the share of the request, if it is open for the visitor. A visitor
// without a cookie gets one, unless they go on with a download of their network.
// On error it has decided the answer: pass the error to refuseVisit.
func (s *Site) visit(c echo.Context) (shares.Visit, error) { return s.visitFor(c, "", false) }

// visitFor is visit, perhaps for a download of the file with that ID, or of the zip if it
// is empty. A program without cookies can go on with a download.
func (s *Site) visitFor(c echo.Context, item models.FileID, download bool) (shares.Visit, error) {
	hideShare(c)
	ctx, link := c.Request().Context(), c.Param("secret")
	who := shares.Visitor{
		User: gate.Visitor(c), Client: gate.Client(c), Cookie: s.shareCookie(c).Get(c),
		Resume: download && resumes(c.Request()), Item: item,
	}
	v, err := s.Shares.Find(ctx, link, who)
	if _, password, ok := c.Request().BasicAuth(); ok && unlock.IsLocked(err) {
		if err := s.TakeUnlock(c, string(models.ParseShareLink(link))); err != nil {
			return v, err
		}
		if who.Cookie, err = s.Shares.Unlock(ctx, link, who, password); err == nil {
			v, err = s.Shares.Find(ctx, link, who)
		}
	}
	switch {
	case problem.KindOf(err) == problem.Gone:
		return v, s.TakeShareMiss(c, err)
	case err != nil:
		return v, err
	}
	if v.Visitor.Cookie == "" && !who.Resume && c.Request().Method != http.MethodHead {
		v.Visitor.Cookie = unlock.NewCookie()
	}
	if v.Visitor.Cookie != "" {
		s.shareCookie(c).Set(c, v.Visitor.Cookie)
	}
	return v, nil
}

// resumes reports whether a request asks for the rest of a download, as programs do
// after a broken line: one range that does not begin at the first byte (RFC 9110, 14.2).
// With If-Range the whole file could be the answer, so such a request needs the cookie.
func resumes(r *http.Request) bool {
	from, ok := strings.CutPrefix(r.Header.Get("Range"), "bytes=")
	return ok && from != "" && from[0] >= '1' && from[0] <= '9' && !strings.Contains(from, ",") &&
		r.Header.Get("If-Range") == "" && r.Method == http.MethodGet
}

// refuseVisit answers with what kept visit from opening a share: the form for its
// password, the sign-in form, or the problem itself.
func (s *Site) refuseVisit(c echo.Context, err error) error {
	r := c.Request()
	page := strings.Contains(r.Header.Get("Accept"), "text/html") && !gate.WantsJSON(c)
	switch {
	case unlock.IsLocked(err) && page:
		return s.showLocked(c, sharePath(c), http.StatusUnauthorized, nil, 0)
	case unlock.IsLocked(err):
		c.Response().Header().Set("WWW-Authenticate", `Basic realm="share", charset="UTF-8"`)
		if _, _, tried := r.BasicAuth(); !tried && !gate.WantsJSON(c) { // a program that shows what it gets, such as curl
			return c.String(http.StatusUnauthorized, "This link needs a password. With curl, send it by -u :PASSWORD\n")
		}
	case problem.KindOf(err) == problem.Unauthenticated && page:
		return gate.RedirectToLogIn(c)
	}
	return err
}

// showLocked shows the form for the password of the link with that path.
func (s *Site) showLocked(c echo.Context, path string, status int, problems page.Problems, wait int) error {
	return s.Show(c, status, "share_locked", shareLockedPage{
		Frame: s.GuestFrame(c, "This link needs a password"), Link: path, Problems: problems, Wait: wait,
	})
}

// ShareVisit handles GET /s/:secret: the page that a link opens.
func (s *Site) ShareVisit(c echo.Context) error {
	v, err := s.visit(c)
	if err != nil {
		return s.refuseVisit(c, err)
	}
	return s.showVisit(c, http.StatusOK, v, commentForm{}, nil)
}

func (s *Site) showVisit(c echo.Context, status int, v shares.Visit, form commentForm, problems page.Problems) error {
	ctx := c.Request().Context()
	files, err := s.Shares.Files(ctx, v)
	if err != nil {
		return err
	}
	post, err := s.Shares.Post(ctx, v)
	if err != nil {
		return err
	}
	data := shareVisitPage{
		Frame: s.GuestFrame(c, ""), Link: sharePath(c), Share: v.Share, From: v.From(), Owned: v.Own(),
		Post: post, HTML: sanitize.Post(post.Content, post.Rendered), Form: form, Problems: problems,
	}
	for _, f := range files {
		if isOpen(f) {
			data.Files = append(data.Files, f)
		}
	}
	data.Card = s.previewOfShare(data)
	if data.MayComment() {
		comments, err := s.Posts.Comments(ctx, gate.Visitor(c), post.ID, models.Cursor{}, maxShareComments)
		if err != nil {
			return err
		}
		for _, one := range comments.Items {
			data.Comments = append(data.Comments, commentItem{CommentView: one, HTML: sanitize.Comment(one.Body, one.Rendered)})
		}
	}
	data.Title = data.Heading()
	return s.Show(c, status, "share_visit", data)
}

// maxShareComments is the number of comments on the page of a share, the oldest ones.
const maxShareComments = 200

// ShareUnlock handles POST /s/:secret: the password of a share.
func (s *Site) ShareUnlock(c echo.Context) error {
	hideShare(c)
	link := c.Param("secret")
	form, err := gate.ReadForm(c)
	if err != nil {
		return err
	}
	// Attempts count for the link as it was sent, whether or not there is such a share.
	if err := s.TakeUnlock(c, string(models.ParseShareLink(link))); err != nil {
		return s.ShowWait(c, err, func(problems page.Problems, wait int) error {
			return s.showLocked(c, sharePath(c), http.StatusTooManyRequests, problems, wait)
		})
	}
	who := shares.Visitor{User: gate.Visitor(c), Client: gate.Client(c), Cookie: s.shareCookie(c).Get(c)}
	cookie, err := s.Shares.Unlock(c.Request().Context(), link, who, form.Get("password"))
	switch {
	case unlock.IsLocked(err):
		return s.showLocked(c, sharePath(c), http.StatusUnauthorized, problem.All(err), 0)
	case problem.KindOf(err) == problem.Gone:
		return s.TakeShareMiss(c, err)
	case err != nil:
		return s.refuseVisit(c, err)
	}
	if cookie != "" {
		s.shareCookie(c).Set(c, cookie)
	}
	return c.Redirect(http.StatusSeeOther, sharePath(c))
}

// ShareComment handles POST /s/:secret/comments: a comment on the post of a share.
func (s *Site) ShareComment(c echo.Context) error {
	v, err := s.visit(c)
	if err != nil {
		return s.refuseVisit(c, err)
	}
	form, err := gate.ReadForm(c)
	if err != nil {
		return err
	}
	if err := s.Shares.Comment(c.Request().Context(), v, form.Get("body"), form.Get("form_key")); err != nil {
		return s.ShowForm(err, func(status int, problems page.Problems) error {
			return s.showVisit(c, status, v, commentForm{Body: form.Get("body")}, problems)
		})
	}
	return c.Redirect(http.StatusSeeOther, sharePath(c)+"#comments")
}
