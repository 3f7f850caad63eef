package database_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/database/databasetest"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

func TestCertificateEntries(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx := t.Context()
		entry := models.CertificateEntry{Authority: "a", Name: "files.example.org", Sealed: []byte{0, 1, 255}, UpdatedAt: noon}
		must(t, db.PutCertificateEntry(ctx, &entry))
		entry.Sealed, entry.UpdatedAt = []byte{2}, noon.Add(time.Hour)
		must(t, db.PutCertificateEntry(ctx, &entry))
		got, err := db.CertificateEntry(ctx, "a", entry.Name)
		must(t, err)
		if string(got.Sealed) != "\x02" || !got.UpdatedAt.Equal(entry.UpdatedAt) {
			t.Errorf("got %+v, want what was put last", got)
		}
		if _, err := db.CertificateEntry(ctx, "b", entry.Name); problem.KindOf(err) != problem.NotFound {
			t.Errorf("another authority's: %v, want not found", err)
		}
		for _, name := range []string{"token+http-01", "files.example.org+token"} {
			must(t, db.PutCertificateEntry(ctx, &models.CertificateEntry{Authority: "a", Name: name, Sealed: []byte{3}, UpdatedAt: noon}))
		}
		must(t, db.DeleteCertificateAnswers(ctx, "+http-01", "+token", noon.Add(2*time.Hour)))
		all, err := db.CertificateEntries(ctx, "a")
		must(t, err)
		if len(all) != 1 || all[0].Name != entry.Name {
			t.Errorf("left are %+v, want the certificate", all)
		}
		must(t, db.DeleteCertificateEntry(ctx, "a", entry.Name))
		must(t, db.DeleteCertificateEntry(ctx, "a", entry.Name))
		failure := models.CertificateFailure{Authority: "a", Name: "x", Message: "no", Tries: 1, Ordered: true, FailedAt: noon, NextAt: noon}
		must(t, db.PutCertificateFailure(ctx, &failure))
		failure.Tries, failure.Ordered = 2, false
		must(t, db.PutCertificateFailure(ctx, &failure))
		failures, err := db.CertificateFailures(ctx, "a")
		must(t, err)
		if len(failures) != 1 || failures[0].Tries != 2 || failures[0].Ordered {
			t.Errorf("failures are %+v", failures)
		}
		must(t, db.DeleteCertificateFailure(ctx, "a", "x"))
	})
}

func TestLease_HasOneHolder(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx := t.Context()
		var taken atomic.Int32
		var all sync.WaitGroup
		for i := range 20 {
			all.Go(func() {
				ok, err := db.TakeLease(ctx, "orders", fmt.Sprint(i), noon, noon.Add(time.Minute))
				if err != nil {
					t.Error(err)
				}
				if ok {
					taken.Add(1)
				}
			})
		}
		all.Wait()
		if taken.Load() != 1 {
			t.Fatalf("%d hold the lease at once, want 1", taken.Load())
		}
		take := func(holder string, at time.Time) bool {
			t.Helper()
			ok, err := db.TakeLease(ctx, "one", holder, at, at.Add(time.Minute))
			must(t, err)
			return ok
		}
		if !take("a", noon) || !take("a", noon.Add(0)) || take("b", noon.Add(59*time.Second)) {
			t.Error("the lease is not its holder's")
		}
		if !take("b", noon.Add(time.Minute)) || take("a", noon.Add(time.Minute)) {
			t.Error("a lease that is over is not given on")
		}
		must(t, db.ReleaseLease(ctx, "one", "a"))
		if take("a", noon.Add(time.Minute)) {
			t.Error("a lease was given back by one who had it not")
		}
		must(t, db.ReleaseLease(ctx, "one", "b"))
		if !take("a", noon.Add(time.Minute)) {
			t.Error("a lease that was given back is not free")
		}
	})
}
