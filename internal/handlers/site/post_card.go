package site

import (
	"fmt"

	"example.org/cloakroom/internal/handlers/page"
	"example.org/cloakroom/internal/models"
)

// A card shows the first few of many tags or files.
const (
	cardTags  = 4
	cardFiles = 3
)

// A postCard is a post in a list, the same for every viewer. It holds only
// strings, so that equal cards can share their rendering (web.Cacheable).
type postCard struct {
	ID       string
	Title    string
	Excerpt  string
	Badge    string // who can see the post; empty: everyone
	Author   string
	Avatar   string // URL of the author's image; empty: show the initial
	Initial  string
	DateTime string // for machines
	Date     string // for people
	Comments string // number of comments, in words
	Image    string // ID of the first image; empty: none
	Pictures string // number of images, in words; empty: fewer than two
	First    string // not empty: the first image of the page, which browsers load at once
	Tags     [cardTags]models.Tag
	Files    [cardFiles + 1]string // the other files with their sizes; the last entry counts the rest
}

func cardOf(view *models.PostView) postCard {
	card := postCard{
		ID:       string(view.ID),
		Title:    string(view.Title),
		Excerpt:  view.Excerpt,
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
	copy(card.Tags[:], view.Tags)
	addFiles(&card, view.Files)
	return card
}

// addFiles puts the first image on the card and lists the other files.
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
				card.Files[others] = string(f.Name) + " · " + page.Size(f.ShownSize())
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
