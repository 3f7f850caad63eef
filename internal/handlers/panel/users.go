package panel

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/handlers/actions"
	"example.org/cloakroom/internal/handlers/page"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// usersPage is the page "admin_users". Its form is sent by GET and has the
// fields q, role, tier, sort and suspended.
type usersPage struct {
	page.Frame
	Form     actions.UserListForm
	Users    []models.User
	More     string // URL of the next page of the list; empty: none
	Problems page.Problems
}

const usersPath = "/admin/users"

// UserList handles GET /admin/users: users, filtered and sorted.
func (p *Panel) UserList(c echo.Context) error {
	form := actions.UserListForm{
		Q: c.QueryParam("q"), Role: c.QueryParam("role"), Tier: c.QueryParam("tier"), Sort: c.QueryParam("sort"),
		Suspended: c.QueryParam("suspended") != "",
	}
	data := usersPage{Frame: p.frame(c, "Users"), Form: form}
	filter, err := models.ParseUserFilter(form.Q, form.Role, form.Tier, form.Sort)
	filter.Suspended, filter.After = form.Suspended, models.UserID(c.QueryParam("after"))
	status := http.StatusOK
	if data.Problems = problem.All(err); data.Problems != nil {
		status = http.StatusUnprocessableEntity
	} else {
		var more bool
		if data.Users, more, err = p.Accounts.Users(c.Request().Context(), filter); err != nil {
			return err
		}
		if more {
			data.More = usersPath + "?" + form.Query(data.Users[len(data.Users)-1].ID)
		}
	}
	return p.Show(c, status, "admin_users", data)
}
