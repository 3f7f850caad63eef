package e2e_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// The counts of a server's last seconds are saved when it stops.
func TestOverview_SavesCountsOnStop(t *testing.T) {
	s := startSite(t, sqliteAndDisk(t), wide+",search=1-H")
	boss := newClient(t, s)
	boss.post(s.setupLink(), url.Values{"username": {"boss"}, "email": {"boss@example.org"}, "password": {password}}, http.StatusSeeOther)
	guest := newClient(t, s)
	guest.get("/search?q=sea", http.StatusOK)
	for range 3 {
		guest.get("/search?q=sea", http.StatusTooManyRequests)
	}
	if code := s.stop(); code != 0 {
		t.Errorf("the server ended with %d", code)
	}
	s.wantNoErrors()
	s.start()
	page := string(boss.get("/admin", http.StatusOK).body)
	if !strings.Contains(page, "<dt>Rate limits hit</dt><dd>3</dd>") {
		t.Errorf("of three refusals this is told:\n%s", page)
	}
	if !strings.Contains(page, builtVersion) {
		t.Errorf("the version is not told:\n%s", page)
	}
}
