package actions

import (
	"net/url"

	"example.org/cloakroom/internal/models"
)

// A UserListForm filters and sorts users.
type UserListForm struct {
	Q          string // the start of a username, or a whole email address
	Role, Tier string
	Sort       string
	Suspended  bool
}

// Query returns the form as the query of the page that starts after a user.
func (f UserListForm) Query(after models.UserID) string {
	values := f.Values()
	values.Set("after", string(after))
	return values.Encode()
}

// Values returns the fields that are set.
func (f UserListForm) Values() url.Values {
	values := url.Values{}
	for field, value := range map[string]string{"q": f.Q, "role": f.Role, "tier": f.Tier, "sort": f.Sort} {
		if value != "" {
			values.Set(field, value)
		}
	}
	if f.Suspended {
		values.Set("suspended", "true")
	}
	return values
}
