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
			began, shift := time.Now(), atomic.Int64{}
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
			// The certificate is renewed at some time of the three days after this one.
			first := n.CachedStates()[0]
			shift.Store(int64(time.Until(first.NotAfter) - 30*24*time.Hour - 77*time.Minute))
			if err := n.Wake(t.Context()); err != nil {
				t.Fatal(err)
			}
			for range 75 * 60 {
				pass(time.Minute)
				if n.CachedStates()[0].Serial != first.Serial {
					break
				}
			}
			// The hourly look would find it at a full hour.
			if since := time.Since(began) % time.Hour; n.CachedStates()[0].Serial == first.Serial || since < time.Minute {
				t.Errorf("renewed %v after a full hour, or not at all", since)
			}
		})
	})
}
