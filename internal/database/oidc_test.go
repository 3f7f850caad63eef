package database_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/database/databasetest"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// atOnce runs all functions at once and returns how many reported true.
func atOnce(t *testing.T, all ...func() (bool, error)) int {
	t.Helper()
	var wg sync.WaitGroup
	var n atomic.Int32
	start := make(chan struct{})
	for _, one := range all {
		wg.Go(func() {
			<-start
			did, err := one()
			if err != nil {
				t.Error(err)
			}
			if did {
				n.Add(1)
			}
		})
	}
	close(start)
	wg.Wait()
	return int(n.Load())
}

// If many users link one identity at once, one gets it; and no user gets more
// identities than allowed.
func TestLinkOwnIdentity_OneUser_AndNotTooMany(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		var rivals, own []func() (bool, error)
		for i := range 8 {
			u := newUser(t, db, models.Username(fmt.Sprint("user", i)))
			rivals = append(rivals, func() (bool, error) {
				return db.LinkOwnIdentity(t.Context(), u.ID, "https://example.org", "1", 10, noon)
			})
		}
		if n := atOnce(t, rivals...); n != 1 {
			t.Errorf("%d users have one identity", n)
		}
		ann := newUser(t, db, "ann")
		for i := range 8 {
			own = append(own, func() (bool, error) {
				return db.LinkOwnIdentity(t.Context(), ann.ID, "https://example.org", fmt.Sprint("ann", i), 3, noon)
			})
		}
		if n := atOnce(t, own...); n != 3 {
			t.Errorf("they have %d links", n)
		}
		eve := newUser(t, db, "eve")
		if err := db.SuspendUser(t.Context(), eve.ID, noon); err != nil {
			t.Fatal(err)
		}
		if made, err := db.LinkOwnIdentity(t.Context(), eve.ID, "https://example.org", "eve", 3, noon); err != nil || made {
			t.Errorf("a suspended user: %v %v", made, err)
		}
	})
}

// If a user removes their last two ways to sign in at once, one remains.
func TestUnlink_LeavesAWayIn(t *testing.T) {
	const provider = "https://example.org"
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		for i := range 5 {
			name := models.Username(fmt.Sprint("user", i))
			u := models.User{ID: models.NewUserID(), Username: name, UsernameKey: name.Key(), Role: models.RoleUser, Tier: models.TierFree,
				CreatedAt: noon, UpdatedAt: noon, NoPassword: true}
			must(t, db.CreateUser(t.Context(), &u))
			a, b := fmt.Sprint("a", i), fmt.Sprint("b", i)
			for _, subject := range []string{a, b} {
				if err := db.LinkIdentity(t.Context(), u.ID, provider, subject, noon); err != nil {
					t.Fatal(err)
				}
			}
			unlink := func(subject string) func() (bool, error) {
				return func() (bool, error) { return db.Unlink(t.Context(), u.ID, provider, subject, provider, noon) }
			}
			if n := atOnce(t, unlink(a), unlink(b)); n != 1 {
				t.Errorf("of two links %d were taken away", n)
			}
			left, err := db.LinksOf(t.Context(), u.ID)
			if err != nil || len(left) != 1 {
				t.Fatalf("%d links are left, %v", len(left), err)
			}
			key := models.Passkey{ID: models.NewPasskeyID(), UserID: u.ID, CredentialID: fmt.Sprint("key", i), Name: "key",
				Record: []byte("{}"), CreatedAt: noon}
			if made, err := db.CreatePasskey(t.Context(), &key, 5); err != nil || !made {
				t.Fatal(made, err)
			}
			n := atOnce(t, unlink(left[0].Subject), func() (bool, error) { return db.DeletePasskey(t.Context(), u.ID, key.ID, provider) })
			if n != 1 {
				t.Errorf("of a link and a passkey %d were taken away", n)
			}
		}
	})
}

// An identity that was unlinked, or is another user's, cannot be used.
func TestUseIdentity_OfTheUserAlone(t *testing.T) {
	const provider = "https://example.org"
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ann, bob := newUser(t, db, "ann"), newUser(t, db, "bob")
		must(t, db.LinkIdentity(t.Context(), ann.ID, provider, "1", noon))
		must(t, db.UseIdentity(t.Context(), ann.ID, provider, "1", noon))
		if err := db.UseIdentity(t.Context(), bob.ID, provider, "1", noon); problem.KindOf(err) != problem.NotFound {
			t.Errorf("by somebody else: %v", err)
		}
		if gone, err := db.Unlink(t.Context(), bob.ID, provider, "1", provider, noon); gone || problem.KindOf(err) != problem.NotFound {
			t.Errorf("taken away by somebody else: %v, %v", gone, err)
		}
		if gone, err := db.Unlink(t.Context(), ann.ID, provider, "1", provider, noon); err != nil || !gone {
			t.Errorf("taken away: %v, %v", gone, err)
		}
		if err := db.UseIdentity(t.Context(), ann.ID, provider, "1", noon); problem.KindOf(err) != problem.NotFound {
			t.Errorf("after it was taken away: %v", err)
		}
	})
}
