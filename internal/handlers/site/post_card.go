package site

import (
	"fmt"

	"example.org/cloakroom/internal/handlers/page"
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

func cardOf(view *models.PostView) postCard {
	card := postCard{
		ID:       string(view.ID),
		Title:    string(view.Title),
		Excerpt:  view.Excerpt,
		Number:   page.TicketNumber(view.ID),
		Author:   string(view.Author.Username),
		Avatar:   page.AvatarURL(view.Author),
		Initial:  page.Initial(view.Author),
		DateTime: page.IsoTime(view.CreatedAt),
		Date:     page.Date(view.CreatedAt),
		Comments: page.Count(view.CommentCount, "comment", "comments"),
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
				card.Files[others] = string(f.Name) + " · " + page.Size(f.Size)
			}
			others++
		}
	}
	if pictures > 1 {
		card.Pictures = page.Count(pictures, "image", "images")
	}
	if others > cardFiles {
		card.Files[cardFiles] = fmt.Sprintf("%d more", others-cardFiles)
	}
}
