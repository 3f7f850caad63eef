package database_test

import (
	"errors"
	"strconv"
	"sync"
	"testing"
	"time"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/database/databasetest"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// newShare makes a share of the post with that many places.
func newShare(t *testing.T, db *database.DB, owner models.User, post models.PostID, places int) models.Share {
	t.Helper()
	expires := noon.Add(7 * 24 * time.Hour)
	s := models.Share{
		ID: models.NewShareID(), OwnerID: owner.ID, PostID: &post, Hash: models.NewSecret().Hash(), Sealed: []byte("sealed"),
		Permission: models.ShareDownload, MaxPickups: places, CreatedAt: noon, UpdatedAt: noon, ExpiresAt: &expires,
	}
	made, err := db.CreateShare(t.Context(), &s, nil, models.MaxShares)
	must(t, err)
	if !made {
		t.Fatal("no share was made")
	}
	return s
}

// pickup returns a new pickup of the share by a holder at a network.
func pickup(s models.Share, holder models.SecretHash, network string) models.Pickup {
	return models.Pickup{
		ID: models.NewPickupID(), ShareID: s.ID, Holder: holder, Network: network, Place: "192.0.2.0/24", Browser: "Firefox",
		CreatedAt: noon, ExpiresAt: noon.Add(models.PickupLife),
	}
}

// take takes a place, and returns the pickup and whether it was free.
func take(t *testing.T, db *database.DB, s models.Share, p models.Pickup, now time.Time) (models.Pickup, bool, bool) {
	t.Helper()
	first, err := db.TakePickup(t.Context(), s, &p, now)
	if err != nil && problem.KindOf(err) != problem.NotFound {
		t.Fatal(err)
	}
	return p, first, err == nil
}

func pickedUp(t *testing.T, db *database.DB, s models.Share) int {
	t.Helper()
	v, err := db.ShareOf(t.Context(), s.OwnerID, s.ID)
	must(t, err)
	return v.PickedUp
}

func TestTakePickup_GivesEachPlaceOnce(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		const places, visitors = 10, 100
		mara := newUser(t, db, "mara")
		s := newShare(t, db, mara, newPost(t, db, mara, noon, models.Private).ID, places)
		var wait sync.WaitGroup
		took := make(chan bool, visitors)
		for range visitors {
			wait.Go(func() {
				p := pickup(s, models.NewSecret().Hash(), "net")
				first, err := db.TakePickup(t.Context(), s, &p, noon)
				if err != nil && problem.KindOf(err) != problem.NotFound {
					t.Error(err)
				}
				took <- first && err == nil
			})
		}
		wait.Wait()
		close(took)
		n := 0
		for one := range took {
			if one {
				n++
			}
		}
		if got := pickedUp(t, db, s); n != places || got != places {
			t.Errorf("%d of %d visitors got one of %d places, and the share counts %d", n, visitors, places, got)
		}
	})
}

func TestTakePickup_OneVisitorTakesOnePlace(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		mara := newUser(t, db, "mara")
		s := newShare(t, db, mara, newPost(t, db, mara, noon, models.Private).ID, 2)
		holder := models.NewSecret().Hash()
		var wait sync.WaitGroup
		for range 20 {
			wait.Go(func() {
				p := pickup(s, holder, "net")
				if _, err := db.TakePickup(t.Context(), s, &p, noon); err != nil {
					t.Error(err)
				}
			})
		}
		wait.Wait()
		if got := pickedUp(t, db, s); got != 1 {
			t.Errorf("20 parallel requests of one visitor took %d places", got)
		}
		if _, first, ok := take(t, db, s, pickup(s, holder, "net"), noon.Add(models.PickupLife-time.Microsecond)); first || !ok {
			t.Error("within its life, a pickup goes on")
		}
		if _, first, ok := take(t, db, s, pickup(s, holder, "net"), noon.Add(models.PickupLife)); !first || !ok {
			t.Error("after its life, a visitor takes another place")
		}
		if _, _, ok := take(t, db, s, pickup(s, models.NewSecret().Hash(), "net"), noon); ok {
			t.Error("a third place was taken of two")
		}
	})
}

func TestTakePickup_NeedsAnOpenShare(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		mara := newUser(t, db, "mara")
		post := newPost(t, db, mara, noon, models.Private).ID
		s := newShare(t, db, mara, post, 0)
		if _, _, ok := take(t, db, s, pickup(s, "a", "net"), s.ExpiresAt.Add(-time.Microsecond)); !ok {
			t.Error("a share opens until it expires")
		}
		if _, _, ok := take(t, db, s, pickup(s, "b", "net"), *s.ExpiresAt); ok {
			t.Error("a share opened that has expired")
		}
		old := s
		s.Password = "$argon2id$"
		must(t, db.UpdateShare(t.Context(), &s, nil))
		if _, _, ok := take(t, db, old, pickup(s, "c", "net"), noon); ok {
			t.Error("a new password must end what the old one opened")
		}
		s = newShare(t, db, mara, post, 0)
		must(t, db.RevokeShare(t.Context(), mara.ID, s.ID, noon))
		if _, _, ok := take(t, db, s, pickup(s, "d", "net"), noon); ok {
			t.Error("a revoked share opened")
		}
	})
}

func TestPickupOf_FindsByCookieElseByNetwork(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		mara := newUser(t, db, "mara")
		s := newShare(t, db, mara, newPost(t, db, mara, noon, models.Private).ID, 0)
		mine, _, _ := take(t, db, s, pickup(s, "mine", "near"), noon)
		begun := models.Download{
			PickupID: mine.ID, Item: "FILE", ShareID: s.ID, Name: "a.txt", Size: 100, Sent: 40, CreatedAt: noon, LastAt: noon,
		}
		must(t, db.BeginDownload(t.Context(), begun))
		must(t, db.EndDownload(t.Context(), begun, false))
		whole := begun
		whole.Item, whole.Sent = "WHOLE", 100
		must(t, db.BeginDownload(t.Context(), whole))
		must(t, db.EndDownload(t.Context(), whole, true))
		for _, c := range []struct {
			holder  models.SecretHash
			network string
			item    models.FileID
			at      time.Duration
			finds   bool
		}{
			{"mine", "", "", 0, true},
			{"mine", "", "", models.PickupLife, false},
			{"", "near", "FILE", 0, true},
			{"", "near", "FILE", models.PickupLife, false},
			{"", "near", "OTHER", 0, false},
			{"", "near", "WHOLE", models.ResumeGrace - time.Microsecond, true},
			{"", "near", "WHOLE", models.ResumeGrace, false},
			{"", "near", "", 0, false}, // the zip
			{"", "far", "FILE", 0, false},
			{"", "", "FILE", 0, false},
			{"other", "", "FILE", 0, false},
		} {
			got, err := db.PickupOf(t.Context(), s.ID, c.holder, c.network, c.item, noon.Add(c.at))
			if found := err == nil && got.ID == mine.ID; found != c.finds {
				t.Errorf("%+v: found %v (%v)", c, found, err)
			}
		}
	})
}

func giveBack(t *testing.T, db *database.DB, p models.Pickup, sent int64) {
	t.Helper()
	_, err := db.GiveBackPickup(t.Context(), p, sent, models.PickupBytes)
	must(t, err)
}

func TestGiveBackPickup(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		mara := newUser(t, db, "mara")
		post := newPost(t, db, mara, noon, models.Private).ID
		s := newShare(t, db, mara, post, 1)
		p, _, _ := take(t, db, s, pickup(s, "bot", "net"), noon)
		giveBack(t, db, p, 100)
		giveBack(t, db, p, 100) // twice is once
		if got := pickedUp(t, db, s); got != 0 {
			t.Errorf("%d places are taken after one was given back", got)
		}
		if _, first, ok := take(t, db, s, pickup(s, "bot", "net"), noon); !first || !ok {
			t.Error("who gave a place back can take one again")
		}

		s = newShare(t, db, mara, post, 1)
		p, _, _ = take(t, db, s, pickup(s, "two", "net"), noon)
		take(t, db, s, pickup(s, "two", "net"), noon)
		giveBack(t, db, p, 0)
		if got := pickedUp(t, db, s); got != 1 {
			t.Error("a place was given back that a second request uses")
		}
	})
}

// Else a share could be read for nothing, in pieces that each end too soon.
func TestGiveBackPickup_EndsOnceANetworkHasTakenEnough(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		mara := newUser(t, db, "mara")
		s := newShare(t, db, mara, newPost(t, db, mara, noon, models.Private).ID, 0)
		const piece = models.PickupBytes / 4
		for i := range 6 {
			p, _, _ := take(t, db, s, pickup(s, models.SecretHash("holder"+strconv.Itoa(i)), "net"), noon)
			giveBack(t, db, p, piece)
		}
		if got := pickedUp(t, db, s); got != 3 {
			t.Errorf("6 requests of a quarter each took %d places, want 3: the first three are free", got)
		}
	})
}

func TestDownloads(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		mara, other := newUser(t, db, "mara"), newUser(t, db, "other")
		s := newShare(t, db, mara, newPost(t, db, mara, noon, models.Private).ID, 0)
		p, _, _ := take(t, db, s, pickup(s, "mine", "net"), noon)
		d := models.Download{PickupID: p.ID, Item: "FILE", ShareID: s.ID, Name: "a.txt", Size: 100, Sent: 40, CreatedAt: noon, LastAt: noon}
		must(t, db.BeginDownload(t.Context(), d))
		must(t, db.BeginDownload(t.Context(), d))
		must(t, db.EndDownload(t.Context(), d, true))
		got, err := db.DownloadsOfShare(t.Context(), mara.ID, s.ID, 10)
		must(t, err)
		if len(got) != 1 || got[0].Running != 1 || got[0].Sent != 40 || got[0].Complete {
			t.Errorf("while one of two requests runs: %+v", got)
		}
		d.Sent, d.LastAt = 60, noon.Add(time.Minute)
		must(t, db.EndDownload(t.Context(), d, true))
		got, err = db.DownloadsOfPost(t.Context(), mara.ID, *s.PostID, 10)
		must(t, err)
		if ofFile, err := db.DownloadsOfFile(t.Context(), mara.ID, "FILE", 10); err != nil || len(ofFile) != 1 {
			t.Errorf("the log of the file: %v, %v", ofFile, err)
		}
		if len(got) != 1 || got[0].Running != 0 || got[0].Sent != 100 || !got[0].Complete ||
			!got[0].CreatedAt.Equal(noon) || !got[0].LastAt.Equal(d.LastAt) ||
			got[0].Place != p.Place || got[0].Browser != p.Browser {
			t.Errorf("the log is %+v", got)
		}
		ofShare, err1 := db.DownloadsOfShare(t.Context(), other.ID, s.ID, 10)
		ofPost, err2 := db.DownloadsOfPost(t.Context(), other.ID, *s.PostID, 10)
		ofFile, err3 := db.DownloadsOfFile(t.Context(), other.ID, "FILE", 10)
		if must(t, errors.Join(err1, err2, err3)); len(ofShare)+len(ofPost)+len(ofFile) != 0 {
			t.Errorf("another user reads the log: %v, %v, %v", ofShare, ofPost, ofFile)
		}
		if n, err := db.DeletePickups(t.Context(), noon, 10); err != nil || n != 0 {
			t.Errorf("%d pickups were removed too soon (%v)", n, err)
		}
		if n, err := db.DeletePickups(t.Context(), noon.Add(time.Microsecond), 10); err != nil || n != 1 {
			t.Errorf("%d pickups were removed (%v)", n, err)
		}
		if got, _ := db.DownloadsOfShare(t.Context(), mara.ID, s.ID, 10); len(got) != 0 {
			t.Error("the log outlives its pickups")
		}
	})
}
