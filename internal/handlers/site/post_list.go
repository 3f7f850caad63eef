package site

import (
	"example.org/cloakroom/internal/handlers/page"
	"example.org/cloakroom/internal/models"
)

// A postList is one page of a list of posts.
type postList struct {
	Cards []postCard
	Older string // URL of the next page; empty: none
	parts []any  // the Cards of a shared list
}

// Parts implements web.Cacheable for the pages that show a list of posts.
func (l postList) Parts() (name string, parts []any) {
	if l.parts != nil {
		return "post_card", l.parts
	}
	parts = make([]any, len(l.Cards))
	for i := range l.Cards {
		parts[i] = l.Cards[i]
	}
	return "post_card", parts
}

// shared returns the list as one that several pages show, and whose cards nobody changes.
func (l postList) shared() postList {
	_, l.parts = l.Parts()
	return l
}

// postListOf returns posts as cards. base is the URL of the list; it has no
// query, or ends in "&".
func postListOf(posts models.Page[models.PostView], base string) postList {
	cards, pictured := make([]postCard, len(posts.Items)), false
	for i := range posts.Items {
		cards[i] = cardOf(&posts.Items[i])
		if cards[i].Image != "" && !pictured {
			cards[i].First, pictured = "first", true
		}
	}
	return postList{Cards: cards, Older: page.NextURL(base, "before", posts.Next)}
}
