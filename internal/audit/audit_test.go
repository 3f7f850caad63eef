package audit_test

import (
	"testing"
	"time"

	"example.org/cloakroom/internal/audit"
	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/database/databasetest"
	"example.org/cloakroom/internal/models"
)

// Whatever is done to the log behind our back, the check says so.
func TestVerify_FindsWhatWasChanged(t *testing.T) {
	for name, change := range map[string]string{
		"nothing":           ``,
		"an event changed":  `DROP TRIGGER audit_events_unchanged; UPDATE audit_events SET detail = 'other' WHERE seq = 2`,
		"one was removed":   `DELETE FROM audit_events WHERE seq = 2`,
		"the first was":     `DELETE FROM audit_events WHERE seq = 1`,
		"the last was":      `DELETE FROM audit_events WHERE seq = 3`,
		"all were":          `DELETE FROM audit_events`,
		"the head was lost": `UPDATE audit_head SET hash = 'other'`,
	} {
		t.Run(name, func(t *testing.T) {
			db := databasetest.New(t)
			for _, detail := range []string{"one", "two", "three"} {
				e := models.Actor{}.Did("test.act", "user:A", detail)
				e.At = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
				if err := db.AppendAuditEvent(t.Context(), e); err != nil {
					t.Fatal(err)
				}
			}
			behind(t, db, change)
			found, err := (&audit.Service{DB: db, Now: time.Now}).Verify(t.Context())
			if whole := change == ""; whole != (err == nil) || whole != (found.Events == 3) {
				t.Errorf("the check says %v %+v", err, found)
			}
		})
	}
}

// behind changes the database as one does who has its file.
func behind(t *testing.T, db *database.DB, change string) {
	t.Helper()
	if _, err := db.SQLPool().ExecContext(t.Context(), change); err != nil {
		t.Fatal(err)
	}
}
