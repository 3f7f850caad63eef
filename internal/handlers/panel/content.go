package panel

import (
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/handlers/page"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// contentForm filters posts, comments or files.
type contentForm struct {
	User  string // username of the owner
	State string
	Q     string // words in a post
}

// contentPage is the page "admin_content". Its form is sent by GET and has
// the fields user, state and, for posts, q.
type contentPage struct {
	page.Frame
	Kind     models.SubjectKind
	Form     contentForm
	Items    []models.SubjectView
	More     string // URL of the next page of the list; empty: none
	Problems page.Problems
}

// States returns the states to choose from.
func (p contentPage) States() []models.ContentState { return models.ContentStates(p.Kind) }

// contentTitles are the titles of the lists.
var contentTitles = map[models.SubjectKind]string{
	models.SubjectPost: "Posts", models.SubjectComment: "Comments", models.SubjectFile: "Files",
}

// contentLists are the paths of the lists.
var contentLists = map[models.SubjectKind]string{
	models.SubjectPost: "/admin/posts", models.SubjectComment: "/admin/comments", models.SubjectFile: "/admin/files",
}

// PostList handles GET /admin/posts: posts of all users, filtered.
func (p *Panel) PostList(c echo.Context) error { return p.listContent(c, models.SubjectPost) }

// CommentList handles GET /admin/comments: comments of all users, filtered.
func (p *Panel) CommentList(c echo.Context) error { return p.listContent(c, models.SubjectComment) }

// FileList handles GET /admin/files: files of all users, filtered.
func (p *Panel) FileList(c echo.Context) error { return p.listContent(c, models.SubjectFile) }

func (p *Panel) listContent(c echo.Context, kind models.SubjectKind) error {
	form := contentForm{User: c.QueryParam("user"), State: c.QueryParam("state"), Q: c.QueryParam("q")}
	data := contentPage{Frame: p.frame(c, contentTitles[kind]), Kind: kind, Form: form}
	filter, err := p.contentFilter(c, kind, form)
	if data.Problems = problem.All(err); data.Problems != nil {
		return p.Show(c, http.StatusUnprocessableEntity, "admin_content", data)
	}
	if err != nil {
		return err
	}
	found, err := p.Moderation.Contents(c.Request().Context(), filter)
	if err != nil {
		return err
	}
	if data.Items = found.Items; !found.Next.IsZero() {
		data.More = contentLists[kind] + "?" + form.query(found.Next)
	}
	return p.Show(c, http.StatusOK, "admin_content", data)
}

// contentFilter returns the filter in the form. An unknown user is a problem at
// its field.
func (p *Panel) contentFilter(c echo.Context, kind models.SubjectKind, form contentForm) (models.ContentFilter, error) {
	if kind != models.SubjectPost {
		form.Q = ""
	}
	f, err := models.ParseContentFilter(kind, form.State, form.Q)
	if err != nil {
		return f, err
	}
	if f.Before, err = gate.CursorParam(c, "before"); err != nil {
		return f, err
	}
	if form.User != "" {
		user, err := p.Accounts.ByUsername(c.Request().Context(), form.User)
		if problem.KindOf(err) == problem.NotFound {
			return f, problem.OnField("user", "No user has this name.")
		}
		f.Owner = user.ID
		return f, err
	}
	return f, nil
}

// query returns the form as the query of the page that starts at before.
func (f contentForm) query(before models.Cursor) string {
	values := url.Values{"before": {before.String()}}
	for field, value := range map[string]string{"user": f.User, "state": f.State, "q": f.Q} {
		if value != "" {
			values.Set(field, value)
		}
	}
	return values.Encode()
}
