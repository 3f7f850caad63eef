package site

import (
	"html/template"
	"net/http"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/handlers/page"
	"example.org/cloakroom/internal/handlers/transfer"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/posts"
	"example.org/cloakroom/internal/sanitize"
)

// postShowPage is the page "post_show". The field of its form is body.
type postShowPage struct {
	page.Frame
	Post     models.PostView // its files in order; only the author sees those that are not ready
	HTML     template.HTML   // the content, from package sanitize
	CanEdit  bool
	Badge    badge                   // for the author
	Badges   map[models.FileID]badge // for the author
	Comments []commentItem           // oldest first
	First    string                  // URL of the first comments; empty: this page has them
	More     string                  // URL of the next comments; empty: none
	Form     commentForm
	Problems page.Problems
}

// PostShow handles GET /posts/:id: a post with its files and comments.
func (s *Site) PostShow(c echo.Context) error {
	return s.showPost(c, http.StatusOK, commentForm{}, nil)
}

func (s *Site) showPost(c echo.Context, status int, form commentForm, problems page.Problems) error {
	after, err := gate.CursorParam(c, "after")
	if err != nil {
		return err
	}
	ctx, who := c.Request().Context(), gate.Visitor(c)
	post, err := s.Posts.Show(ctx, who, models.PostID(c.Param("id")))
	if err != nil {
		return err
	}
	comments, err := s.Posts.Comments(ctx, who, post.ID, after, posts.CommentPageSize)
	if err != nil {
		return err
	}
	frame := s.Frame
	if post.Visibility == models.Public && post.HiddenAt == nil {
		frame = s.PublicFrame
	}
	data := postShowPage{
		Frame: frame(c, string(post.Title)), Post: post, HTML: sanitize.Post(post.Content, post.Rendered), CanEdit: post.AuthorID == who.ID,
		More: page.NextURL("/posts/"+string(post.ID), "after", comments.Next), Form: form, Problems: problems,
	}
	data.Card = s.previewOf(post)
	if !after.IsZero() {
		data.First = "/posts/" + string(post.ID) + "#comments"
	}
	for _, one := range comments.Items {
		data.Comments = append(data.Comments, commentItem{
			CommentView: one, HTML: sanitize.Comment(one.Body, one.Rendered), CanDelete: posts.MayDeleteComment(who, post.Post, one.Comment),
		})
	}
	if data.CanEdit {
		err = s.addBadges(c, &data)
	}
	if err != nil {
		return err
	}
	return s.Show(c, status, "post_show", data)
}

// addBadges says on the author's page who can open the post and each of its files.
func (s *Site) addBadges(c echo.Context, p *postShowPage) error {
	ids := make([]models.FileID, len(p.Post.Files))
	for i, f := range p.Post.Files {
		ids[i] = f.ID
	}
	open, err := s.Shares.Accesses(c.Request().Context(), gate.Visitor(c), []models.PostID{p.Post.ID}, ids)
	if err != nil {
		return err
	}
	whole := open.Post(p.Post.ID, p.Post.Visibility)
	p.Badge = badgeOf("/posts/"+string(p.Post.ID), whole)
	if whole.IsShown() { // a share can have a password, or expire
		p.Badge.Link = "/posts/" + string(p.Post.ID)
	}
	p.Badges = map[models.FileID]badge{}
	for _, f := range p.Post.Files {
		p.Badges[f.ID] = badgeOf("/files/"+string(f.ID), open.File(f, p.Post.Visibility))
	}
	return nil
}

// Gallery returns the images to show.
func (p postShowPage) Gallery() []models.File {
	return p.filesWhere(func(f models.File) bool { return isOpen(f) && f.IsImage() && f.HasThumbnail() })
}

// Players returns the audio and video files to play.
func (p postShowPage) Players() []models.File {
	return p.filesWhere(func(f models.File) bool { return isOpen(f) && isPlayable(f) })
}

// Downloads returns the files that the viewer can download.
func (p postShowPage) Downloads() []models.File {
	return p.filesWhere(isOpen)
}

// Zip returns the size of all downloads as one archive, or zero if there are not several.
func (p postShowPage) Zip() int64 {
	if files := p.Downloads(); len(files) > 1 {
		return transfer.ZipSize(files)
	}
	return 0
}

// Waiting returns the files that only their author sees: those still
// processing, rejected or in quarantine.
func (p postShowPage) Waiting() []models.File {
	return p.filesWhere(func(f models.File) bool { return !isOpen(f) })
}

func (p postShowPage) filesWhere(keep func(models.File) bool) (files []models.File) {
	for _, f := range p.Post.Files {
		if keep(f) {
			files = append(files, f)
		}
	}
	return files
}

// isOpen reports whether everyone who sees the post can read f.
func isOpen(f models.File) bool { return f.IsOpen() }

func isPlayable(f models.File) bool {
	return f.Kind == models.KindAudio || f.Kind == models.KindVideo
}
