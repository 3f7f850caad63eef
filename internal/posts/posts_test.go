package posts_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/database/databasetest"
	"example.org/cloakroom/internal/jobs"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/posts"
	"example.org/cloakroom/internal/problem"
)

// A fixture is a Service with two users and a clock that the test moves.
type fixture struct {
	*posts.Service
	t        *testing.T
	now      time.Time
	ann, bob models.User
	guest    models.User
}

func newFixture(t *testing.T, db *database.DB) *fixture {
	t.Helper()
	queue := &jobs.Queue{DB: db, Now: time.Now}
	h := &fixture{t: t, now: time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)}
	h.Service = &posts.Service{
		DB: db, Jobs: queue, Now: func() time.Time { return h.now },
		MaxFiles: models.NewLive(map[models.Tier]int{models.TierFree: 3, models.TierPro: 5}), Default: models.NewLive(models.Unlisted),
	}
	for _, user := range []*models.User{&h.ann, &h.bob} {
		id := models.NewUserID()
		name := models.Username(strings.ToLower(string(id[:8])))
		*user = models.User{ID: id, Username: name, UsernameKey: name.Key(), Role: models.RoleUser, Tier: models.TierFree,
			CreatedAt: h.now, UpdatedAt: h.now}
		if err := db.CreateUser(t.Context(), user); err != nil {
			t.Fatal(err)
		}
	}
	return h
}

func draft() posts.Draft {
	return posts.Draft{Title: "A title", Content: "Some **words**", Tags: "go web", Visibility: "public"}
}

func (h *fixture) write(who models.User, d posts.Draft) models.PostID {
	h.t.Helper()
	id, err := h.Create(h.t.Context(), who, d)
	if err != nil {
		h.t.Fatal(err)
	}
	return id
}

// upload creates a file of who, as package files does.
func (h *fixture) upload(who models.User, name string) models.FileID {
	h.t.Helper()
	f := models.File{ID: models.NewFileID(), OwnerID: who.ID, Name: models.Filename(name), Blob: models.NewBlobKey(), Size: 10,
		MediaType: "text/plain", Kind: models.KindText, State: models.Ready, CreatedAt: h.now, UpdatedAt: h.now}
	if room, err := h.DB.ReserveStorage(h.t.Context(), who.ID, f.Size, 1<<20); !room || err != nil {
		h.t.Fatal(room, err)
	}
	if err := h.DB.CreateFile(h.t.Context(), &f); err != nil {
		h.t.Fatal(err)
	}
	return f.ID
}

func fieldsOf(err error) (fields []string) {
	for _, p := range problem.All(err) {
		fields = append(fields, p.Field)
	}
	return fields
}

func TestCreate_ReportsEveryInvalidField(t *testing.T) {
	h := newFixture(t, databasetest.New(t))
	long := strings.Repeat("x", models.MaxContent+1)
	_, err := h.Create(t.Context(), h.ann, posts.Draft{Title: long, Content: long, Tags: "a/b", Files: make([]models.FileID, 21)})
	if got := fieldsOf(err); !slices.Equal(got, []string{"title", "content", "tags", "visibility", "files"}) {
		t.Errorf("problems at %v", got)
	}
	_, err = h.Create(t.Context(), h.ann, posts.Draft{Visibility: "public"})
	if got := fieldsOf(err); !slices.Equal(got, []string{"title", "content"}) {
		t.Errorf("problems of an empty post at %v", got)
	}
}

func TestVisibility(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		h := newFixture(t, db)
		for _, visibility := range []models.Visibility{models.Public, models.Unlisted, models.Private} {
			d := draft()
			d.Visibility = string(visibility)
			id := h.write(h.ann, d)
			for who, want := range map[*models.User]bool{&h.ann: true, &h.bob: visibility != models.Private,
				&h.guest: visibility != models.Private} {
				if _, err := h.Show(t.Context(), *who, id); (err == nil) != want {
					t.Errorf("%s post shown to %q: %v, want %v", visibility, who.Username, err, want)
				}
				if who.SignedIn() {
					if _, err := h.AddComment(t.Context(), *who, id, "hello", ""); (err == nil) != want {
						t.Errorf("%s post commented by %q: %v, want %v", visibility, who.Username, err, want)
					}
				}
				found, err := h.Search(t.Context(), *who, "words", models.Cursor{}, 10)
				listed := slices.ContainsFunc(found.Items, func(v models.PostView) bool { return v.ID == id })
				if wanted := visibility == models.Public || who.ID == h.ann.ID; err != nil || listed != wanted {
					t.Errorf("%s post found by %q: %v, %v; want %v", visibility, who.Username, listed, err, wanted)
				}
			}
		}
		if feed, err := h.Feed(t.Context(), models.Cursor{}, 10); err != nil || len(feed.Items) != 1 {
			t.Errorf("the feed has %d posts, %v; want the public one", len(feed.Items), err)
		}
	})
}

func TestUpdate_RequiresTheAuthor(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		h := newFixture(t, db)
		id := h.write(h.ann, draft())
		d := draft()
		d.Title = "Mine now"
		for name, err := range map[string]error{
			"update": h.Update(t.Context(), h.bob, id, d), "delete": h.Delete(t.Context(), h.bob, id), "restore": h.Restore(t.Context(), h.bob, id),
		} {
			if problem.KindOf(err) != problem.NotFound {
				t.Errorf("%s by another user: %v, want not_found", name, err)
			}
		}
		if _, err := h.Edit(t.Context(), h.bob, id); problem.KindOf(err) != problem.NotFound {
			t.Errorf("edit by another user: %v, want not_found", err)
		}
	})
}

func TestUpdate_ReplacesFiles(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		h := newFixture(t, db)
		d := draft()
		first, second := h.upload(h.ann, "quarterly-report.txt"), h.upload(h.ann, "second.txt")
		d.Files = []models.FileID{second, first}
		id := h.write(h.ann, d)
		view, err := h.Show(t.Context(), h.bob, id)
		if err != nil || len(view.Files) != 2 || view.Files[0].ID != second {
			t.Fatalf("files = %v, %v; want both in the order given", view.Files, err)
		}
		if found, err := h.Search(t.Context(), h.guest, "quarterly", models.Cursor{}, 10); err != nil || len(found.Items) != 1 {
			t.Errorf("found by file name: %d, %v", len(found.Items), err)
		}
		third := h.upload(h.ann, "third.txt")
		d.Files, d.Remove = []models.FileID{second, third}, []models.FileID{first}
		if err := h.Update(t.Context(), h.ann, id, d); err != nil {
			t.Fatal(err)
		}
		if view, err = h.Show(t.Context(), h.bob, id); err != nil || len(view.Files) != 2 || view.Files[1].ID != third {
			t.Errorf("files after the edit = %v, %v", view.Files, err)
		}
		if found, err := h.Search(t.Context(), h.guest, "quarterly", models.Cursor{}, 10); err != nil || len(found.Items) != 0 {
			t.Errorf("found by the name of a file that is gone: %d, %v", len(found.Items), err)
		}
		if user, err := db.UserByID(t.Context(), h.ann.ID); err != nil || user.StorageUsed != 20 {
			t.Errorf("storage used = %d, %v; want that of two files", user.StorageUsed, err)
		}
	})
}

func TestCreate_RefusesFilesOfOthers(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		h := newFixture(t, db)
		theirs := h.upload(h.bob, "bob.txt")
		d := draft()
		d.Files = []models.FileID{theirs}
		if _, err := h.Create(t.Context(), h.ann, d); !slices.Equal(fieldsOf(err), []string{"files"}) {
			t.Errorf("another user's file: %v", err)
		}
		if feed, err := h.Feed(t.Context(), models.Cursor{}, 10); err != nil || len(feed.Items) != 0 {
			t.Errorf("the post was made all the same: %v", err)
		}
		id := h.write(h.ann, draft())
		d = draft()
		d.Remove = []models.FileID{theirs}
		if err := h.Update(t.Context(), h.ann, id, d); err == nil {
			t.Error("another user's file was removed")
		}
		if _, err := db.FileByID(t.Context(), theirs); err != nil {
			t.Errorf("another user's file is gone: %v", err)
		}
	})
}

func TestFiles_LimitedByTier(t *testing.T) {
	h := newFixture(t, databasetest.New(t))
	some := func(who models.User, n int) (ids []models.FileID) {
		for i := range n {
			ids = append(ids, h.upload(who, fmt.Sprintf("%d.txt", i)))
		}
		return ids
	}
	refused := func(err error, most string) bool {
		return slices.Equal(fieldsOf(err), []string{"files"}) && strings.Contains(err.Error(), most)
	}
	d := draft()
	d.Files = some(h.ann, 4)
	if _, err := h.Create(t.Context(), h.ann, d); !refused(err, "at most 3 files") {
		t.Errorf("a free user's post with 4 files: %v", err)
	}
	if err := h.Check(h.ann, d); !refused(err, "at most 3 files") {
		t.Errorf("checked: %v", err)
	}
	d.Files = d.Files[:3]
	id := h.write(h.ann, d)
	d.Files = some(h.ann, 1)
	if err := h.Update(t.Context(), h.ann, id, d); !refused(err, "at most 3 files") {
		t.Errorf("a fourth file: %v", err)
	}
	h.ann.Tier = models.TierPro
	d.Files = some(h.ann, 2)
	if err := h.Update(t.Context(), h.ann, id, d); err != nil {
		t.Fatalf("five files of the next tier: %v", err)
	}
	d.Files = some(h.ann, 1)
	if err := h.Update(t.Context(), h.ann, id, d); !refused(err, "at most 5 files") {
		t.Errorf("a sixth: %v", err)
	}
	// A post with more files than the tier allows keeps them, but gets no more.
	h.ann.Tier = models.TierFree
	more := d.Files
	d.Files = nil
	if err := h.Update(t.Context(), h.ann, id, d); err != nil {
		t.Errorf("a change of the words of a post with more than the tier now allows: %v", err)
	}
	d.Files = more
	if err := h.Update(t.Context(), h.ann, id, d); !refused(err, "at most 3 files") {
		t.Errorf("more than the tier now allows: %v", err)
	}
}

func TestRestore_WithinSevenDays(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		h := newFixture(t, db)
		d := draft()
		d.Files = []models.FileID{h.upload(h.ann, "a.txt")}
		id := h.write(h.ann, d)
		if err := h.Delete(t.Context(), h.ann, id); err != nil {
			t.Fatal(err)
		}
		if _, err := h.Show(t.Context(), h.ann, id); problem.KindOf(err) != problem.NotFound {
			t.Errorf("deleted and shown: %v", err)
		}
		if _, err := db.FileFor(t.Context(), h.bob.ID, d.Files[0]); problem.KindOf(err) != problem.NotFound {
			t.Errorf("a file of a deleted post is served: %v", err)
		}
		h.now = h.now.Add(posts.UndoPeriod - time.Second)
		if deleted, err := h.Deleted(t.Context(), h.ann); err != nil || len(deleted) != 1 {
			t.Errorf("deleted posts = %d, %v", len(deleted), err)
		}
		if err := h.Purge(t.Context(), models.PurgePosts{}); err != nil {
			t.Fatal(err)
		}
		if err := h.Restore(t.Context(), h.ann, id); err != nil {
			t.Fatalf("a second before the end: %v", err)
		}
		if _, err := h.Show(t.Context(), h.bob, id); err != nil {
			t.Errorf("restored and not shown: %v", err)
		}

		if err := h.Delete(t.Context(), h.ann, id); err != nil {
			t.Fatal(err)
		}
		h.now = h.now.Add(posts.UndoPeriod)
		if err := h.Restore(t.Context(), h.ann, id); problem.KindOf(err) != problem.NotFound {
			t.Errorf("restored after seven days: %v", err)
		}
		h.now = h.now.Add(time.Second)
		if err := h.Purge(t.Context(), models.PurgePosts{}); err != nil {
			t.Fatal(err)
		}
		if _, err := db.FileByID(t.Context(), d.Files[0]); problem.KindOf(err) != problem.NotFound {
			t.Errorf("the file of a purged post: %v", err)
		}
		if user, err := db.UserByID(t.Context(), h.ann.ID); err != nil || user.StorageUsed != 0 {
			t.Errorf("storage used after the purge = %d, %v", user.StorageUsed, err)
		}
	})
}

func TestDeleteComment_ByEitherAuthor(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		h := newFixture(t, db)
		id := h.write(h.ann, draft())
		comment := func(who models.User) models.CommentID {
			c, err := h.AddComment(t.Context(), who, id, "hello", "")
			if err != nil {
				t.Fatal(err)
			}
			return c
		}
		anns, bobs, another := comment(h.ann), comment(h.bob), comment(h.bob)
		if err := h.DeleteComment(t.Context(), h.bob, anns); problem.KindOf(err) != problem.NotFound {
			t.Errorf("bob deletes ann's comment: %v", err)
		}
		if err := h.DeleteComment(t.Context(), h.bob, bobs); err != nil {
			t.Errorf("bob deletes his own: %v", err)
		}
		if err := h.DeleteComment(t.Context(), h.ann, another); err != nil {
			t.Errorf("ann deletes one under her post: %v", err)
		}
		if view, err := h.Show(t.Context(), h.ann, id); err != nil || view.CommentCount != 1 {
			t.Errorf("count = %d, %v; want 1", view.CommentCount, err)
		}
	})
}
