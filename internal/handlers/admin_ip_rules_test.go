package handlers_test

import (
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"example.org/cloakroom/internal/database/databasetest"
	"example.org/cloakroom/internal/handlers"
	"example.org/cloakroom/internal/models"
)

// A blocked address gets no page, also behind a trusted proxy.
func TestIPRules(t *testing.T) {
	s := newSiteBy(t, databasetest.New(t), handlers.Options{TrustedProxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}}, wide)
	boss := s.withRole("boss", models.RoleAdmin)
	rule := url.Values{"prefix": {"198.51.100.7/24"}, "action": {"block"}, "note": {"a <b>scanner"}, "for": {"24h"}}
	if got := boss.post("/admin/ip-rules", rule); toldAt(got) != "/admin/ip-rules rule" {
		t.Fatalf("making a rule is answered %d\n%s", got.Code, got.Body)
	}
	if page := boss.get("/admin/ip-rules").Body.String(); !strings.Contains(page, "<code>198.51.100.0/24</code>") ||
		!strings.Contains(page, "a &lt;b&gt;scanner") {
		t.Errorf("the rule is not shown\n%s", page)
	}
	status := func(path, addr string, headers ...string) int {
		return s.browser().from(addr, http.MethodGet, path, headers...).Code
	}
	for _, path := range []string{"/", "/login", "/api/v1/posts", "/nowhere", "/favicon.ico", "/robots.txt"} {
		if got := status(path, "198.51.100.200"); got != http.StatusForbidden {
			t.Errorf("%s for who is blocked: %d", path, got)
		}
		if got := status(path, "198.51.101.1"); got == http.StatusForbidden {
			t.Errorf("%s for another: %d", path, got)
		}
	}
	if got := status("/livez", "198.51.100.200"); got != http.StatusOK {
		t.Errorf("/livez for who is blocked: %d", got)
	}
	if got := status("/", "10.0.0.1", "X-Forwarded-For", "198.51.100.9"); got != http.StatusForbidden {
		t.Errorf("by a trusted proxy: %d", got)
	}
	if got := status("/", "203.0.113.1", "X-Forwarded-For", "198.51.100.9"); got != http.StatusOK {
		t.Errorf("by somebody who claims to be another: %d", got)
	}
	bad := boss.post("/admin/ip-rules", url.Values{"prefix": {"<i>"}, "action": {"block"}, "note": {"kept"}})
	if page := bad.Body.String(); bad.Code != http.StatusUnprocessableEntity || !strings.Contains(page, `value="&lt;i&gt;"`) ||
		!strings.Contains(page, `value="kept"`) || !strings.Contains(page, `id="prefix-problem"`) {
		t.Errorf("rubbish is answered %d\n%s", bad.Code, page)
	}
	own := boss.post("/admin/ip-rules", url.Values{"prefix": {"0.0.0.0/0"}, "action": {"block"}})
	if own.Code != http.StatusUnprocessableEntity || !strings.Contains(own.Body.String(), "block you") {
		t.Errorf("blocking oneself is answered %d\n%s", own.Code, own.Body)
	}
	if got := boss.post("/admin/ip-rules/delete", url.Values{"rule": {"198.51.100.0/24"}}); got.Code != http.StatusSeeOther {
		t.Errorf("deleting is answered %d", got.Code)
	}
	if got := status("/", "198.51.100.200"); got != http.StatusOK {
		t.Errorf("without the rule: %d", got)
	}
	s.wantAudited("ip_rule.create done", "ip_rule.delete done")
}
