package panel

import (
	"context"
	"html/template"
	"net/http"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/handlers/page"
	"example.org/cloakroom/internal/handlers/transfer"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/moderation"
)

// subjectPage is the page "admin_subject". Its fields are why, for actions on
// the content, and reason, for breaking the glass.
type subjectPage struct {
	page.Frame
	Seen     moderation.AdminView
	List     string        // path of the list of its kind
	HTML     template.HTML // its text, from package sanitize
	Address  string        // URL of the subject
	Who      models.Audience
	WhyNot   string // why fewer people can open it than the visibility suggests; may be empty
	Events   []models.AuditView
	Why      string
	Reason   string
	Problems page.Problems
}

// A subjectAction changes a post, comment or file on behalf of an admin.
type subjectAction func(ctx context.Context, by models.Actor, what models.Subject, why string) error

// SubjectShow handles GET /admin/content/:kind/:id: a post, comment or file,
// without its content.
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
	data.Frame, data.List = p.frame(c, "A "+string(what.Kind)+" by "+string(data.Seen.Owner)), contentLists[what.Kind]
	data.HTML, data.Address = judgedWords(data.Seen.SubjectView), page.SubjectURL(data.Seen.SubjectView)
	data.Who, data.WhyNot = data.Seen.Audience()
	list, err := p.Audit.List(ctx, models.AuditFilter{Object: what.Object()})
	data.Events = list.Events
	if err != nil {
		return err
	}
	return p.Show(c, status, "admin_subject", data)
}

// actOnSubject runs one action, for the reason in the given field, and shows
// the subject again.
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
	return p.Tell(c, contentPath+"/"+string(what.Kind)+"/"+what.ID, notice)
}

// SubjectHide handles POST /admin/content/:kind/:id/hide: it hides the content.
func (p *Panel) SubjectHide(c echo.Context) error {
	return p.actOnSubject(c, p.Moderation.Hide, "why", "hidden")
}

// SubjectRemove handles POST /admin/content/:kind/:id/remove: it removes the
// content.
func (p *Panel) SubjectRemove(c echo.Context) error {
	return p.actOnSubject(c, p.Moderation.Remove, "why", "removed")
}

// SubjectRestore handles POST /admin/content/:kind/:id/restore: it makes the
// content visible again.
func (p *Panel) SubjectRestore(c echo.Context) error {
	return p.actOnSubject(c, p.Moderation.Restore, "why", "shown")
}

// SubjectOpen handles POST /admin/content/:kind/:id/open: it breaks the glass,
// so that the admin can see the content.
func (p *Panel) SubjectOpen(c echo.Context) error {
	return p.actOnSubject(c, p.Moderation.BreakGlass, "reason", "opened")
}

// SubjectBytes handles GET /admin/content/file/:id/bytes: a file as uploaded,
// as a download for an admin who has broken the glass. The transfer stops if
// the admin loses access.
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
		Content: opened.Blob.ReadSeekCloser, Size: opened.Blob.Size, ModTime: opened.Blob.ModTime,
		MediaType: opened.File.MediaType, ETag: `"` + opened.File.SHA256 + `"`,
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

const contentPath = "/admin/content"
