package database_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/database/databasetest"
	"example.org/cloakroom/internal/models"
)

func TestAuditEvents_AreOneChainUnderConcurrency(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		const events = 40
		var all sync.WaitGroup
		for range events {
			all.Go(func() {
				e := models.Actor{}.Did("test.act", "user:A", "why")
				e.At = time.Date(2026, 1, 2, 3, 4, 5, 6000, time.UTC)
				if err := db.AppendAuditEvent(t.Context(), e); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		failed := errors.New("no")
		err := db.Tx(t.Context(), func(tx *database.DB) error {
			return errors.Join(tx.AppendAuditEvent(t.Context(), models.AuditEvent{At: time.Now()}), failed)
		})
		if !errors.Is(err, failed) {
			t.Error(err)
		}
		found, err := db.AuditEventsAfter(t.Context(), 0, events+1)
		if err != nil || len(found) != events {
			t.Fatalf("%d events, %v", len(found), err)
		}
		before := ""
		for i, e := range found {
			if e.Seq != int64(i+1) || e.Hash != e.HashAfter(before) {
				t.Errorf("event %d has the number %d and the hash %s", i+1, e.Seq, e.Hash)
			}
			before = e.Hash
		}
	})
}

func TestAuditEvents_DoNotChange(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		if err := db.AppendAuditEvent(t.Context(), models.AuditEvent{At: time.Now(), Action: "test.act"}); err != nil {
			t.Fatal(err)
		}
		if err := db.Exec(t.Context(), `UPDATE audit_events SET action = 'other'`); err == nil {
			t.Error("an audit event was changed")
		}
	})
}
