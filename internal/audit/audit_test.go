package audit_test

import (
	"bytes"
	"log/slog"
	"net/netip"
	"strings"
	"testing"
	"time"

	"example.org/cloakroom/internal/audit"
	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/database/databasetest"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/seal"
)

// start is the time of the first event.
var start = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// A log is an audit log with a clock that the test sets.
type log struct {
	*audit.Service
	t   *testing.T
	at  time.Time
	out *bytes.Buffer
}

func newLog(t *testing.T, db *database.DB, key models.Secret) *log {
	t.Helper()
	signer, err := seal.NewSigner(key, "audit log")
	if err != nil {
		t.Fatal(err)
	}
	l := &log{t: t, at: start, out: new(bytes.Buffer)}
	l.Service = &audit.Service{
		DB: db, Signer: signer, Keep: 0, Log: slog.New(slog.NewTextHandler(l.out, nil)), Now: func() time.Time { return l.at },
	}
	return l
}

const siteKey = "the site key of the tests, forty letters"

// add appends an event for each detail, by a visitor from the network.
func (l *log) add(details ...string) {
	l.t.Helper()
	who := models.Actor{Client: models.Client{Addr: netip.MustParseAddr("192.0.2.7")}}
	for _, detail := range details {
		e := who.Did("test.act", "user:A", detail)
		e.At = l.at
		if err := l.DB.AppendAuditEvent(l.t.Context(), e); err != nil {
			l.t.Fatal(err)
		}
	}
}

func (l *log) mark() {
	l.t.Helper()
	if err := l.Mark(l.t.Context(), models.MarkAudit{}); err != nil {
		l.t.Fatal(err)
	}
}

func (l *log) wantIntact(want audit.Verified) {
	l.t.Helper()
	got, err := l.Verify(l.t.Context())
	if got.Hash = ""; err != nil || got != want {
		l.t.Errorf("Verify returns %+v, %v; want %+v", got, err, want)
	}
}

func (l *log) wantBroken(why string) {
	l.t.Helper()
	if got, err := l.Verify(l.t.Context()); err == nil || !strings.Contains(err.Error(), why) {
		l.t.Errorf("Verify returns %+v, %v; want %q", got, err, why)
	}
}

// Verify detects every direct change of the tables.
func TestVerify_DetectsTampering(t *testing.T) {
	const free = `DROP TRIGGER audit_events_unchanged;`
	for name, change := range map[string]string{
		"nothing":              ``,
		"an event is changed":  free + `UPDATE audit_events SET detail = 'other' WHERE seq = 2`,
		"an event is removed":  `DELETE FROM audit_events WHERE seq = 2`,
		"the first is removed": `DELETE FROM audit_events WHERE seq = 1`,
		"the last is removed":  `DELETE FROM audit_events WHERE seq = 3`,
		"all are removed":      `DELETE FROM audit_events`,
		"the head is changed":  `UPDATE audit_head SET hash = 'other'`,
		"the end is rolled back": `DELETE FROM audit_events WHERE seq = 3; ` +
			`UPDATE audit_head SET seq = 2, hash = (SELECT hash FROM audit_events WHERE seq = 2)`,
		"a mark is moved":      `UPDATE audit_marks SET seq = 2`,
		"a mark becomes a cut": `UPDATE audit_marks SET cut = TRUE; DELETE FROM audit_events`,
		"a mark is forged":     `UPDATE audit_marks SET signature = x'00'`,
		"a mark is backdated":  `UPDATE audit_marks SET at = '2020-01-01 00:00:00+00:00'`,
	} {
		t.Run(name, func(t *testing.T) {
			l := newLog(t, databasetest.New(t), siteKey)
			l.add("one", "two", "three")
			l.mark()
			tamper(t, l.DB, change)
			if change == "" {
				l.wantIntact(audit.Verified{Events: 3, Last: 3, Signed: 3})
				return
			}
			l.wantBroken("the audit log is broken")
		})
	}
}

// An attacker with write access can build a new consistent chain, but it does
// not match the marks, and a chain without marks is detected after a day.
func TestVerify_DetectsANewChain(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		l := newLog(t, db, siteKey)
		l.add("one", "two", "three")
		l.mark()
		l.add("four")
		events, err := db.AuditEventsAfter(t.Context(), 0, 10)
		if err != nil {
			t.Fatal(err)
		}
		tamper(t, db, `DELETE FROM audit_events; UPDATE audit_head SET seq = 0, hash = ''`)
		for _, e := range events {
			e.Detail = "nothing to see"
			if err := db.AppendAuditEvent(t.Context(), e); err != nil {
				t.Fatal(err)
			}
		}
		l.wantBroken("event 3 differs from the one that was signed")
		l.mark()
		if !strings.Contains(l.out.String(), "was modified") {
			t.Errorf("the new chain was signed: %s", l.out)
		}
		tamper(t, db, `DELETE FROM audit_marks`)
		l.at = l.at.Add(24*time.Hour + time.Second)
		l.add("a day later")
		l.wantBroken("nothing was signed since event 0")
	})
}

// Events after the last mark are accepted for a day.
func TestVerify_AcceptsRecentUnsignedEvents(t *testing.T) {
	l := newLog(t, databasetest.New(t), siteKey)
	l.wantIntact(audit.Verified{})
	l.mark()
	l.add("one")
	l.wantIntact(audit.Verified{Events: 1, Last: 1})
	l.mark()
	l.add("two")
	l.at = l.at.Add(24 * time.Hour)
	l.add("three")
	l.wantIntact(audit.Verified{Events: 3, Last: 3, Signed: 1})
	l.mark()
	l.mark()
	l.wantIntact(audit.Verified{Events: 3, Last: 3, Signed: 3})
}

func TestVerify_NeedsTheSiteKey(t *testing.T) {
	l := newLog(t, databasetest.New(t), siteKey)
	l.add("one")
	l.mark()
	other := newLog(t, l.DB, "another key, and it is long enough too")
	other.wantBroken("was not signed with this site key")
	other.add("two")
	other.mark()
	if !strings.Contains(other.out.String(), "not signing") {
		t.Errorf("it was signed: %s", other.out)
	}
}

// Events older than Keep are removed, and the log stays verifiable.
func TestMark_RemovesOldEvents(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		l := newLog(t, db, siteKey)
		l.Keep = 30 * 24 * time.Hour
		l.add("one", "two")
		l.at = start.Add(10 * 24 * time.Hour)
		l.add("three")
		l.at = start.Add(30 * 24 * time.Hour)
		l.mark()
		l.wantIntact(audit.Verified{Events: 3, Last: 3, Signed: 3})
		l.at = l.at.Add(time.Microsecond)
		l.mark()
		l.wantIntact(audit.Verified{Events: 2, Last: 4, Cut: 2, Signed: 3}) // event 4 records the cut
		l.at = start.Add(40*24*time.Hour + time.Microsecond)
		l.mark()
		l.wantIntact(audit.Verified{Events: 2, Last: 5, Cut: 3, Signed: 4})
		l.at = l.at.Add(time.Hour)
		l.mark() // cuts at most once a day
		l.wantIntact(audit.Verified{Events: 2, Last: 5, Cut: 3, Signed: 5})
		l.at = l.at.Add(1000 * 24 * time.Hour)
		l.mark() // all events are older than Keep
		l.wantIntact(audit.Verified{Events: 1, Last: 6, Cut: 5, Signed: 5})
		tamper(t, db, `DELETE FROM audit_events; UPDATE audit_head SET hash = 'other', seq = 5`)
		l.wantBroken("event 5 differs from the one that was written")
	})
}

// A log that was tampered with is not cut, so that the evidence stays.
func TestMark_DoesNotCutABrokenLog(t *testing.T) {
	l := newLog(t, databasetest.New(t), siteKey)
	l.Keep = time.Hour
	l.add("one", "two", "three")
	tamper(t, l.DB, `DELETE FROM audit_events WHERE seq = 2`)
	l.at = l.at.Add(48 * time.Hour)
	l.mark()
	l.wantBroken("event 3 does not follow event 1")
}

// tamper changes the tables as an attacker with the database file can.
func tamper(t *testing.T, db *database.DB, change string) {
	t.Helper()
	if _, err := db.SQLPool().ExecContext(t.Context(), change); err != nil {
		t.Fatal(err)
	}
}
