package handlers

import (
	"context"
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/limits"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

const adminContentPath = "/admin/content"

// contentLists are where posts, comments and files are listed.
var contentLists = map[models.SubjectKind]string{
	models.SubjectPost: "/admin/posts", models.SubjectComment: "/admin/comments", models.SubjectFile: "/admin/files",
}

// adminContentRoutes is the part of the panel that looks after what users share.
func (s *Server) adminContentRoutes() []route {
	const one = adminContentPath + "/:kind/:id"
	routes := []route{
		{http.MethodGet, one, s.adminSubject, admins, limits.Admin, noBody},
		{http.MethodGet, one + "/bytes", s.adminSubjectBytes, confirmedAdmins, limits.Download, noBody},
		{http.MethodPost, one + "/open", s.adminSubjectOpen, confirmedAdmins, limits.Admin, smallBody},
	}
	for kind, path := range contentLists {
		routes = append(routes, route{http.MethodGet, path, s.adminContent(kind), admins, limits.Admin, noBody})
	}
	for act, do := range map[string]subjectAct{"hide": s.Moderation.Hide, "remove": s.Moderation.Remove, "restore": s.Moderation.Restore} {
		routes = append(routes, route{http.MethodPost, one + "/" + act, s.adminSubjectAct(do), confirmedAdmins, limits.Admin, smallBody})
	}
	return routes
}

// adminContent handles GET /admin/posts, /admin/comments and /admin/files.
func (s *Server) adminContent(kind models.SubjectKind) echo.HandlerFunc {
	return func(c echo.Context) error {
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
			return f, problem.OnField("user", "There is no user of that name.")
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

// A subjectAct is what an admin does to a post, a comment or a file.
type subjectAct func(ctx context.Context, by models.Actor, what models.Subject, why string) error

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
	data.page, data.List = s.page(c, "A "+string(what.Kind)+" of "+string(data.Seen.Owner)), contentLists[what.Kind]
	data.HTML, data.Address = judgedWords(data.Seen.SubjectView), subjectAddress(data.Seen.SubjectView)
	data.Who, data.WhyNot = data.Seen.Audience()
	list, err := s.Audit.List(ctx, models.AuditFilter{Object: what.Object()})
	data.Events = list.Events
	if err != nil {
		return err
	}
	return s.show(c, status, "admin_subject", data)
}

// adminSubjectAct handles POST /admin/content/:kind/:id/hide, remove and restore.
func (s *Server) adminSubjectAct(do subjectAct) echo.HandlerFunc {
	return func(c echo.Context) error {
		return s.actOnSubject(c, do, "why", "saved")
	}
}

// adminSubjectOpen handles POST /admin/content/:kind/:id/open.
func (s *Server) adminSubjectOpen(c echo.Context) error {
	return s.actOnSubject(c, s.Moderation.BreakGlass, "reason", "opened")
}

// actOnSubject does one act for the reason in the given field.
func (s *Server) actOnSubject(c echo.Context, do subjectAct, field, notice string) error {
	form, err := formOf(c)
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
		return errNothingHere()
	}
	id, who := models.FileID(what.ID), visitor(c)
	opened, err := s.Moderation.OpenBytes(c.Request().Context(), actor(c), id)
	if err != nil {
		return err
	}
	defer opened.Blob.Close()
	in := s.stillIn(c)
	return s.sendBytes(c, sending{
		blob: opened.Blob, mediaType: opened.File.MediaType, etag: `"` + opened.File.SHA256 + `"`,
		disposition: contentDisposition("attachment", string(opened.File.Name)), cache: "no-store",
		may: func(ctx context.Context) error {
			if err := in(ctx); err != nil {
				return err
			}
			return s.Moderation.StillMay(ctx, who, id)
		},
		charged: true,
	})
}
