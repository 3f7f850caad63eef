package database_test

import (
	"cmp"
	"slices"
	"strings"
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

// Each filter in each order, in pages, gives the users that one query for all of them gives.
func TestUsers_AreThoseOfTheFilterInOrder(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		must(t, databasetest.Fill(t.Context(), db, databasetest.Size{Users: 200, Posts: 1, Comments: 1, Events: 1}))
		some := func(set, which string) {
			_, err := db.SQLPool().ExecContext(t.Context(), `UPDATE users SET `+set+` WHERE username_key LIKE `+which)
			must(t, err)
		}
		some(`role = 'moderator'`, `'%3'`)
		some(`suspended_at = created_at`, `'%_3' OR username_key LIKE '%7'`)
		all, err := db.Users(t.Context(), models.UserFilter{Sort: models.SortNewest}, 1000)
		must(t, err)
		wantEqual(t, "users", len(all), 200)
		orders := map[models.UserSort]func(a, b models.User) int{
			models.SortNewest: func(a, b models.User) int { return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), cmp.Compare(b.ID, a.ID)) },
			models.SortStorage: func(a, b models.User) int {
				return cmp.Or(cmp.Compare(b.StorageUsed, a.StorageUsed), cmp.Compare(b.ID, a.ID))
			},
			models.SortUsername: func(a, b models.User) int { return cmp.Compare(a.Username, b.Username) },
		}
		for _, f := range []models.UserFilter{
			{}, {Role: models.RoleModerator}, {Role: models.RoleUser}, {Role: models.RoleAdmin}, {Tier: models.TierPro}, {Tier: models.TierFree},
			{Suspended: true}, {Suspended: true, Role: models.RoleModerator}, {Suspended: true, Tier: models.TierPro},
			{Role: models.RoleModerator, Tier: models.TierPro}, {Role: models.RoleUser, Tier: models.TierPro, Suspended: true},
			{Text: "user_1", Role: models.RoleModerator}, {Text: "user_1", Suspended: true}, {Text: "user_10", Tier: models.TierPro},
		} {
			for sort, order := range orders {
				if f.Sort = sort; f.Text != "" {
					order = orders[models.SortUsername]
				}
				var want, got []models.UserID
				for _, u := range slices.SortedFunc(slices.Values(all), order) {
					if (f.Role == "" || u.Role == f.Role) && (f.Tier == "" || u.Tier == f.Tier) && (!f.Suspended || u.SuspendedAt != nil) &&
						strings.HasPrefix(strings.ToLower(string(u.Username)), f.Text) {
						want = append(want, u.ID)
					}
				}
				for f.After = ""; ; f.After = got[len(got)-1] {
					page, err := db.Users(t.Context(), f, 7)
					must(t, err)
					for _, u := range page {
						got = append(got, u.ID)
					}
					if len(page) < 7 {
						break
					}
				}
				if !slices.Equal(got, want) {
					t.Errorf("%+v: got %d, want %d\n%v\n%v", f, len(got), len(want), got, want)
				}
			}
		}
	})
}

// Strangers can ask for a reset link, at the same time too. A user is sent one in the pause.
func TestTakeResetMail(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		u := newUser(t, db, "ann")
		take := func(at time.Time) bool {
			taken, err := db.TakeResetMail(t.Context(), u.ID, at, at.Add(-time.Minute))
			if err != nil {
				t.Error(err)
			}
			return taken
		}
		wantEqual(t, "without a verified address", take(noon), false)
		must(t, db.Exec(t.Context(), `UPDATE users SET email_verified_at = created_at`))
		try := func() (bool, error) { return take(noon), nil }
		wantEqual(t, "at the same time", atOnce(t, try, try, try, try), 1)
		wantEqual(t, "a moment before the pause ends", take(noon.Add(time.Minute-time.Microsecond)), false)
		wantEqual(t, "when the pause ends", take(noon.Add(time.Minute)), true)
		must(t, db.SuspendUser(t.Context(), u.ID, noon))
		wantEqual(t, "suspended", take(noon.Add(time.Hour)), false)
	})
}
