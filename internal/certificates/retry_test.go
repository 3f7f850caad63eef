package certificates_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"example.org/cloakroom/internal/certificates"
	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/database/databasetest"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// Of concurrent calls, one ends the wait, and then there is another attempt. A wait
// that the authority set cannot be ended.
func TestRetry(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		clock := newClock()
		n := open(t, localOptions("dev.example.org"), db, clock.now)
		refreshed := func() time.Time {
			t.Helper()
			if err := n.Refresh(t.Context()); err != nil {
				t.Fatal(err)
			}
			return n.state(t).NotAfter
		}
		first := refreshed()
		clock.advance(65 * 24 * time.Hour) // due for renewal
		fail := func(ordered bool) {
			t.Helper()
			f := models.CertificateFailure{
				Authority: "local", Name: "dev.example.org", Message: "Away.", Tries: 3, Ordered: ordered,
				FailedAt: clock.now(), NextAt: clock.now().Add(time.Hour),
			}
			if err := db.PutCertificateFailure(t.Context(), &f); err != nil {
				t.Fatal(err)
			}
			if !refreshed().Equal(first) {
				t.Fatal("there is no wait after a failure")
			}
		}
		try := func(name string) error { return n.Retry(context.Background(), models.Actor{}, name) }
		fail(true)
		if s := n.state(t); !s.Ordered || s.MayRetry(clock.now()) || problem.KindOf(try(s.Name)) != problem.Conflict {
			t.Errorf("a wait set by the authority can be ended: %+v", s)
		}
		fail(false)
		if s := n.state(t); !s.MayRetry(clock.now()) || s.NextAt.Sub(clock.now().Add(time.Hour)).Abs() > time.Millisecond {
			t.Errorf("the state does not show the wait: %+v", s)
		}
		if err := try("evil.example.org"); problem.KindOf(err) != problem.NotFound {
			t.Errorf("for another name: %v", err)
		}
		var group sync.WaitGroup
		var ended atomic.Int32
		for range 10 {
			group.Go(func() {
				switch err := try("dev.example.org"); {
				case err == nil:
					ended.Add(1)
				case problem.KindOf(err) != problem.Conflict:
					t.Error(err)
				}
			})
		}
		group.Wait()
		events, err := db.AuditEventsAfter(t.Context(), 0, 100)
		if err != nil || ended.Load() != 1 || len(events) != 1 || events[0].Action != certificates.ActionRetry ||
			events[0].Object != "certificate:dev.example.org" {
			t.Errorf("the wait ended %d times, audited as %+v, %v", ended.Load(), events, err)
		}
		if refreshed().Equal(first) {
			t.Error("there was no other attempt")
		}
		if s := n.state(t); s.LastError != "" || s.MayRetry(clock.now()) {
			t.Errorf("after success: %+v", s)
		}
	})
}
