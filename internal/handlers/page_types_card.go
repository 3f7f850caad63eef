package handlers

import (
	"fmt"
	"hash/fnv"

	"example.org/cloakroom/internal/models"
)

// Of a long list of tags or files a card shows the first few.
const (
	cardTags  = 4
	cardChips = 3
)

// postCard is a post as the lists show it. html/template takes its time for
// every value, so there are few of them, formatted beforehand, and they are
// plain strings, which it escapes without reflection.
type postCard struct {
	ID       string
	Title    string
	Excerpt  string
	Badge    string // who may see it, unless everyone
	Number   string // on the stub of the ticket
	Tint     string // the colour of the stub, one of four
	Author   string
	Avatar   string // address of the author's picture; empty: show the initial
	Initial  string
	DateTime string // for machines
	Date     string // for people
	Comments string // how many, in words
	Image    string // identifier of the first picture; empty: none
	Pictures string // how many, in words, if several
	Tags     []string
	Files    []string // what else is attached, each with its size
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
	number := ticketNumber(view.ID)
	card := postCard{
		ID:       string(view.ID),
		Title:    string(view.Title),
		Excerpt:  view.Excerpt,
		Number:   fmt.Sprintf("%04d", number),
		Tint:     ticketTints[number%len(ticketTints)],
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
	for _, tag := range view.Tags[:min(len(view.Tags), cardTags)] {
		card.Tags = append(card.Tags, string(tag))
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
			if others++; others <= cardChips {
				card.Files = append(card.Files, string(f.Name)+" · "+size(f.Size))
			}
		}
	}
	if pictures > 1 {
		card.Pictures = count(pictures, "picture", "pictures")
	}
	if others > cardChips {
		card.Files = append(card.Files, fmt.Sprintf("%d more", others-cardChips))
	}
}

// ticketTints are the colours that ticket stubs come in; the styles know them.
var ticketTints = [...]string{"rose", "buff", "sky", "mint"}

// ticketNumber is the number printed on a post's stub. It is only for show, and
// two posts may share it; the identifier is what counts.
func ticketNumber(id models.PostID) int {
	hash := fnv.New32a()
	_, _ = hash.Write([]byte(id)) // a hash never fails to write
	return int(hash.Sum32() % 10_000)
}
