package panel

import (
	"context"
	"html/template"
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/handlers/page"
	"example.org/cloakroom/internal/handlers/transfer"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/moderation"
	"example.org/cloakroom/internal/problem"
)

// contentTitles are what the lists of the panel are called.
var contentTitles = map[models.SubjectKind]string{
	models.SubjectPost: "Posts", models.SubjectComment: "Comments", models.SubjectFile: "Files",
}

// contentForm says which posts, comments or files are wanted.
type contentForm struct {
	User  string // the username of their owner
	State string
	Q     string // words of a post
}

// contentPage is the page "admin_content". Its form is sent by GET and has
// the fields user, state and, for posts, q.
type contentPage struct {
	page.Frame
	Kind     models.SubjectKind
	Form     contentForm
	Items    []models.SubjectView
	More     string // address of the next stretch of the list; empty: its end
	Problems page.Problems
}

// States is what can be chosen.
func (p contentPage) States() []models.ContentState { return models.ContentStates(p.Kind) }

// subjectPage is the page "admin_subject". Its fields are why, for what is
// done to the subject, and reason, for breaking the glass.
type subjectPage struct {
	page.Frame
	Seen     moderation.AdminView
	List     string        // where more of its kind are listed
	HTML     template.HTML // its words, from package sanitize
	Address  string        // where it is seen
	Who      models.Audience
	WhyNot   string // who may open it not more; may be empty
	Events   []models.AuditView
	Why      string
	Reason   string
	Problems page.Problems
}

const contentPath = "/admin/content"

// contentLists are where posts, comments and files are listed.
var contentLists = map[models.SubjectKind]string{
	models.SubjectPost: "/admin/posts", models.SubjectComment: "/admin/comments", models.SubjectFile: "/admin/files",
}

// PostList handles GET /admin/posts.
func (p *Panel) PostList(c echo.Context) error { return p.listContent(c, models.SubjectPost) }

// CommentList handles GET /admin/comments.
func (p *Panel) CommentList(c echo.Context) error { return p.listContent(c, models.SubjectComment) }

// FileList handles GET /admin/files.
func (p *Panel) FileList(c echo.Context) error { return p.listContent(c, models.SubjectFile) }

func (p *Panel) listContent(c echo.Context, kind models.SubjectKind) error {
	form := contentForm{User: c.QueryParam("user"), State: c.QueryParam("state"), Q: c.QueryParam("q")}
	data := contentPage{Frame: p.Frame(c, contentTitles[kind]), Kind: kind, Form: form}
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

// contentFilter returns what the form asks for. A user who is not there is a
// problem at its field.
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

// Query is the form as it stands in an address, to go on from a place.
func (f contentForm) query(before models.Cursor) string {
	values := url.Values{"before": {before.String()}}
	for field, value := range map[string]string{"user": f.User, "state": f.State, "q": f.Q} {
		if value != "" {
			values.Set(field, value)
		}
	}
	return values.Encode()
}

// A subjectAction changes a post, a comment or a file, on behalf of an admin.
type subjectAction func(ctx context.Context, by models.Actor, what models.Subject, why string) error

// SubjectShow handles GET /admin/content/:kind/:id.
func (p *Panel) SubjectShow(c echo.Context) error {
	return p.showSubject(c, http.StatusOK, subjectPage{})
}

func (p *Panel) showSubject(c echo.Context, status int, data subjectPage) error {
	what, err := gate.SubjectParam(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	if data.Seen, err = p.Moderation.AdminView(ctx, gate.Visitor(c), what); err != nil {
		return err
	}
	data.Frame, data.List = p.Frame(c, "A "+string(what.Kind)+" by "+string(data.Seen.Owner)), contentLists[what.Kind]
	data.HTML, data.Address = judgedWords(data.Seen.SubjectView), page.SubjectAddress(data.Seen.SubjectView)
	data.Who, data.WhyNot = data.Seen.Audience()
	list, err := p.Audit.List(ctx, models.AuditFilter{Object: what.Object()})
	data.Events = list.Events
	if err != nil {
		return err
	}
	return p.Show(c, status, "admin_subject", data)
}

// SubjectHide handles POST /admin/content/:kind/:id/hide.
func (p *Panel) SubjectHide(c echo.Context) error {
	return p.actOnSubject(c, p.Moderation.Hide, "why", "hidden")
}

// SubjectRemove handles POST /admin/content/:kind/:id/remove.
func (p *Panel) SubjectRemove(c echo.Context) error {
	return p.actOnSubject(c, p.Moderation.Remove, "why", "removed")
}

// SubjectRestore handles POST /admin/content/:kind/:id/restore.
func (p *Panel) SubjectRestore(c echo.Context) error {
	return p.actOnSubject(c, p.Moderation.Restore, "why", "shown")
}

// SubjectOpen handles POST /admin/content/:kind/:id/open.
func (p *Panel) SubjectOpen(c echo.Context) error {
	return p.actOnSubject(c, p.Moderation.BreakGlass, "reason", "opened")
}

// actOnSubject does one act for the reason in the given field.
func (p *Panel) actOnSubject(c echo.Context, do subjectAction, field, notice string) error {
	form, err := gate.ReadForm(c)
	if err != nil {
		return err
	}
	what, err := gate.SubjectParam(c)
	if err != nil {
		return err
	}
	if err := do(c.Request().Context(), gate.Actor(c), what, form.Get(field)); err != nil {
		return p.ShowForm(err, func(status int, problems page.Problems) error {
			return p.showSubject(c, status, subjectPage{Why: form.Get("why"), Reason: form.Get("reason"), Problems: problems})
		})
	}
	return c.Redirect(http.StatusSeeOther, contentPath+"/"+string(what.Kind)+"/"+what.ID+"?notice="+notice)
}

// SubjectBytes handles GET /admin/content/file/:id/bytes: a file as it was
// uploaded, for an admin who has broken the glass, and only ever as a download.
// They are asked for it again while bytes go.
func (p *Panel) SubjectBytes(c echo.Context) error {
	what, err := gate.SubjectParam(c)
	if err != nil || what.Kind != models.SubjectFile {
		return gate.ErrNotFound()
	}
	id, who := models.FileID(what.ID), gate.Visitor(c)
	opened, err := p.Moderation.OpenFile(c.Request().Context(), gate.Actor(c), id)
	if err != nil {
		return err
	}
	defer opened.Blob.Close()
	in := p.StillAuthenticated(c)
	return p.SendBytes(c, transfer.Bytes{
		Blob: opened.Blob, MediaType: opened.File.MediaType, ETag: `"` + opened.File.SHA256 + `"`,
		Disposition: transfer.Disposition("attachment", string(opened.File.Name)), Cache: "no-store",
		May: func(ctx context.Context) error {
			if err := in(ctx); err != nil {
				return err
			}
			return p.Moderation.MayStillRead(ctx, who, id)
		},
		Charged: true,
	})
}
