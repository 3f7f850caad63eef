package database_test

import (
	"crypto/rand"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/database/databasetest"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

func newGlass(admin models.User, object string, at time.Time) models.BreakGlass {
	return models.BreakGlass{ID: rand.Text(), AdminID: admin.ID, Object: object, Why: "a court asks",
		CreatedAt: at, ExpiresAt: at.Add(time.Minute)}
}

func newAdmin(t *testing.T, db *database.DB, name models.Username) models.User {
	t.Helper()
	u := newUser(t, db, name)
	must(t, db.ChangeRole(t.Context(), u.ID, models.RoleAdmin))
	return u
}

// Two requests at once give access once, so that the owner is notified once.
func TestBreakGlass_Once(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		eve, ada := newAdmin(t, db, "eve"), newAdmin(t, db, "ada")
		var broken atomic.Int32
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				done, err := db.BreakGlass(t.Context(), newGlass(eve, "post:A", noon))
				if err != nil {
					t.Error(err)
				}
				if done {
					broken.Add(1)
				}
			})
		}
		if all.Wait(); broken.Load() != 1 {
			t.Errorf("the glass is broken %d times", broken.Load())
		}
		for what, g := range map[string]models.BreakGlass{
			"another's": newGlass(ada, "post:A", noon), "another thing": newGlass(eve, "post:B", noon),
			"after its end": newGlass(eve, "post:A", noon.Add(time.Minute)),
		} {
			if done, err := db.BreakGlass(t.Context(), g); err != nil || !done {
				t.Errorf("%s: %t %v", what, done, err)
			}
		}
	})
}

// Only the admin who broke the glass gets the file, until the access expires, and
// only while they are an admin.
func TestFileByGlass(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		newAdmin(t, db, "last") // this one cannot be suspended
		eve, ada, ann := newAdmin(t, db, "eve"), newAdmin(t, db, "ada"), newUser(t, db, "ann")
		file, other := newFile(t, db, ann, models.Ready), newFile(t, db, ann, models.Ready)
		object := "file:" + string(file.ID)
		if _, err := db.BreakGlass(t.Context(), newGlass(eve, object, noon)); err != nil {
			t.Fatal(err)
		}
		has := func(what string, admin models.User, id models.FileID, at time.Time, want problem.Kind, open int) {
			t.Helper()
			f, err := db.FileByGlass(t.Context(), admin.ID, id, at)
			wantKind(t, what, err, want)
			if err == nil && (f.ID != id || f.Blob != file.Blob || f.Name != file.Name || f.SHA256 != file.SHA256 || f.MediaType != file.MediaType) {
				t.Errorf("%s: %+v", what, f)
			}
			views, err := db.BrokenGlass(t.Context(), "file:"+string(id), at, 10)
			if err != nil || len(views) != open || open == 1 && views[0].Admin != "eve" {
				t.Errorf("%s: open to %+v, %v", what, views, err)
			}
		}
		const none = problem.NotFound
		has("who broke it", eve, file.ID, noon, "", 1)
		has("a moment before its end", eve, file.ID, noon.Add(time.Minute-time.Microsecond), "", 1)
		has("at its end", eve, file.ID, noon.Add(time.Minute), none, 0)
		has("another admin", ada, file.ID, noon, none, 1)
		has("another file", eve, other.ID, noon, none, 0)
		must(t, db.ChangeRole(t.Context(), eve.ID, models.RoleModerator))
		has("a former admin", eve, file.ID, noon, none, 0)
		must(t, db.ChangeRole(t.Context(), eve.ID, models.RoleAdmin))
		has("an admin again", eve, file.ID, noon, "", 1)
		must(t, db.SuspendUser(t.Context(), eve.ID, noon))
		has("a suspended admin", eve, file.ID, noon, none, 0)
		must(t, db.ReinstateUser(t.Context(), eve.ID))
		must(t, db.PurgeBreakGlass(t.Context(), noon.Add(time.Minute-time.Microsecond)))
		has("purged too early", eve, file.ID, noon, "", 1)
		must(t, db.PurgeBreakGlass(t.Context(), noon.Add(time.Minute)))
		has("purged", eve, file.ID, noon, none, 0)
	})
}
