package database_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/database/databasetest"
	"example.org/cloakroom/internal/models"
)

type lister func(before models.Cursor, limit int) (models.Page[models.PostView], error)

// walk returns the IDs of a whole list, read in pages of limit.
func walk(t *testing.T, limit int, list lister) (ids []models.PostID) {
	t.Helper()
	for before := (models.Cursor{}); ; {
		page, err := list(before, limit)
		must(t, err)
		if len(page.Items) > limit {
			t.Fatalf("a page of %d has %d posts", limit, len(page.Items))
		}
		for _, v := range page.Items {
			ids = append(ids, v.ID)
		}
		if page.Next.IsZero() {
			return ids
		}
		// As it comes back from a URL.
		if before, err = models.ParseCursor(page.Next.String()); err != nil {
			t.Fatal(err)
		}
	}
}

func newestFirst(posts []models.Post) (ids []models.PostID) {
	posts = slices.Clone(posts)
	slices.SortFunc(posts, func(a, b models.Post) int {
		if c := b.CreatedAt.Compare(a.CreatedAt); c != 0 {
			return c
		}
		if a.ID < b.ID {
			return 1
		}
		return -1
	})
	for _, p := range posts {
		ids = append(ids, p.ID)
	}
	return ids
}

func TestLists_EveryPostOnceAndNewestFirst(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ann, bob := newUser(t, db, "ann"), newUser(t, db, "bob")
		var public, annsPublic, anns []models.Post
		for i := range 30 {
			// Seven posts at each time, and times less than a second apart.
			at := noon.Add(time.Duration(i/7) * 100 * time.Millisecond)
			author := []models.User{ann, bob}[i%2]
			visibility := []models.Visibility{models.Public, models.Public, models.Unlisted, models.Private}[i%4]
			p := newPost(t, db, author, at, visibility, "ant", models.Tag(author.UsernameKey))
			must(t, db.IndexPost(t.Context(), p.ID, "the same words"))
			if i%10 == 9 {
				must(t, db.DeletePost(t.Context(), author.ID, p.ID, noon))
				continue
			}
			if visibility == models.Public {
				public = append(public, p)
			}
			if author.ID == ann.ID {
				anns = append(anns, p)
				if visibility == models.Public {
					annsPublic = append(annsPublic, p)
				}
			}
		}
		var visibleToAnn []models.Post
		visibleToAnn = append(visibleToAnn, public...)
		for _, p := range anns {
			if p.Visibility != models.Public {
				visibleToAnn = append(visibleToAnn, p)
			}
		}
		ctx := t.Context()
		for name, c := range map[string]struct {
			list lister
			want []models.Post
		}{
			"feed": {func(b models.Cursor, n int) (models.Page[models.PostView], error) { return db.Feed(ctx, b, n) }, public},
			"tag": {func(b models.Cursor, n int) (models.Page[models.PostView], error) {
				return db.PostsByTag(ctx, "ant", b, n)
			}, public},
			"tag of one": {func(b models.Cursor, n int) (models.Page[models.PostView], error) {
				return db.PostsByTag(ctx, "ann", b, n)
			}, annsPublic},
			"own": {func(b models.Cursor, n int) (models.Page[models.PostView], error) {
				return db.PostsBy(ctx, ann.ID, ann.ID, b, n)
			}, anns},
			"to another": {func(b models.Cursor, n int) (models.Page[models.PostView], error) {
				return db.PostsBy(ctx, ann.ID, bob.ID, b, n)
			}, annsPublic},
			"to a guest": {func(b models.Cursor, n int) (models.Page[models.PostView], error) {
				return db.PostsBy(ctx, ann.ID, "", b, n)
			}, annsPublic},
			"search": {func(b models.Cursor, n int) (models.Page[models.PostView], error) {
				return db.SearchPosts(ctx, ann.ID, []string{"same"}, b, n)
			}, visibleToAnn},
			"search by guest": {func(b models.Cursor, n int) (models.Page[models.PostView], error) {
				return db.SearchPosts(ctx, "", []string{"same"}, b, n)
			}, public},
			"no such tag": {func(b models.Cursor, n int) (models.Page[models.PostView], error) {
				return db.PostsByTag(ctx, "an", b, n)
			}, nil},
		} {
			for _, limit := range []int{1, 2, 3, 7, 100} {
				if got, want := walk(t, limit, c.list), newestFirst(c.want); !slices.Equal(got, want) {
					t.Errorf("%s in pages of %d:\n got %v\nwant %v", name, limit, got, want)
				}
			}
		}
	})
}

func TestLists_ShowCompany(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ann, bob := newUser(t, db, "ann"), newUser(t, db, "bob")
		first, second := newPost(t, db, ann, noon, models.Public, "b", "a"), newPost(t, db, bob, noon.Add(1e6), models.Public, "c")
		ready := newFile(t, db, ann, models.Processing)
		result := database.FileResult{Width: 800, Height: 600, Clean: "CLEAN", CleanSize: 7, CleanSHA256: "ab",
			ThumbSmall: "SMALL", ThumbLarge: "LARGE", ThumbType: "image/png"}
		_, err := db.FileReady(t.Context(), ready.ID, ready.Blob, result, noon)
		must(t, err)
		also := newFile(t, db, ann, models.Ready)
		attach(t, db, first, newFile(t, db, ann, models.Processing), also, ready)

		page, err := db.Feed(t.Context(), models.Cursor{}, 10)
		must(t, err)
		wantEqual(t, "posts", len(page.Items), 2)
		wantEqual(t, "the second's author", page.Items[0].Author, shown(bob))
		wantEqual(t, "the first's author", page.Items[1].Author, shown(ann))
		wantEqual(t, "the second's tags", page.Items[0].Tags, []models.Tag{"c"})
		wantEqual(t, "the first's tags", page.Items[1].Tags, []models.Tag{"b", "a"})
		wantEqual(t, "the second's files", len(page.Items[0].Files), 0)
		files := page.Items[1].Files
		if len(files) != 2 || files[0].ID != also.ID || files[1].ID != ready.ID {
			t.Fatalf("files = %+v, want the two that are ready, in order", files)
		}
		if *files[0].PostID != first.ID {
			t.Errorf("PostID = %s, want %s", *files[0].PostID, first.ID)
		}
		files[1].PostID = nil
		wantEqual(t, "what a card shows", files[1], models.File{ID: ready.ID, OwnerID: ann.ID, Position: 2, Name: ready.Name, Size: ready.Size,
			MediaType: ready.MediaType, Kind: ready.Kind, State: models.Ready, Width: 800, Height: 600,
			ThumbSmall: "SMALL", ThumbLarge: "LARGE", ThumbType: "image/png"})
		first.Content, second.Content = "", ""
		wantEqual(t, "the first post", page.Items[1].Post, first)
		wantEqual(t, "the second post", page.Items[0].Post, second)
	})
}

func TestTags(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ann := newUser(t, db, "ann")
		newPost(t, db, ann, noon, models.Public, "ant", "antler", "über", "z")
		newPost(t, db, ann, noon, models.Public, "ant", "an-t", "a_b")
		newPost(t, db, ann, noon, models.Private, "ant", "secret")
		newPost(t, db, ann, noon, models.Unlisted, "ant", "hidden")
		must(t, db.DeletePost(t.Context(), ann.ID, newPost(t, db, ann, noon, models.Public, "ant", "gone").ID, noon))
		for _, visibility := range []models.Visibility{models.Public, models.Private} { // each is restored as it was
			p := newPost(t, db, ann, noon, visibility, models.Tag(visibility))
			must(t, db.DeletePost(t.Context(), ann.ID, p.ID, noon))
			must(t, db.RestorePost(t.Context(), ann.ID, p.ID, noon.Add(-time.Hour)))
		}
		for _, to := range []models.Visibility{models.Public, models.Private} {
			from := map[models.Visibility]models.Visibility{models.Public: models.Private, models.Private: models.Public}[to]
			p := newPost(t, db, ann, noon, from, "x")
			change := database.PostChange{Title: p.Title, Content: p.Content, Excerpt: p.Excerpt, Visibility: to}
			must(t, db.UpdatePost(t.Context(), ann.ID, p.ID, change, []models.Tag{"to" + models.Tag(to)}, noon))
		}
		for _, c := range []struct {
			prefix string
			after  models.Tag
			limit  int
			want   string
		}{
			{"", "", 100, "a_b:1 an-t:1 ant:2 antler:1 public:1 topublic:1 z:1 über:1"},
			{"an", "", 100, "an-t:1 ant:2 antler:1"},
			{"an", "an-t", 1, "ant:2"},
			{"", "antler", 100, "public:1 topublic:1 z:1 über:1"},
			{"ü", "", 100, "über:1"},
			{"%", "", 100, ""},
		} {
			got, err := db.Tags(t.Context(), c.prefix, c.after, c.limit)
			must(t, err)
			var counts []string
			for _, tag := range got {
				counts = append(counts, fmt.Sprintf("%s:%d", tag.Tag, tag.Posts))
			}
			wantEqual(t, "Tags "+c.prefix, strings.Join(counts, " "), c.want)
		}
	})
}
