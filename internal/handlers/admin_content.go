package handlers

import (
	"context"
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

const adminContentPath = "/admin/content"

// contentLists are where posts, comments and files are listed.
var contentLists = map[models.SubjectKind]string{
	models.SubjectPost: "/admin/posts", models.SubjectComment: "/admin/comments", models.SubjectFile: "/admin/files",
}

// adminPosts handles GET /admin/posts.
func (s *Server) adminPosts(c echo.Context) error { return s.listContent(c, models.SubjectPost) }

// adminComments handles GET /admin/comments.
func (s *Server) adminComments(c echo.Context) error { return s.listContent(c, models.SubjectComment) }

// adminFiles handles GET /admin/files.
func (s *Server) adminFiles(c echo.Context) error { return s.listContent(c, models.SubjectFile) }

func (s *Server) listContent(c echo.Context, kind models.SubjectKind) error {
	form := contentForm{User: c.QueryParam("user"), State: c.QueryParam("state"), Q: c.QueryParam("q")}
	data := adminContentPage{page: s.page(c, contentTitles[kind]), Kind: kind, Form: form}
	filter, err := s.contentFilter(c, kind, form)
	if data.Problems = problem.All(err); data.Problems != nil {
		return s.show(c, http.StatusUnprocessableEntity, "admin_content", data)
	}
	if err != nil {
		return err
	}
	found, err := s.Moderation.Contents(c.Request().Context(), filter)
	if err != nil {
		return err
	}
	if data.Items = found.Items; !found.Next.IsZero() {
		data.More = contentLists[kind] + "?" + form.query(found.Next)
	}
	return s.show(c, http.StatusOK, "admin_content", data)
}

// contentFilter returns what the form asks for. A user who is not there is a
// problem at its field.
func (s *Server) contentFilter(c echo.Context, kind models.SubjectKind, form contentForm) (models.ContentFilter, error) {
	if kind != models.SubjectPost {
		form.Q = ""
	}
	f, err := models.ParseContentFilter(kind, form.State, form.Q)
	if err != nil {
		return f, err
	}
	if f.Before, err = cursorParam(c, "before"); err != nil {
		return f, err
	}
	if form.User != "" {
		user, err := s.Accounts.ByUsername(c.Request().Context(), form.User)
		if problem.KindOf(err) == problem.NotFound {
			return f, problem.OnField("user", "No user has this name.")
		}
		f.Owner = user.ID
		return f, err
	}
	return f, nil
}

// query is the form as it stands in an address, to go on from a place.
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

// adminSubject handles GET /admin/content/:kind/:id.
func (s *Server) adminSubject(c echo.Context) error {
	return s.showSubject(c, http.StatusOK, adminSubjectPage{})
}

func (s *Server) showSubject(c echo.Context, status int, data adminSubjectPage) error {
	what, err := subjectIn(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	if data.Seen, err = s.Moderation.Look(ctx, visitor(c), what); err != nil {
		return err
	}
	data.page, data.List = s.page(c, "A "+string(what.Kind)+" by "+string(data.Seen.Owner)), contentLists[what.Kind]
	data.HTML, data.Address = judgedWords(data.Seen.SubjectView), subjectAddress(data.Seen.SubjectView)
	data.Who, data.WhyNot = data.Seen.Audience()
	list, err := s.Audit.List(ctx, models.AuditFilter{Object: what.Object()})
	data.Events = list.Events
	if err != nil {
		return err
	}
	return s.show(c, status, "admin_subject", data)
}

// adminSubjectHide handles POST /admin/content/:kind/:id/hide.
func (s *Server) adminSubjectHide(c echo.Context) error {
	return s.actOnSubject(c, s.Moderation.Hide, "why", "saved")
}

// adminSubjectRemove handles POST /admin/content/:kind/:id/remove.
func (s *Server) adminSubjectRemove(c echo.Context) error {
	return s.actOnSubject(c, s.Moderation.Remove, "why", "saved")
}

// adminSubjectRestore handles POST /admin/content/:kind/:id/restore.
func (s *Server) adminSubjectRestore(c echo.Context) error {
	return s.actOnSubject(c, s.Moderation.Restore, "why", "saved")
}

// adminSubjectOpen handles POST /admin/content/:kind/:id/open.
func (s *Server) adminSubjectOpen(c echo.Context) error {
	return s.actOnSubject(c, s.Moderation.BreakGlass, "reason", "opened")
}

// actOnSubject does one act for the reason in the given field.
func (s *Server) actOnSubject(c echo.Context, do subjectAction, field, notice string) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	what, err := subjectIn(c)
	if err != nil {
		return err
	}
	if err := do(c.Request().Context(), actor(c), what, form.Get(field)); err != nil {
		return s.showForm(err, func(status int, problems Problems) error {
			return s.showSubject(c, status, adminSubjectPage{Why: form.Get("why"), Reason: form.Get("reason"), Problems: problems})
		})
	}
	return c.Redirect(http.StatusSeeOther, adminContentPath+"/"+string(what.Kind)+"/"+what.ID+"?notice="+notice)
}

// adminSubjectBytes handles GET /admin/content/file/:id/bytes: a file as it was
// uploaded, for an admin who has broken the glass, and only ever as a download.
// They are asked for it again while bytes go.
func (s *Server) adminSubjectBytes(c echo.Context) error {
	what, err := subjectIn(c)
	if err != nil || what.Kind != models.SubjectFile {
		return errNotFound()
	}
	id, who := models.FileID(what.ID), visitor(c)
	opened, err := s.Moderation.OpenBytes(c.Request().Context(), actor(c), id)
	if err != nil {
		return err
	}
	defer opened.Blob.Close()
	in := s.stillAuthenticated(c)
	return s.SendBytes(c, Bytes{
		Blob: opened.Blob, MediaType: opened.File.MediaType, ETag: `"` + opened.File.SHA256 + `"`,
		Disposition: contentDisposition("attachment", string(opened.File.Name)), Cache: "no-store",
		May: func(ctx context.Context) error {
			if err := in(ctx); err != nil {
				return err
			}
			return s.Moderation.StillMay(ctx, who, id)
		},
		Charged: true,
	})
}
