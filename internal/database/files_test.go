package database_test

import (
	"slices"
	"testing"
	"time"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/database/databasetest"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

func TestFile_RoundTrip(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ann := newUser(t, db, "ann")
		want := newFile(t, db, ann, models.Processing)
		result := database.FileResult{Metadata: models.MetadataAllowed, Width: 4000, Height: 3000, Clean: "CLEAN",
			CleanSize: 1 << 33, CleanSHA256: "abcd", CleanCRC32: "ef01",
			ThumbSmall: "SMALL", ThumbLarge: "LARGE", ThumbType: "image/jpeg"}
		later := noon.Add(time.Hour)
		ok, err := db.FileReady(t.Context(), want.ID, want.Blob, result, later)
		must(t, err)
		wantEqual(t, "FileReady", ok, true)
		want.State, want.Width, want.Height, want.Clean, want.CleanSize = models.Ready, 4000, 3000, "CLEAN", 1<<33
		want.CleanSHA256, want.CleanCRC32 = "abcd", "ef01"
		want.ThumbSmall, want.ThumbLarge, want.ThumbType, want.UpdatedAt = "SMALL", "LARGE", "image/jpeg", later
		for name, find := range map[string]func() (models.File, error){
			"FileFor":  func() (models.File, error) { return db.FileFor(t.Context(), ann.ID, want.ID) },
			"FileOf":   func() (models.File, error) { return db.FileOf(t.Context(), ann.ID, want.ID) },
			"FileByID": func() (models.File, error) { return db.FileByID(t.Context(), want.ID) },
		} {
			got, err := find()
			must(t, err)
			wantEqual(t, name, got, want)
		}
		wantKind(t, "creating it twice", db.CreateFile(t.Context(), &want), problem.Conflict)
	})
}

// A file whose metadata cannot be removed is its owner's alone, in posts and shares, until they
// say yes.
func TestAllowMetadata(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ann, bob := newUser(t, db, "ann"), newUser(t, db, "bob")
		post := newPost(t, db, ann, noon, models.Public)
		f := newFile(t, db, ann, models.Processing)
		attach(t, db, post, f)
		_, err := db.FileReady(t.Context(), f.ID, f.Blob, database.FileResult{Metadata: models.MetadataKept}, noon)
		must(t, err)
		share := models.Share{OwnerID: ann.ID, PostID: &post.ID}
		seen := func(when string, others problem.Kind, listed, held int) {
			t.Helper()
			_, err := db.FileFor(t.Context(), ann.ID, f.ID)
			must(t, err)
			if _, err = db.FileFor(t.Context(), bob.ID, f.ID); others != "" || err != nil {
				wantKind(t, when+", another user", err, others)
			}
			open, err := db.FilesOfShare(t.Context(), share)
			must(t, err)
			back, err := db.FilesHeldBack(t.Context(), share)
			must(t, err)
			if len(open) != listed || len(back) != held {
				t.Errorf("%s: %d are open and %d held back, want %d and %d", when, len(open), len(back), listed, held)
			}
		}
		seen("before the yes", problem.NotFound, 0, 1)
		wantKind(t, "another user says yes", db.AllowMetadata(t.Context(), bob.ID, f.ID, noon), problem.NotFound)
		seen("still", problem.NotFound, 0, 1)
		must(t, db.AllowMetadata(t.Context(), ann.ID, f.ID, noon))
		seen("after the yes", "", 1, 0)
	})
}

func TestFileState_ChangesOnce(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		f := newFile(t, db, newUser(t, db, "ann"), models.Processing)
		wins := race(t, 12, func(i int) bool {
			var ok bool
			var err error
			if i%2 == 0 {
				ok, err = db.FileReady(t.Context(), f.ID, f.Blob, database.FileResult{}, noon)
			} else {
				ok, err = db.FileRejected(t.Context(), f.ID, f.Blob, "It is broken.", noon)
			}
			if err != nil {
				t.Error(err)
			}
			return ok
		})
		wantEqual(t, "changes of state", wins, 1)
		got, err := db.FileByID(t.Context(), f.ID)
		must(t, err)
		if (got.State == models.Rejected) != (got.Reason == "It is broken.") || got.State == models.Processing {
			t.Errorf("state = %s, reason = %q", got.State, got.Reason)
		}
	})
}

func TestFileFor_WhoMayHave(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ann, bob := newUser(t, db, "ann"), newUser(t, db, "bob")
		post := func(v models.Visibility) *models.Post { p := newPost(t, db, ann, noon, v); return &p }
		gone := post(models.Public)
		session := map[models.UserID]models.SecretHash{ann.ID: newSession(t, db, ann, noon).Hash, bob.ID: newSession(t, db, bob, noon).Hash}
		for _, c := range []struct {
			name          string
			state         models.FileState
			post          *models.Post
			owner, others bool
		}{
			{"on no post", models.Ready, nil, true, false},
			{"public", models.Ready, post(models.Public), true, true},
			{"unlisted", models.Ready, post(models.Unlisted), true, true},
			{"private", models.Ready, post(models.Private), true, false},
			{"processing", models.Processing, post(models.Public), true, false},
			{"rejected", models.Rejected, post(models.Public), true, false},
			{"deleted", models.Ready, gone, false, false},
		} {
			f := newFile(t, db, ann, c.state)
			if c.post != nil {
				attach(t, db, *c.post, f)
			}
			if c.post == gone {
				must(t, db.DeletePost(t.Context(), ann.ID, gone.ID, noon))
			}
			for who, may := range map[models.UserID]bool{ann.ID: c.owner, bob.ID: c.others, "": c.others} {
				want := problem.NotFound
				if may {
					want = problem.Internal
				}
				_, err := db.FileFor(t.Context(), who, f.ID)
				wantKind(t, c.name, err, want)
				served, err := db.ServedFile(t.Context(), who, f.ID)
				wantKind(t, c.name+", served", err, want)
				if who == "" {
					continue
				}
				s, u, by, err := db.SessionWithFile(t.Context(), session[who], noon, noon.Add(-time.Hour), f.ID)
				wantKind(t, c.name+", with the session", err, want)
				if may && (s.Hash != session[who] || u.ID != who || by != served) {
					t.Errorf("%s: the session %s, the user %s and the file %v; want %s, %s and %v", c.name, s.Hash, u.ID, by, session[who], who, served)
				}
			}
			_, err := db.FileOf(t.Context(), bob.ID, f.ID)
			wantKind(t, "FileOf another", err, problem.NotFound)
		}
	})
}

func TestAttachFiles(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ann, bob := newUser(t, db, "ann"), newUser(t, db, "bob")
		p, second := newPost(t, db, ann, noon, models.Public), newPost(t, db, ann, noon, models.Public)
		one, two, three := newFile(t, db, ann, models.Ready), newFile(t, db, ann, models.Ready), newFile(t, db, ann, models.Ready)
		bobs, his := newPost(t, db, bob, noon, models.Public), newFile(t, db, bob, models.Ready)
		order := func(want ...models.File) {
			t.Helper()
			v, err := db.PostOf(t.Context(), ann.ID, p.ID)
			must(t, err)
			var got, ids []models.FileID
			for _, f := range v.Files {
				got = append(got, f.ID)
			}
			for _, f := range want {
				ids = append(ids, f.ID)
			}
			if !slices.Equal(got, ids) {
				t.Errorf("files = %v, want %v", got, ids)
			}
		}
		try := func(what string, owner models.User, post models.Post, want problem.Kind, files ...models.File) {
			t.Helper()
			var ids []models.FileID
			for _, f := range files {
				ids = append(ids, f.ID)
			}
			wantKind(t, what, db.AttachFiles(t.Context(), owner.ID, post.ID, ids, noon), want)
		}
		try("own", ann, p, problem.Internal, two, one)
		order(two, one)
		try("again, in another order", ann, p, problem.Internal, one, two)
		order(one, two)
		try("another's file", ann, p, problem.Invalid, three, his)
		order(one, two) // none of them
		try("of another post", ann, second, problem.Invalid, one)
		try("to another's post", ann, bobs, problem.NotFound, three)
		try("as another", bob, p, problem.NotFound, his)
		order(one, two)
		n, err := db.CountFilesOf(t.Context(), p.ID)
		must(t, err)
		wantEqual(t, "CountFilesOf", n, 2)
	})
}

func TestDeleteFile(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ann, bob := newUser(t, db, "ann"), newUser(t, db, "bob")
		f := newFile(t, db, ann, models.Ready)
		ok, err := db.ReserveStorage(t.Context(), ann.ID, f.Size+5, 1<<50)
		must(t, err)
		wantEqual(t, "reserved", ok, true)
		_, err = db.DeleteFile(t.Context(), bob.ID, f.ID, noon)
		wantKind(t, "another's file", err, problem.NotFound)
		wins := race(t, 8, func(int) bool {
			got, err := db.DeleteFile(t.Context(), ann.ID, f.ID, noon)
			if err == nil && got.Blob != f.Blob {
				t.Errorf("got %+v, want %+v", got, f)
			}
			return err == nil
		})
		wantEqual(t, "times it was deleted", wins, 1)
		u, err := db.UserByID(t.Context(), ann.ID)
		must(t, err)
		wantEqual(t, "storage used", u.StorageUsed, 5)
	})
}

func TestFilesOf_NewestFirst(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ann := newUser(t, db, "ann")
		newFile(t, db, newUser(t, db, "bob"), models.Ready)
		var want []models.FileID
		for range 7 {
			want = append(want, newFile(t, db, ann, models.Ready).ID) // all at the same time
		}
		slices.Sort(want)
		slices.Reverse(want)
		for _, limit := range []int{1, 3, 7, 100} {
			var got []models.FileID
			for before := (models.Cursor{}); ; {
				page, err := db.FilesOf(t.Context(), ann.ID, before, limit)
				must(t, err)
				for _, f := range page.Items {
					got = append(got, f.ID)
				}
				if before = page.Next; before.IsZero() {
					break
				}
			}
			if !slices.Equal(got, want) {
				t.Errorf("in pages of %d:\n got %v\nwant %v", limit, got, want)
			}
		}
	})
}

func TestKnownBlobs(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ann := newUser(t, db, "ann")
		f := newFile(t, db, ann, models.Processing)
		_, err := db.FileReady(t.Context(), f.ID, f.Blob, database.FileResult{Clean: "CLEAN", ThumbSmall: "SMALL", ThumbLarge: "LARGE"}, noon)
		must(t, err)
		newFile(t, db, ann, models.Processing) // its other keys are empty
		known := []models.BlobKey{f.Blob, "CLEAN", "SMALL", "LARGE", ann.Avatar}
		asked := append([]models.BlobKey{""}, known...)
		for _, id := range shuffledIDs(500) { // more than one query asks for
			asked = append(asked, models.BlobKey(id))
		}
		asked = append(asked, known[1:]...)
		got, err := db.KnownBlobs(t.Context(), asked)
		must(t, err)
		wantEqual(t, "blobs known", len(got), len(known))
		for _, key := range known {
			wantEqual(t, string(key), got[key], true)
		}
		got, err = db.KnownBlobs(t.Context(), nil)
		must(t, err)
		wantEqual(t, "of none", len(got), 0)
	})
}

func TestFilesWithoutCRC32(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ann := newUser(t, db, "ann")
		summed, image := newFile(t, db, ann, models.Ready), newFile(t, db, ann, models.Processing)
		result := database.FileResult{Clean: "CLEAN", CleanSHA256: "ab"} // without a CRC-32
		if _, err := db.FileReady(t.Context(), image.ID, image.Blob, result, noon); err != nil {
			t.Fatal(err)
		}
		plain := newFile(t, db, ann, models.Ready)
		must(t, db.SetCRC32(t.Context(), plain.ID, plain.Blob, ""))
		lacking := func() (ids []models.FileID) {
			t.Helper()
			found, err := db.FilesWithoutCRC32(t.Context(), "", 10)
			must(t, err)
			for _, f := range found {
				ids = append(ids, f.ID)
			}
			return ids
		}
		if got := lacking(); len(got) != 2 || slices.Contains(got, summed.ID) || !slices.IsSorted(got) {
			t.Errorf("lacking: %v", got)
		}
		if got, err := db.FilesWithoutCRC32(t.Context(), lacking()[0], 10); err != nil || len(got) != 1 {
			t.Errorf("after the first: %v, %v", got, err)
		}
		must(t, db.SetCRC32(t.Context(), plain.ID, "ANOTHER", "11111111"))
		must(t, db.SetCleanCRC32(t.Context(), image.ID, "ANOTHER", "11111111"))
		if got := lacking(); len(got) != 2 {
			t.Errorf("lacking after sums of other bytes: %v", got)
		}
		must(t, db.SetCRC32(t.Context(), plain.ID, plain.Blob, "11111111"))
		must(t, db.SetCleanCRC32(t.Context(), image.ID, "CLEAN", "22222222"))
		f, err := db.FileByID(t.Context(), image.ID)
		if got := lacking(); err != nil || len(got) != 0 || f.CRC32 != image.CRC32 || f.CleanCRC32 != "22222222" {
			t.Errorf("lacking in the end: %v; %+v, %v", got, f, err)
		}
	})
}
