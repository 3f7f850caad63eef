package browserreports_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"example.org/cloakroom/internal/browserreports"
	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/database/databasetest"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
	"example.org/cloakroom/internal/testenv"
)

func TestMain(m *testing.M) { testenv.Main(m) }

const (
	modern = "application/reports+json"
	old    = "application/csp-report"
)

func newService(db *database.DB) (*browserreports.Service, *time.Time) {
	now := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	return &browserreports.Service{DB: db, Now: func() time.Time { return now }}, &now
}

func TestReceive_CountsEqualReports(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		s, now := newService(db)
		for _, r := range []struct{ mediaType, body string }{
			{modern, `[{"type":"csp-violation","age":1,"url":"https://x.test/setup/SECRET?q=SECRET",` +
				`"body":{"effectiveDirective":"script-src-elem","blockedURL":"https://evil.example/a.js?SECRET"}}]`},
			{old, `{"csp-report":{"document-uri":"https://x.test/setup/OTHER",` +
				`"violated-directive":"script-src-elem","blocked-uri":"https://evil.example/b.js"}}`},
			{old, `{"csp-report":{"document-uri":"https://x.test/","effective-directive":"style-src-attr","blocked-uri":"inline"}}`},
		} {
			if err := s.Receive(t.Context(), r.mediaType, []byte(r.body)); err != nil {
				t.Fatal(err)
			}
			*now = now.Add(time.Second)
		}
		page, err := db.BrowserReports(t.Context(), "", models.Cursor{}, 10)
		if err != nil || len(page.Items) != 2 {
			t.Fatalf("kept %+v, %v; want two", page.Items, err)
		}
		if got := page.Items[1]; got.Times != 2 || got.Page != "/setup" || got.Rule != "script-src-elem" ||
			got.Blocked != "https://evil.example" || !got.LastAt.After(got.FirstAt) {
			t.Errorf("counted %+v", got)
		}
		if got := page.Items[0]; got.Page != "/" || got.Blocked != "inline" {
			t.Errorf("kept %+v", got)
		}
		if strings.Contains(fmt.Sprint(page.Items), "SECRET") {
			t.Errorf("a possible secret is stored: %+v", page.Items)
		}
		*now = now.Add(31 * 24 * time.Hour)
		if err := s.Expire(t.Context(), models.ExpireReports{}); err != nil {
			t.Fatal(err)
		}
		if page, err = db.BrowserReports(t.Context(), "", models.Cursor{}, 10); err != nil || len(page.Items) != 0 {
			t.Errorf("after a month %d, %v", len(page.Items), err)
		}
	})
}

func TestReceive_LimitsReports(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		s, _ := newService(db)
		for i := range 60 {
			var many []string
			for j := range 25 { // 20 of them are stored
				many = append(many, fmt.Sprintf(`{"type":"csp-violation","body":{"effectiveDirective":"%d-%d"}}`, i, j))
			}
			if err := s.Receive(t.Context(), modern, []byte("["+strings.Join(many, ",")+"]")); err != nil {
				t.Fatal(err)
			}
		}
		page, err := db.BrowserReports(t.Context(), "", models.Cursor{}, 2000)
		if err != nil || len(page.Items) != 1000 {
			t.Errorf("%d reports are stored, %v; want 1000", len(page.Items), err)
		}
	})
}

func TestReceive_RejectsInvalidReports(t *testing.T) {
	s, _ := newService(databasetest.New(t))
	for mediaType, want := range map[string]problem.Kind{
		modern: problem.Malformed, old: problem.Malformed, "text/plain": problem.Unsupported, "": problem.Unsupported,
	} {
		if err := s.Receive(t.Context(), mediaType, []byte(`"x"`)); problem.KindOf(err) != want {
			t.Errorf("%q: %v, want %q", mediaType, err, want)
		}
	}
}
