package site

import (
	"testing"

	"example.org/cloakroom/internal/handlers/page"
	"example.org/cloakroom/internal/handlers/pagetest"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/web"
)

func TestPostPage_HidesUnprocessedImages(t *testing.T) {
	card := cardOf(&models.PostView{Files: []models.File{
		{ID: "A", Kind: models.KindImage, State: models.Processing, ThumbSmall: "s", ThumbLarge: "l"},
		{ID: "B", Kind: models.KindImage, State: models.Rejected, ThumbSmall: "s", ThumbLarge: "l"},
		{ID: "C", Kind: models.KindPDF, State: models.Processing},
	}})
	if card.Image != "" || card.Files[0] != "" {
		t.Errorf("the card shows %q and %q", card.Image, card.Files)
	}
}

// A card is kept by what it shows: a change of anything must change its text.
func TestACardFollowsItsPost(t *testing.T) {
	pages := pagetest.Parse(t, page.Funcs)
	view := pagetest.Posts(1).Items[0]
	seen := map[string]string{}
	for change, apply := range map[string]func(*models.PostView){
		"nothing":    func(*models.PostView) {},
		"title":      func(v *models.PostView) { v.Title = "Other" },
		"excerpt":    func(v *models.PostView) { v.Excerpt = "Other" },
		"visibility": func(v *models.PostView) { v.Visibility = models.Private },
		"comments":   func(v *models.PostView) { v.CommentCount++ },
		"tags":       func(v *models.PostView) { v.Tags = v.Tags[1:] },
		"files":      func(v *models.PostView) { v.Files = v.Files[1:] },
		"author":     func(v *models.PostView) { v.Author.Username = "other" },
		"avatar":     func(v *models.PostView) { v.Author.Avatar = "" },
	} {
		changed := view
		apply(&changed)
		data := feedPage{List: postListOf(models.Page[models.PostView]{Items: []models.PostView{changed}}, "/")}
		for range 2 { // the second comes from what was kept
			page, err := pages.Render("feed", data)
			if err != nil {
				t.Fatal(err)
			}
			if other, ok := seen[string(page)]; ok && other != change {
				t.Errorf("%s and %s look the same", change, other)
			}
			seen[string(page)] = change
		}
	}
}

// BenchmarkFeedPage is the feed as it is most of the time: its cards are known.
func BenchmarkFeedPage(b *testing.B) {
	pages := pagetest.Parse(b, page.Funcs)
	posts := pagetest.Posts(20)
	for b.Loop() {
		renderFeed(b, pages, posts)
	}
}

// BenchmarkFeedPageOfNewPosts is the feed with no card that was shown before.
func BenchmarkFeedPageOfNewPosts(b *testing.B) {
	pages := pagetest.Parse(b, page.Funcs)
	posts := pagetest.Posts(20)
	for n := 0; b.Loop(); n++ {
		for i := range posts.Items {
			posts.Items[i].CommentCount = n
		}
		renderFeed(b, pages, posts)
	}
}

func renderFeed(b *testing.B, pages *web.Pages, posts models.Page[models.PostView]) {
	b.Helper()
	data := feedPage{Frame: page.Frame{Title: "Feed", Path: "/"}, List: postListOf(posts, "/")}
	if err := pages.With("feed", data, func([]byte) error { return nil }); err != nil {
		b.Fatal(err)
	}
}
