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

// start is when the first event happened.
var start = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// A log is an audit log whose clock a test turns.
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
	l.Service = &audit.Service{DB: db, Signer: signer, Keep: 0, Log: slog.New(slog.NewTextHandler(l.out, nil)), Now: func() time.Time { return l.at }}
	return l
}

const siteKey = "the site key of the tests, forty letters"

// add appends an event for each detail, of somebody who came by the network.
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

func (l *log) wantWhole(want audit.Whole) {
	l.t.Helper()
	got, err := l.Verify(l.t.Context())
	if got.Hash = ""; err != nil || got != want {
		l.t.Errorf("the check finds %+v, %v; want %+v", got, err, want)
	}
}

func (l *log) wantBroken(why string) {
	l.t.Helper()
	if got, err := l.Verify(l.t.Context()); err == nil || !strings.Contains(err.Error(), why) {
		l.t.Errorf("the check says %+v, %v; want %q", got, err, why)
	}
}

// Whatever is done to the log behind our back, the check says so.
func TestVerify_FindsWhatWasChanged(t *testing.T) {
	const free = `DROP TRIGGER audit_events_unchanged;`
	for name, change := range map[string]string{
		"nothing":                ``,
		"an event changed":       free + `UPDATE audit_events SET detail = 'other' WHERE seq = 2`,
		"one was removed":        `DELETE FROM audit_events WHERE seq = 2`,
		"the first was":          `DELETE FROM audit_events WHERE seq = 1`,
		"the last was":           `DELETE FROM audit_events WHERE seq = 3`,
		"all were":               `DELETE FROM audit_events`,
		"the head was lost":      `UPDATE audit_head SET hash = 'other'`,
		"the end was undone":     `DELETE FROM audit_events WHERE seq = 3; UPDATE audit_head SET seq = 2, hash = (SELECT hash FROM audit_events WHERE seq = 2)`,
		"a mark was moved":       `UPDATE audit_marks SET seq = 2`,
		"a mark became a cut":    `UPDATE audit_marks SET cut = TRUE; DELETE FROM audit_events`,
		"a mark was made":        `UPDATE audit_marks SET signature = x'00'`,
		"a mark was of old time": `UPDATE audit_marks SET at = '2020-01-01 00:00:00+00:00'`,
	} {
		t.Run(name, func(t *testing.T) {
			l := newLog(t, databasetest.New(t), siteKey)
			l.add("one", "two", "three")
			l.mark()
			behind(t, l.DB, change)
			if change == "" {
				l.wantWhole(audit.Whole{Events: 3, Last: 3, Signed: 3})
				return
			}
			l.wantBroken("the audit log is broken")
		})
	}
}

// Whoever can write to the database makes a chain anew that fits in itself; it
// does not fit to the marks, and nothing in it is signed.
func TestVerify_FindsANewChain(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		l := newLog(t, db, siteKey)
		l.add("one", "two", "three")
		l.mark()
		l.add("four")
		events, err := db.AuditEventsAfter(t.Context(), 0, 10)
		if err != nil {
			t.Fatal(err)
		}
		behind(t, db, `DELETE FROM audit_events; UPDATE audit_head SET seq = 0, hash = ''`)
		for _, e := range events {
			e.Detail = "nothing to see"
			if err := db.AppendAuditEvent(t.Context(), e); err != nil {
				t.Fatal(err)
			}
		}
		l.wantBroken("event 3 is not the one that was signed")
		l.mark()
		if !strings.Contains(l.out.String(), "behind our back") {
			t.Errorf("the new chain was signed: %s", l.out)
		}
		behind(t, db, `DELETE FROM audit_marks`)
		l.at = l.at.Add(24*time.Hour + time.Second)
		l.add("a day later")
		l.wantBroken("nothing was signed since event 0")
	})
}

// What came after the last mark is whole too, for as long as there may be none.
func TestVerify_OfWhatIsNotSignedYet(t *testing.T) {
	l := newLog(t, databasetest.New(t), siteKey)
	l.wantWhole(audit.Whole{})
	l.mark()
	l.add("one")
	l.wantWhole(audit.Whole{Events: 1, Last: 1})
	l.mark()
	l.add("two")
	l.at = l.at.Add(24 * time.Hour)
	l.add("three")
	l.wantWhole(audit.Whole{Events: 3, Last: 3, Signed: 1})
	l.mark()
	l.mark()
	l.wantWhole(audit.Whole{Events: 3, Last: 3, Signed: 3})
}

func TestVerify_WantsTheSiteKey(t *testing.T) {
	l := newLog(t, databasetest.New(t), siteKey)
	l.add("one")
	l.mark()
	other := newLog(t, l.DB, "another key, and it is long enough too")
	other.wantBroken("was not signed with this site key")
	other.add("two")
	other.mark()
	if !strings.Contains(other.out.String(), "nothing is signed") {
		t.Errorf("it was signed all the same: %s", other.out)
	}
}

// Events go when they were kept long enough, and the log is whole without them.
func TestMark_CutsTheLog(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		l := newLog(t, db, siteKey)
		l.Keep = 30 * 24 * time.Hour
		l.add("one", "two")
		l.at = start.Add(10 * 24 * time.Hour)
		l.add("three")
		l.at = start.Add(30 * 24 * time.Hour)
		l.mark()
		l.wantWhole(audit.Whole{Events: 3, Last: 3, Signed: 3})
		l.at = l.at.Add(time.Microsecond)
		l.mark()
		l.wantWhole(audit.Whole{Events: 2, Last: 4, Cut: 2, Signed: 3}) // number 4 tells of the cut
		l.at = start.Add(40*24*time.Hour + time.Microsecond)
		l.mark()
		l.wantWhole(audit.Whole{Events: 2, Last: 5, Cut: 3, Signed: 4})
		l.at = l.at.Add(time.Hour)
		l.mark() // not more than once a day
		l.wantWhole(audit.Whole{Events: 2, Last: 5, Cut: 3, Signed: 5})
		l.at = l.at.Add(1000 * 24 * time.Hour)
		l.mark() // all were kept long enough
		l.wantWhole(audit.Whole{Events: 1, Last: 6, Cut: 5, Signed: 5})
		behind(t, db, `DELETE FROM audit_events; UPDATE audit_head SET hash = 'other', seq = 5`)
		l.wantBroken("event 5 is not the one that was written")
	})
}

// A log that was changed is not cut either: what would show it stays.
func TestMark_LeavesABrokenLogAlone(t *testing.T) {
	l := newLog(t, databasetest.New(t), siteKey)
	l.Keep = time.Hour
	l.add("one", "two", "three")
	behind(t, l.DB, `DELETE FROM audit_events WHERE seq = 2`)
	l.at = l.at.Add(48 * time.Hour)
	l.mark()
	l.wantBroken("event 3 does not follow event 1")
}

// behind changes the database as one does who has its file.
func behind(t *testing.T, db *database.DB, change string) {
	t.Helper()
	if _, err := db.SQLPool().ExecContext(t.Context(), change); err != nil {
		t.Fatal(err)
	}
}
