package certificates_test

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"example.org/cloakroom/internal/certificates"
	"example.org/cloakroom/internal/database/databasetest"
)

// Run reads the database at its start, when it is woken, when a certificate is due and every
// hour.
func TestRun_SleepsUntilSomethingIsDue(t *testing.T) {
	databasetest.EachMigratedURL(t, func(t *testing.T, url string) {
		synctest.Test(t, func(t *testing.T) {
			db := databasetest.Open(t, url)
			var shift atomic.Int64
			now := func() time.Time { return time.Now().Add(time.Duration(shift.Load())) }
			n := open(t, certificates.Options{Mode: certificates.SelfSigned, Hosts: []string{host}}, db, now)
			ended := make(chan struct{})
			go func() { n.Run(t.Context()); close(ended) }()
			t.Cleanup(func() { <-ended })
			pass := func(d time.Duration) { <-time.After(d) }
			pass(30 * time.Minute)
			reads, writes := db.Statements()
			pass(29 * time.Minute)
			if r, w := db.Statements(); r != reads || w != writes {
				t.Errorf("asleep: %d reads, %d writes", r-reads, w-writes)
			}
			if err := n.Wake(t.Context()); err != nil {
				t.Fatal(err)
			}
			pass(time.Second)
			if r, w := db.Statements(); r == reads || w != writes {
				t.Errorf("woken: %d reads, %d writes", r-reads, w-writes)
			}
			// It is due half an hour after a full hour, when nothing else is.
			const left = 31 * time.Minute
			first := n.CachedStates()[0].Serial
			shift.Store(int64(time.Until(n.Due()) - left))
			if err := n.Wake(t.Context()); err != nil {
				t.Fatal(err)
			}
			pass(left - time.Second)
			if n.CachedStates()[0].Serial != first {
				t.Error("renewed before it is due")
			}
			pass(2 * time.Second)
			if n.CachedStates()[0].Serial == first {
				t.Error("not renewed when it is due")
			}
		})
	})
}
