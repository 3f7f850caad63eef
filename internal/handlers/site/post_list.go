package site

import (
	"example.org/cloakroom/internal/handlers/page"
	"example.org/cloakroom/internal/models"
)

// postList is a stretch of a list of posts; postListOf makes it.
type postList struct {
	Cards []postCard
	Older string // address of the next stretch; empty: the list's end
}

// Parts implements web.Cacheable for the pages that show a list of posts.
func (l postList) Parts() (name string, parts []any) {
	parts = make([]any, len(l.Cards))
	for i := range l.Cards {
		parts[i] = l.Cards[i]
	}
	return "post_card", parts
}

// postListOf returns the page of posts as cards. The list goes on at the
// address base with the cursor added as "before"; base has no query, or ends in "&".
func postListOf(posts models.Page[models.PostView], base string) postList {
	cards := make([]postCard, len(posts.Items))
	for i := range posts.Items {
		cards[i] = cardOf(&posts.Items[i])
	}
	return postList{Cards: cards, Older: page.NextAddress(base, "before", posts.Next)}
}
