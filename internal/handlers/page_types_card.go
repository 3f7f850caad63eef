package handlers

import (
	"fmt"
	"hash/fnv"

	"example.org/cloakroom/internal/models"
)

// Of a long list of tags or files a card shows the first few.
const (
	cardTags  = 4
	cardFiles = 3
)

// postCard is a post as the lists show it, to whomever. It holds plain strings
// only, so that equal cards can share one text (web.Cacheable).
type postCard struct {
	ID       string
	Title    string
	Excerpt  string
	Badge    string // who may see it, unless everyone
	Number   string // on the stub of the ticket, to which it also gives its colour
	Author   string
	Avatar   string // address of the author's picture; empty: show the initial
	Initial  string
	DateTime string // for machines
	Date     string // for people
	Comments string // how many, in words
	Image    string // identifier of the first picture; empty: none
	Pictures string // how many, in words, if several
	Tags     [cardTags]string
	Files    [cardFiles + 1]string // what else is attached, each with its size; the last says how many more
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
	return postList{Cards: cards, Older: nextAddress(base, "before", posts.Next)}
}

// nextAddress is where a list goes on, or "" at its end. base has no query, or
// ends in "&".
func nextAddress(base, field string, next models.Cursor) string {
	if next.IsZero() {
		return ""
	}
	if base != "" && base[len(base)-1] != '&' {
		base += "?"
	}
	return base + field + "=" + next.String()
}

func cardOf(view *models.PostView) postCard {
	card := postCard{
		ID:       string(view.ID),
		Title:    string(view.Title),
		Excerpt:  view.Excerpt,
		Number:   ticket(view.ID),
		Author:   string(view.Author.Username),
		Avatar:   avatarURL(view.Author),
		Initial:  initial(view.Author),
		DateTime: isoTime(view.CreatedAt),
		Date:     date(view.CreatedAt),
		Comments: count(view.CommentCount, "comment", "comments"),
	}
	if view.Visibility != models.Public {
		card.Badge = string(view.Visibility)
	}
	for i, tag := range view.Tags[:min(len(view.Tags), cardTags)] {
		card.Tags[i] = string(tag)
	}
	addFiles(&card, view.Files)
	return card
}

// addFiles puts the first picture large on the card, and says what else is
// attached.
func addFiles(card *postCard, files []models.File) {
	pictures, others := 0, 0
	for i := range files {
		f := &files[i]
		switch {
		case f.State != models.Ready:
		case f.IsImage() && f.HasThumbnail():
			if pictures++; pictures == 1 {
				card.Image = string(f.ID)
			}
		default:
			if others < cardFiles {
				card.Files[others] = string(f.Name) + " · " + size(f.Size)
			}
			others++
		}
	}
	if pictures > 1 {
		card.Pictures = count(pictures, "image", "images")
	}
	if others > cardFiles {
		card.Files[cardFiles] = fmt.Sprintf("%d more", others-cardFiles)
	}
}

// ticket is the number printed on a post's stub. It is only for show, and two
// posts may share it; the identifier is what counts.
func ticket(id models.PostID) string {
	hash := fnv.New32a()
	_, _ = hash.Write([]byte(id)) // a hash never fails to write
	return fmt.Sprintf("%04d", hash.Sum32()%10_000)
}
