package site

import (
	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/handlers/page"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/shares"
)

// A badge says who can open a post or a file of the viewer's own. The zero badge is for
// what is not theirs.
type badge struct {
	Words string
	Path  string // of the page that says more
	Link  string // to copy: a URL, or the path of a post; empty: none
}

// badgeOf returns the badge of what is at path.
func badgeOf(path string, a shares.Access) badge {
	return badge{Words: accessWords(a), Path: path + "/access", Link: a.Link}
}

// accessWords says who can open something.
func accessWords(a shares.Access) string {
	switch {
	case a.Visibility == models.Public:
		return "Everyone"
	case a.Visibility == models.Unlisted:
		return "Everyone with the link"
	case a.Links > 0:
		return page.Count(a.Links, "link", "links")
	}
	return "Only you"
}

// postList returns posts as cards; those of the viewer's own that are not public say who
// can open them. base is as for postListOf.
func (s *Site) postList(c echo.Context, found models.Page[models.PostView], base string) (postList, error) {
	list, who := postListOf(found, base), gate.Visitor(c)
	var own []models.PostID
	for i := range found.Items {
		if post := &found.Items[i]; post.AuthorID == who.ID && post.Visibility == models.Private {
			own = append(own, post.ID)
		}
	}
	open, err := s.Shares.Accesses(c.Request().Context(), who, own, nil)
	for i := range found.Items {
		post := &found.Items[i]
		if post.AuthorID == who.ID && post.Visibility != models.Public {
			list.Cards[i].Badge = accessWords(open.Post(post.ID, post.Visibility))
		}
	}
	return list, err
}
