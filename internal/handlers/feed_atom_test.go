package handlers_test

import (
	"encoding/xml"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"example.org/cloakroom/internal/models"
)

// atom is what a reader of feeds finds in one.
type atom struct {
	XMLName xml.Name `xml:"http://www.w3.org/2005/Atom feed"`
	Title   string   `xml:"title"`
	Updated string   `xml:"updated"`
	Entries []struct {
		Title   string `xml:"title"`
		ID      string `xml:"id"`
		Updated string `xml:"updated"`
		Summary string `xml:"summary"`
		Author  string `xml:"author>name"`
		Link    struct {
			Href string `xml:"href,attr"`
		} `xml:"link"`
	} `xml:"entry"`
}

// readFeed returns the feed, which must be one that XML allows.
func (b *browser) readFeed() (feed atom) {
	b.t.Helper()
	got := b.get("/feed.atom")
	if got.Code != http.StatusOK || got.Header().Get("Content-Type") != "application/atom+xml; charset=utf-8" {
		b.t.Fatalf("the feed: %d, %v", got.Code, got.Header())
	}
	if err := xml.Unmarshal(got.Body.Bytes(), &feed); err != nil {
		b.t.Fatalf("the feed: %v\n%s", err, got.Body)
	}
	return feed
}

// Guests and users get the same feed: the newest public posts, as text.
func TestFeedAtom(t *testing.T) {
	s := newSite(t)
	ann, guest := s.registered("ann"), s.browser()
	if empty := guest.readFeed(); len(empty.Entries) != 0 || empty.Title != "Cloakroom" || empty.Updated != "1970-01-01T00:00:00Z" {
		t.Errorf("without posts: %+v", empty)
	}
	fields := postFields()
	fields.Set("title", "Harbour & <b>light</b>")
	fields.Set("content", "Some words\ufffe & *more*")
	post := ann.write(fields)
	feed := guest.readFeed()
	if len(feed.Entries) != 1 {
		t.Fatalf("the feed has %+v", feed)
	}
	first := feed.Entries[0]
	if first.Title != "Harbour & <b>light</b>" || first.Link.Href != publicURL+post || first.ID != publicURL+post ||
		first.Author != "ann" ||
		first.Summary != "Some words & more" || feed.Updated != first.Updated || first.Updated == "" {
		t.Errorf("the post is %+v, the feed of %s", first, feed.Updated)
	}
	guest.wantPage("/", `<link rel="alternate" type="application/atom+xml" title="Cloakroom" href="/feed.atom">`)
	if strings.Contains(guest.get(post).Body.String(), "feed.atom") {
		t.Error("a post links the feed as its own")
	}
	plain, squeezed := guest.get("/feed.atom"), ann.with("/feed.atom", "Accept-Encoding", "gzip")
	tag := plain.Header().Get("ETag")
	if again := guest.with("/feed.atom", "If-None-Match", tag); tag == "" || again.Code != http.StatusNotModified || again.Body.Len() > 0 ||
		squeezed.Header().Get("Content-Encoding") != "gzip" || squeezed.Header().Get("ETag") != tag {
		t.Errorf("tag %q, again %d, compressed %v", tag, again.Code, squeezed.Header())
	}
	for i := range 20 {
		s.clock.advance(time.Minute)
		fields.Set("title", fmt.Sprint("Post ", i))
		ann.write(fields)
	}
	if feed := guest.readFeed(); len(feed.Entries) != 20 || feed.Entries[0].Title != "Post 19" || feed.Entries[19].Title != "Post 0" {
		t.Errorf("of 21 posts the feed has %d: %+v", len(feed.Entries), feed)
	}
}

// Visitors who ask for the feed at the same time share it, and each gets what was published
// before they asked.
func TestFeedAtom_AtTheSameTime(t *testing.T) {
	s := newSite(t)
	ann := s.registered("ann")
	fields := postFields()
	for i := range 5 {
		fields.Set("title", fmt.Sprint("Post ", i))
		s.clock.advance(time.Minute)
		ann.write(fields)
		var all sync.WaitGroup
		for range 8 {
			reader := s.browser()
			all.Go(func() {
				if got := reader.get("/feed.atom").Body.String(); strings.Count(got, "<entry>") != i+1 ||
					!strings.Contains(got, fmt.Sprintf("<title>Post %d</title>", i)) {
					t.Errorf("after %d posts, the feed is\n%s", i+1, got)
				}
			})
		}
		all.Wait()
	}
}

// The feed has nothing that guests do not find in the list of posts.
func TestFeedAtom_HasPublicPostsOnly(t *testing.T) {
	s := newSite(t)
	boss, ann, bob := s.withRole("boss", models.RoleAdmin), s.registered("ann"), s.registered("bob")
	posts := map[string]string{}
	for _, name := range []string{"public", "unlisted", "private", "hidden", "deleted"} {
		fields := postFields()
		fields.Set("title", "The "+name+" one")
		fields.Set("visibility", map[string]string{"unlisted": "unlisted", "private": "private"}[name])
		if fields.Get("visibility") == "" {
			fields.Set("visibility", "public")
		}
		posts[name] = ann.write(fields)
	}
	fields := postFields()
	fields.Set("title", "One of a suspended user")
	bob.write(fields)
	reader := s.browser()
	if feed := reader.readFeed(); len(feed.Entries) != 4 {
		t.Fatalf("before: %+v", feed)
	}
	boss.post("/admin/content/post/"+strings.TrimPrefix(posts["hidden"], "/posts/")+"/hide", url.Values{"why": {"spam"}})
	ann.post(posts["deleted"]+"/delete", nil)
	if _, err := s.accounts.Suspend(t.Context(), models.Actor{User: s.userNamed("boss")}, "bob", "spam"); err != nil {
		t.Fatal(err)
	}
	for _, b := range []*browser{reader, ann, boss} {
		if feed := b.readFeed(); len(feed.Entries) != 1 || feed.Entries[0].Title != "The public one" {
			t.Errorf("the feed has %+v", feed)
		}
	}
}
