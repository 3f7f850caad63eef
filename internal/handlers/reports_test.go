package handlers_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"example.org/cloakroom/internal/database/databasetest"
	"example.org/cloakroom/internal/handlers"
	"example.org/cloakroom/internal/models"
)

func TestBrowserReports_AreTakenAndBounded(t *testing.T) {
	s := newSiteBy(t, databasetest.New(t), handlers.Options{}, wide+",browser-all=5-M")
	addresses := 0
	send := func(body string) int {
		r := httptest.NewRequest(http.MethodPost, publicURL+"/reports", strings.NewReader(body))
		addresses++
		r.RemoteAddr = fmt.Sprintf("192.0.2.%d:1234", addresses) // the limit holds for all together
		r.Header.Set("Content-Type", "application/reports+json; charset=utf-8")
		return s.browser().do(r).Code
	}
	if got := s.browser().get("/").Header().Get("Reporting-Endpoints"); got != `default="/reports"` {
		t.Errorf("Reporting-Endpoints = %q", got)
	}
	const one = `[{"type":"csp-violation","url":"http://cloakroom.test/","body":{"effectiveDirective":"img-src"}}]`
	if got := send(one); got != http.StatusNoContent {
		t.Errorf("a report = %d", got)
	}
	if got := send("[" + strings.Repeat(" ", 64<<10) + "]"); got != http.StatusRequestEntityTooLarge {
		t.Errorf("a report of more than 64 KiB = %d", got)
	}
	for range 4 {
		send(one)
	}
	if got := send(one); got != http.StatusTooManyRequests {
		t.Errorf("one report too many at once = %d", got)
	}
	page, err := s.db.BrowserReports(t.Context(), "", models.Cursor{}, 10)
	if err != nil || len(page.Items) != 1 || page.Items[0].Times != 5 {
		t.Errorf("kept %+v, %v", page.Items, err)
	}
}

func TestSecurityText(t *testing.T) {
	if got := newSite(t).browser().get("/.well-known/security.txt"); got.Code != http.StatusNotFound {
		t.Errorf("without a contact = %d", got.Code)
	}
	s := newSiteWith(t, handlers.Options{SecurityContacts: []string{"mailto:security@example.org"}})
	got := s.browser().get("/.well-known/security.txt")
	want := "Contact: mailto:security@example.org\nExpires: 2026-09-10T00:00:00Z\nCanonical: " + publicURL + "/.well-known/security.txt\n"
	if got.Code != http.StatusOK || got.Body.String() != want {
		t.Errorf("security.txt = %d\n%s", got.Code, got.Body)
	}
}
