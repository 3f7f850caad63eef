package database_test

import (
	"sync"
	"sync/atomic"
	"testing"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/database/databasetest"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// Of many uses of a passkey with the same count, one succeeds. A passkey that does not
// count can be used again, but one that has counted cannot stop counting.
func TestUsePasskey_CountsOnce(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ann := newUser(t, db, "ann")
		key := models.Passkey{ID: models.NewPasskeyID(), UserID: ann.ID, CredentialID: "credential", Name: "phone",
			Record: []byte("{}"), CreatedAt: ann.CreatedAt}
		if made, err := db.CreatePasskey(t.Context(), &key, 1); err != nil || !made {
			t.Fatalf("CreatePasskey = %v, %v", made, err)
		}
		use := func(count int64) error {
			return db.UsePasskey(t.Context(), ann.ID, key.CredentialID, count, ann.CreatedAt)
		}
		for range 2 {
			if err := use(0); err != nil {
				t.Errorf("one that does not count: %v", err)
			}
		}
		var used atomic.Int32
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				if err := use(7); err == nil {
					used.Add(1)
				} else if problem.KindOf(err) != problem.NotFound {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if used.Load() != 1 {
			t.Errorf("used %d times at the same count", used.Load())
		}
		for _, count := range []int64{0, 6, 7} {
			if err := use(count); problem.KindOf(err) != problem.NotFound {
				t.Errorf("back to %d: %v", count, err)
			}
		}
		if err := use(8); err != nil {
			t.Errorf("on to 8: %v", err)
		}
	})
}
