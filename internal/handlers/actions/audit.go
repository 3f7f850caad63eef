package actions

import (
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// An AuditForm filters audit events.
type AuditForm struct {
	Actor   string // a username
	Action  string
	User    string // username of the affected user
	Outcome string
}

// AuditFilter returns the filter in the form. An unknown user is a problem at its
// field.
func (a *Actions) AuditFilter(c echo.Context, form AuditForm) (f models.AuditFilter, err error) {
	ctx := c.Request().Context()
	f = models.AuditFilter{Action: models.AuditAction(form.Action), Outcome: models.Outcome(form.Outcome)}
	for field, text := range map[string]string{"action": form.Action, "outcome": form.Outcome} {
		if !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
			return f, problem.OnField(field, "Unknown %s.", field)
		}
	}
	for field, name := range map[string]string{"actor": form.Actor, "user": form.User} {
		if name == "" {
			continue
		}
		user, err := a.Accounts.ByUsername(ctx, name)
		if problem.KindOf(err) == problem.NotFound {
			return f, problem.OnField(field, "No user has this name.")
		}
		if err != nil {
			return f, err
		}
		if field == "actor" {
			f.Actor = user.ID
		} else {
			f.Object = models.UserObject(user.ID)
		}
	}
	if before := c.QueryParam("before"); before != "" {
		if f.Before, err = strconv.ParseInt(before, 10, 64); err != nil || f.Before < 1 {
			return f, problem.New(problem.Invalid, "This page of the list does not exist. Go back to the first page.")
		}
	}
	return f, nil
}

// Query returns the form as the query of the page that starts at before.
func (f AuditForm) Query(before int64) string {
	values := f.Values()
	values.Set("before", strconv.FormatInt(before, 10))
	return values.Encode()
}

// Values returns the fields that are set.
func (f AuditForm) Values() url.Values {
	values := url.Values{}
	for field, value := range map[string]string{"actor": f.Actor, "action": f.Action, "user": f.User, "outcome": f.Outcome} {
		if value != "" {
			values.Set(field, value)
		}
	}
	return values
}
