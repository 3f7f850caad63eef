package database_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/database/databasetest"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

func TestUser_RoundTrip(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		want := newUser(t, db, "Ann_1")
		got, err := db.UserByID(t.Context(), want.ID)
		must(t, err)
		wantEqual(t, "UserByID", got, want)
		got, err = db.UserByUsername(t.Context(), "ann_1")
		must(t, err)
		wantEqual(t, "UserByUsername", got, want)

		twin := want
		twin.ID = models.NewUserID()
		err = db.CreateUser(t.Context(), &twin)
		wantKind(t, "a taken username", err, problem.Conflict)
		if all := problem.All(err); len(all) != 1 || all[0].Field != "username" {
			t.Errorf("problems = %v, want one at the field username", all)
		}
		_, err = db.UserByID(t.Context(), "NOBODY")
		wantKind(t, "UserByID of nobody", err, problem.NotFound)
		_, err = db.UserByUsername(t.Context(), "Ann_1")
		wantKind(t, "UserByUsername of what is no key", err, problem.NotFound)
	})
}

func TestUser_Changes(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		u, other, later := newUser(t, db, "ann"), newUser(t, db, "bob"), noon.Add(time.Hour)
		u.Email, u.Phone, u.Website, u.Bio, u.PasswordHash, u.UpdatedAt = "b@example.org", "", "", "", "$new$", later
		must(t, db.UpdateProfile(t.Context(), u.ID, database.ProfileChange{Email: u.Email, Phone: "", Website: "", Bio: ""}, later))
		must(t, db.UpdatePasswordHash(t.Context(), u.ID, "$new$", later))
		old, err := db.SetAvatar(t.Context(), u.ID, "NEWKEY", "image/jpeg", later)
		must(t, err)
		wantEqual(t, "the old avatar", old, u.Avatar)
		u.Avatar, u.AvatarType = "NEWKEY", "image/jpeg"
		got, err := db.UserByID(t.Context(), u.ID)
		must(t, err)
		wantEqual(t, "the changed user", got, u)
		got, err = db.UserByID(t.Context(), other.ID)
		must(t, err)
		wantEqual(t, "the other user", got, other)

		wantKind(t, "UpdateProfile of nobody", db.UpdateProfile(t.Context(), "NOBODY", database.ProfileChange{}, later), problem.NotFound)
		wantKind(t, "UpdatePasswordHash of nobody", db.UpdatePasswordHash(t.Context(), "NOBODY", "", later), problem.NotFound)
		_, err = db.SetAvatar(t.Context(), "NOBODY", "", "", later)
		wantKind(t, "SetAvatar of nobody", err, problem.NotFound)
	})
}

func TestAnyAdmin(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		newUser(t, db, "ann")
		any, err := db.AnyAdmin(t.Context())
		must(t, err)
		wantEqual(t, "AnyAdmin without one", any, false)
		admin := models.User{ID: "ADMIN", Username: "root", UsernameKey: "root", Role: models.RoleAdmin, CreatedAt: noon, UpdatedAt: noon}
		must(t, db.CreateUser(t.Context(), &admin))
		any, err = db.AnyAdmin(t.Context())
		must(t, err)
		wantEqual(t, "AnyAdmin with one", any, true)
	})
}

// race runs do n times at once and returns how often it was true.
func race(t *testing.T, n int, do func(i int) bool) int {
	t.Helper()
	var wins atomic.Int64
	var wg sync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		wg.Go(func() {
			<-start
			if do(i) {
				wins.Add(1)
			}
		})
	}
	close(start)
	wg.Wait()
	return int(wins.Load())
}

func TestReserveStorage_NeverMoreThanTheQuota(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		u := newUser(t, db, "ann")
		wins := race(t, 30, func(int) bool {
			ok, err := db.ReserveStorage(t.Context(), u.ID, 10, 105)
			if err != nil {
				t.Error(err)
			}
			return ok
		})
		wantEqual(t, "reservations", wins, 10)
		must(t, db.ReleaseStorage(t.Context(), u.ID, 100))
		for _, c := range []struct {
			size int64
			want bool
		}{{106, false}, {-1, false}, {105, true}, {1, false}, {0, true}} {
			ok, err := db.ReserveStorage(t.Context(), u.ID, c.size, 105)
			must(t, err)
			wantEqual(t, "reserving", ok, c.want)
		}
		got, err := db.UserByID(t.Context(), u.ID)
		must(t, err)
		wantEqual(t, "storage used", got.StorageUsed, 105)
		ok, err := db.ReserveStorage(t.Context(), "NOBODY", 1, 100)
		must(t, err)
		wantEqual(t, "reserving for nobody", ok, false)
	})
}

func TestSetAvatar_EachOldOneIsReturnedOnce(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		u := newUser(t, db, "ann")
		keys := shuffledIDs(8)
		olds := make([]models.BlobKey, len(keys))
		race(t, len(keys), func(i int) bool {
			var err error
			olds[i], err = db.SetAvatar(t.Context(), u.ID, models.BlobKey(keys[i]), "image/png", noon)
			if err != nil {
				t.Error(err)
			}
			return true
		})
		got, err := db.UserByID(t.Context(), u.ID)
		must(t, err)
		seen := map[models.BlobKey]int{got.Avatar: 1}
		for _, old := range olds {
			seen[old]++
		}
		for key, n := range seen {
			if n != 1 {
				t.Errorf("the avatar %s was returned %d times", key, n)
			}
		}
		wantEqual(t, "avatars seen", len(seen), len(keys)+1)
	})
}
