package actions

import (
	"net/url"

	"example.org/cloakroom/internal/models"
)

// UserListForm says which users are wanted.
type UserListForm struct {
	Q          string // how a username begins, or a whole mail address
	Role, Tier string
	Sort       string
	Suspended  bool
}

// Query is the form as it stands in an address, to go on after somebody.
func (f UserListForm) Query(after models.UserID) string {
	values := f.Values()
	values.Set("after", string(after))
	return values.Encode()
}

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
