package database_test

import (
	"testing"
	"time"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/database/databasetest"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// shown returns what views show of an author.
func shown(u models.User) models.User {
	return models.User{ID: u.ID, Username: u.Username, Avatar: u.Avatar, AvatarType: u.AvatarType}
}

func TestPost_RoundTrip(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ann := newUser(t, db, "ann")
		p := newPost(t, db, ann, noon, models.Public, "zebra", "ant", "mole")
		got, err := db.PostFor(t.Context(), "", p.ID)
		must(t, err)
		want := models.PostView{Post: p, Author: shown(ann), Tags: []models.Tag{"zebra", "ant", "mole"}, Files: nil}
		wantEqual(t, "PostFor", got, want)
		wantEqual(t, "its content", got.Content, p.Content)

		later := noon.Add(time.Hour)
		change := database.PostChange{Title: "New", Content: "New *words*.", Excerpt: "New words.", Visibility: models.Unlisted}
		must(t, db.UpdatePost(t.Context(), ann.ID, p.ID, change, []models.Tag{"ant", "bee"}, later))
		want.Title, want.Content, want.Excerpt, want.Visibility = change.Title, change.Content, change.Excerpt, change.Visibility
		want.UpdatedAt, want.Tags = later, []models.Tag{"ant", "bee"}
		got, err = db.PostOf(t.Context(), ann.ID, p.ID)
		must(t, err)
		wantEqual(t, "PostOf after the change", got, want)
		must(t, db.UpdatePost(t.Context(), ann.ID, p.ID, change, nil, later))
		got, err = db.PostOf(t.Context(), ann.ID, p.ID)
		must(t, err)
		wantEqual(t, "tags taken away", len(got.Tags), 0)
		wantKind(t, "creating it twice", db.CreatePost(t.Context(), &p, nil), problem.Conflict)
	})
}

func TestPostFor_WhoMayOpen(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ann, bob := newUser(t, db, "ann"), newUser(t, db, "bob")
		for _, c := range []struct {
			visibility  models.Visibility
			guest, user problem.Kind
		}{
			{models.Public, problem.Internal, problem.Internal},
			{models.Unlisted, problem.Internal, problem.Internal},
			{models.Private, problem.NotFound, problem.NotFound},
		} {
			p := newPost(t, db, ann, noon, c.visibility)
			attach(t, db, p, newFile(t, db, ann, models.Processing), newFile(t, db, ann, models.Ready), newFile(t, db, ann, models.Rejected))
			files := map[models.UserID]int{ann.ID: 3, bob.ID: 1, "": 1}
			for who, want := range map[models.UserID]problem.Kind{"": c.guest, bob.ID: c.user, ann.ID: problem.Internal} {
				got, err := db.PostFor(t.Context(), who, p.ID)
				wantKind(t, string(c.visibility), err, want)
				if want == problem.Internal {
					wantEqual(t, "files shown", len(got.Files), files[who])
				}
			}
			_, err := db.PostOf(t.Context(), bob.ID, p.ID)
			wantKind(t, "PostOf another", err, problem.NotFound)
			_, err = db.PostOf(t.Context(), "", p.ID)
			wantKind(t, "PostOf a guest", err, problem.NotFound)
			must(t, db.DeletePost(t.Context(), ann.ID, p.ID, noon))
			for _, who := range []models.UserID{ann.ID, bob.ID, ""} {
				_, err := db.PostFor(t.Context(), who, p.ID)
				wantKind(t, "deleted "+string(c.visibility), err, problem.NotFound)
			}
		}
	})
}

func TestPost_DeleteAndRestore(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ann, bob := newUser(t, db, "ann"), newUser(t, db, "bob")
		p := newPost(t, db, ann, noon, models.Public, "ant")
		change := database.PostChange{Title: "Mine", Content: "x", Excerpt: "x", Visibility: models.Public}
		wantKind(t, "another changes it", db.UpdatePost(t.Context(), bob.ID, p.ID, change, nil, noon), problem.NotFound)
		wantKind(t, "another deletes it", db.DeletePost(t.Context(), bob.ID, p.ID, noon), problem.NotFound)
		wantKind(t, "restoring what is there", db.RestorePost(t.Context(), ann.ID, p.ID, noon.Add(-time.Hour)), problem.NotFound)

		must(t, db.DeletePost(t.Context(), ann.ID, p.ID, noon))
		wantKind(t, "deleting it twice", db.DeletePost(t.Context(), ann.ID, p.ID, noon), problem.NotFound)
		wantKind(t, "changing what is deleted", db.UpdatePost(t.Context(), ann.ID, p.ID, change, nil, noon), problem.NotFound)
		wantKind(t, "another restores it", db.RestorePost(t.Context(), bob.ID, p.ID, noon.Add(-time.Hour)), problem.NotFound)
		wantKind(t, "restoring it too late", db.RestorePost(t.Context(), ann.ID, p.ID, noon), problem.NotFound)
		deleted, err := db.DeletedPostsOf(t.Context(), bob.ID, noon.Add(-time.Hour))
		must(t, err)
		wantEqual(t, "bob's deleted posts", len(deleted), 0)
		deleted, err = db.DeletedPostsOf(t.Context(), ann.ID, noon.Add(-time.Hour))
		must(t, err)
		wantEqual(t, "ann's deleted posts", len(deleted), 1)

		wins := race(t, 8, func(int) bool { return db.RestorePost(t.Context(), ann.ID, p.ID, noon.Add(-time.Hour)) == nil })
		wantEqual(t, "restored", wins, 1)
		got, err := db.PostFor(t.Context(), "", p.ID)
		must(t, err)
		wantEqual(t, "the restored post", got, models.PostView{Post: p, Author: shown(ann), Tags: []models.Tag{"ant"}, Files: nil})
	})
}

func TestPurgePosts(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ann, bob := newUser(t, db, "ann"), newUser(t, db, "bob")
		old, recent := newPost(t, db, ann, noon, models.Public, "ant"), newPost(t, db, ann, noon, models.Public)
		alive := newPost(t, db, ann, noon, models.Public)
		file, kept := newFile(t, db, ann, models.Ready), newFile(t, db, ann, models.Ready)
		attach(t, db, old, file)
		attach(t, db, alive, kept)
		for range 2 {
			ok, err := db.ReserveStorage(t.Context(), ann.ID, file.Size, 1<<50)
			must(t, err)
			wantEqual(t, "reserved", ok, true)
		}
		must(t, db.IndexPost(t.Context(), old.ID, "some words"))
		c := models.Comment{ID: models.NewCommentID(), PostID: old.ID, AuthorID: bob.ID, Body: "Nice.", CreatedAt: noon}
		must(t, db.CreateComment(t.Context(), &c))
		must(t, db.DeletePost(t.Context(), ann.ID, old.ID, noon))
		must(t, db.DeletePost(t.Context(), ann.ID, recent.ID, noon.Add(time.Microsecond)))

		files, n, err := db.PurgePosts(t.Context(), noon, 10)
		must(t, err)
		wantEqual(t, "posts purged", n, 1)
		if len(files) != 1 || files[0].ID != file.ID || files[0].Blob != file.Blob {
			t.Errorf("files = %+v, want the one of the post", files)
		}
		_, err = db.FileByID(t.Context(), file.ID)
		wantKind(t, "its file", err, problem.NotFound)
		_, err = db.FileByID(t.Context(), kept.ID)
		must(t, err)
		got, err := db.UserByID(t.Context(), ann.ID)
		must(t, err)
		wantEqual(t, "storage used", got.StorageUsed, kept.Size)
		wantKind(t, "restoring what is purged", db.RestorePost(t.Context(), ann.ID, old.ID, noon.Add(-time.Hour)), problem.NotFound)
		must(t, db.RestorePost(t.Context(), ann.ID, recent.ID, noon))
		files, n, err = db.PurgePosts(t.Context(), noon, 10)
		must(t, err)
		wantEqual(t, "purged again", []int{len(files), n}, []int{0, 0})
	})
}

func TestPurgePosts_EachFileIsReturnedOnce(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ann := newUser(t, db, "ann")
		const posts = 12
		for i := range posts {
			p := newPost(t, db, ann, noon, models.Public)
			attach(t, db, p, newFile(t, db, ann, models.Ready))
			must(t, db.DeletePost(t.Context(), ann.ID, p.ID, noon.Add(time.Duration(i)*time.Second)))
		}
		ok, err := db.ReserveStorage(t.Context(), ann.ID, posts<<40, 1<<50)
		must(t, err)
		wantEqual(t, "reserved", ok, true)
		counts := make([]int, 4)
		race(t, len(counts), func(i int) bool {
			files, _, err := db.PurgePosts(t.Context(), noon.Add(time.Hour), posts)
			if err != nil {
				t.Error(err)
			}
			counts[i] = len(files)
			return true
		})
		wantEqual(t, "files returned", counts[0]+counts[1]+counts[2]+counts[3], posts)
		got, err := db.UserByID(t.Context(), ann.ID)
		must(t, err)
		wantEqual(t, "storage used", got.StorageUsed, 0)
	})
}
