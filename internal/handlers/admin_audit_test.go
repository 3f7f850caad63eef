package handlers_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"example.org/cloakroom/internal/models"
)

func TestAdminAudit(t *testing.T) {
	eachDatabase(t, func(t *testing.T, s *site) {
		boss := s.withRole("boss", models.RoleAdmin)
		s.registered("ann")
		s.registered("bob")
		for _, name := range []string{"ann", "bob"} {
			if _, err := s.accounts.Suspend(t.Context(), models.Actor{User: s.userNamed("boss")}, name, "spam <b>of "+name); err != nil {
				t.Fatal(err)
			}
		}
		s.browser().post("/login", url.Values{"username": {"ann"}, "password": {testPassword}})
		for query, want := range map[string]string{
			"":                                 "bob, ann, log_in",
			"?user=ann":                        "ann, log_in",
			"?actor=boss":                      "bob, ann, log_in",
			"?actor=boss&user=Bob":             "bob",
			"?action=session.log_in":           "log_in",
			"?outcome=refused":                 "log_in",
			"?outcome=done&action=user.delete": "",
			"?before=3":                        "ann, log_in",
		} {
			page := boss.get("/admin/audit" + query).Body.String()
			for word, text := range map[string]string{"ann": "spam &lt;b&gt;of ann", "bob": "spam &lt;b&gt;of bob",
				"log_in": "session.log_in</code>"} {
				if got := strings.Contains(page, text); got != strings.Contains(want, word) {
					t.Errorf("%s shows %s: %v\n%s", query, word, got, page)
				}
			}
		}
		for query, field := range map[string]string{"?actor=nobody": "actor-problem", "?user=nobody": "user-problem",
			"?before=x": "does not exist", "?before=-1": "does not exist"} {
			if got := boss.get("/admin/audit" + query); got.Code != http.StatusUnprocessableEntity || !strings.Contains(got.Body.String(), field) {
				t.Errorf("%s: %d\n%s", query, got.Code, got.Body)
			}
		}
		export := boss.get("/admin/audit/events.jsonl")
		if lines := strings.Split(strings.TrimSpace(export.Body.String()), "\n"); len(lines) != 4 ||
			!strings.Contains(lines[1], `"action":"user.suspend"`) ||
			!strings.HasPrefix(export.Header().Get("Content-Disposition"), "attachment") {
			t.Errorf("the export is %v\n%s", export.Header(), export.Body)
		}
	})
}

// A long log has several pages, and each keeps the filter.
func TestAdminAudit_Pages(t *testing.T) {
	s := newSite(t)
	boss := s.withRole("boss", models.RoleAdmin)
	who := models.Actor{User: s.userNamed("boss")}
	for i := range 120 {
		event := who.Did("test.count", "", fmt.Sprintf("number %03d.", i))
		event.At = s.clock.now()
		if err := s.db.AppendAuditEvent(t.Context(), event); err != nil {
			t.Fatal(err)
		}
	}
	seen := map[string]bool{}
	for path, pages := "/admin/audit?actor=boss", 0; path != ""; pages++ {
		page := boss.get(path).Body.String()
		for _, one := range regexp.MustCompile(`number \d+\.`).FindAllString(page, -1) {
			if seen[one] {
				t.Errorf("%s comes twice", one)
			}
			seen[one] = true
		}
		path = strings.ReplaceAll(between(page, `<p class="more"><a href="`, `"`), "&amp;", "&")
		if pages > 3 || path != "" && !strings.Contains(path, "actor=boss") {
			t.Fatalf("page %d leads to %q", pages, path)
		}
	}
	if len(seen) != 120 {
		t.Errorf("%d events of 120", len(seen))
	}
}

// The filter of the audit log offers every action, and keeps one that it does not know.
func TestAudit_OffersItsActions(t *testing.T) {
	s := newSite(t)
	boss := s.withRole("boss", models.RoleAdmin)
	for _, action := range models.AuditActions() {
		boss.wantPage("/admin/audit", `<option value="`+string(action)+`">`)
	}
	boss.wantPage("/admin/audit?action=user.suspend", `<option value="user.suspend" selected>`)
	boss.wantPage("/admin/audit?action=user.of_old", `<option value="user.of_old" selected>`)
}
