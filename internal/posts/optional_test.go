package posts_test

import (
	"slices"
	"strings"
	"testing"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/database/databasetest"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/posts"
)

// A post with files needs neither a title nor a text. Its title is then made of their names.
func TestCreate_OfFilesAlone(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		h := newFixture(t, db)
		for want, names := range map[models.Title][]string{
			"holiday.jpg": {"holiday.jpg"}, "holiday.jpg and 2 more": {"holiday.jpg", "a.txt", "b.txt"},
			models.Title(strings.Repeat("ä", 189) + " and 1 more"): {strings.Repeat("ä", 250), "b.txt"},
		} {
			d := posts.Draft{Visibility: "unlisted", Title: " \n"}
			for _, name := range names {
				d.Files = append(d.Files, h.upload(h.ann, name))
			}
			id := h.write(h.ann, d)
			post, err := h.Show(t.Context(), h.ann, id)
			if err != nil || post.Title != want || post.Content != "" {
				t.Errorf("the post of %v is called %q and says %q: %v", names, post.Title, post.Content, err)
			}
			found, err := h.Search(t.Context(), h.ann, strings.TrimSuffix(names[0], ".jpg"), models.Cursor{}, 10)
			if err != nil || len(found.Items) == 0 {
				t.Errorf("the post of %v is not found: %v", names, err)
			}
			// An empty title stays allowed while a file is left, and no longer.
			if err := h.Update(t.Context(), h.ann, id, posts.Draft{Visibility: "private"}); err != nil {
				t.Errorf("changing it: %v", err)
			}
			err = h.Update(t.Context(), h.ann, id, posts.Draft{Visibility: "private", Title: "x", Remove: d.Files})
			if got := fieldsOf(err); !slices.Equal(got, []string{"content"}) {
				t.Errorf("taking all files away: %v", err)
			}
			err = h.Update(t.Context(), h.ann, id, posts.Draft{Visibility: "private", Content: "x", Remove: d.Files})
			if got := fieldsOf(err); !slices.Equal(got, []string{"title"}) {
				t.Errorf("taking all files away: %v", err)
			}
		}
	})
}

// A new post starts as the user chose last in a form, or else as the site says.
func TestVisibilityFor(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		h := newFixture(t, db)
		h.Default.Set(models.Private)
		want := func(v models.Visibility) {
			t.Helper()
			ann, err := db.UserByID(t.Context(), h.ann.ID)
			if got := h.VisibilityFor(ann); got != v || err != nil {
				t.Errorf("a new post is %s, want %s: %v", got, v, err)
			}
		}
		want(models.Private)
		d := draft()
		d.Visibility = "unlisted"
		h.write(h.ann, d) // by a program
		want(models.Private)
		if has, err := h.HasPublic(t.Context(), h.ann); has || err != nil {
			t.Errorf("a public post before any: %v %v", has, err)
		}
		d.Visibility, d.Chosen = "public", true
		h.write(h.ann, d)
		want(models.Public)
		if has, err := h.HasPublic(t.Context(), h.ann); !has || err != nil {
			t.Errorf("no public post: %v %v", has, err)
		}
		if has, err := h.HasPublic(t.Context(), h.bob); has || err != nil {
			t.Errorf("bob has ann's: %v %v", has, err)
		}
	})
}
