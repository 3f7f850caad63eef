package site

import (
	"context"
	"encoding/xml"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/handlers/page"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/posts"
)

// An atomFeed is a list of posts for programs that follow sites (RFC 4287).
type atomFeed struct {
	XMLName xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
	Title   string      `xml:"title"`
	ID      string      `xml:"id"`
	Updated string      `xml:"updated"`
	Links   []atomLink  `xml:"link"`
	Entries []atomEntry `xml:"entry"`
}

type atomLink struct {
	Rel  string `xml:"rel,attr"`
	Href string `xml:"href,attr"`
}

type atomEntry struct {
	Title     string   `xml:"title"`
	ID        string   `xml:"id"`
	Link      atomLink `xml:"link"`
	Author    string   `xml:"author>name"`
	Published string   `xml:"published"`
	Updated   string   `xml:"updated"`
	Summary   string   `xml:"summary,omitempty"`
}

// FeedAtom handles GET /feed.atom: the newest public posts. It is the same for every visitor, so
// that those who ask for it at the same time share one read, as those of Feed do.
func (s *Site) FeedAtom(c echo.Context) error {
	ctx := context.WithoutCancel(c.Request().Context()) // others share the result
	text, err := s.atoms.do(struct{}{}, func() ([]byte, error) {
		list, err := s.Posts.Feed(ctx, models.Cursor{}, posts.PageSize)
		if err != nil {
			return nil, err
		}
		text, err := xml.Marshal(atomFeedOf(list.Items, s.About()))
		return append([]byte(xml.Header), text...), err
	})
	if err != nil {
		return err
	}
	gate.ListPage(c)
	return s.SendPublic(c, "application/atom+xml; charset=utf-8", text)
}

func atomFeedOf(list []models.PostView, about page.SiteInfo) atomFeed {
	feed := atomFeed{
		Title: xmlText(about.Name), ID: about.HomePage + "/feed.atom",
		Links: []atomLink{{"self", about.HomePage + "/feed.atom"}, {"alternate", about.HomePage + "/"}},
	}
	latest := time.Unix(0, 0) // of a feed without posts
	for i := range list {
		post := &list[i]
		address := about.HomePage + "/posts/" + string(post.ID)
		feed.Entries = append(feed.Entries, atomEntry{
			Title: xmlText(string(post.Title)), ID: address, Link: atomLink{"alternate", address}, Author: string(post.Author.Username),
			Published: page.IsoTime(post.CreatedAt), Updated: page.IsoTime(post.UpdatedAt), Summary: xmlText(post.Excerpt),
		})
		if post.UpdatedAt.After(latest) {
			latest = post.UpdatedAt
		}
	}
	feed.Updated = page.IsoTime(latest)
	return feed
}

// xmlText returns text without the characters that XML cannot hold (XML 1.0, 2.2).
func xmlText(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF {
			return -1
		}
		return r
	}, text)
}
