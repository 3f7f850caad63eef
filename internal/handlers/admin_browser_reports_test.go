package handlers_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"example.org/cloakroom/internal/models"
)

// reported stores a report as any browser can send it.
func (s *site) reported(kind, page, rule, blocked string, at time.Time) string {
	s.t.Helper()
	r := models.NewBrowserReport(kind, page, rule, blocked, at.UTC().Truncate(time.Microsecond))
	if err := s.db.CountReport(s.t.Context(), r, 1000); err != nil {
		s.t.Fatal(err)
	}
	return r.ID
}

// Reports are untrusted: the panel shows them as text, without links.
func TestAdminBrowserReports_AreUntrustedText(t *testing.T) {
	eachDatabase(t, func(t *testing.T, s *site) {
		boss := s.withRole("boss", models.RoleAdmin)
		if page := boss.get("/admin/browser-reports").Body.String(); !strings.Contains(page, `class="empty"`) ||
			strings.Contains(page, "delete-all") {
			t.Errorf("none are shown as\n%s", page)
		}
		s.reported(`"><script>alert(1)</script>`, "/posts", "javascript:alert(1)", "https://evil.example", s.clock.now())
		s.reported("csp-violation", "/"+strings.Repeat("w", 5000), "x\x00\n\u202e", "https://evil.example", s.clock.now())
		page := boss.get("/admin/browser-reports").Body.String()
		for _, bad := range []string{"<script>alert", `href="javascript:`, `href="https://evil`, strings.Repeat("w", 101), "\x00", "\u202e"} {
			if strings.Contains(page, bad) {
				t.Errorf("%q is on the page\n%s", bad, page)
			}
		}
		for _, good := range []string{"<code>&#34;&gt;&lt;script&gt;alert(1)&lt;/script&gt;</code>", "<code>https://evil.example</code>",
			"<code>javascript:alert(1)</code>", strings.Repeat("w", 99)} {
			if !strings.Contains(page, good) {
				t.Errorf("%q is not on the page\n%s", good, page)
			}
		}
	})
}

// The list has several pages, for all kinds and for one.
func TestAdminBrowserReports_Pages(t *testing.T) {
	eachDatabase(t, func(t *testing.T, s *site) {
		boss := s.withRole("boss", models.RoleAdmin)
		for i := range 120 {
			s.reported([]string{"coep", "csp-violation"}[i%2], "/", fmt.Sprintf("rule-%03d-", i), "inline",
				s.clock.now().Add(time.Duration(i/2)*time.Second)) // two at a time
		}
		for query, want := range map[string]int{"": 120, "?kind=coep": 60, "?kind=odd": 0, "?kind=%00%ff": 0} {
			seen, rules := 0, map[string]bool{}
			last := "rule-999"
			for path := "/admin/browser-reports" + query; path != ""; {
				got := boss.get(path)
				if got.Code != http.StatusOK {
					t.Errorf("%q is answered %d", path, got.Code)
				}
				page := got.Body.String()
				path = ""
				if strings.Contains(page, `<p class="more"><a href="`) {
					path = strings.ReplaceAll(between(page, `<p class="more"><a href="`, `"`), "&amp;", "&")
				}
				for _, cell := range strings.Split(page, "<h2><code>rule-")[1:] {
					rule, _, _ := strings.Cut(cell, "-")
					seen++
					rules[rule] = true
				}
				if first := between(page+`<h2><code>rule-000-<`, "<h2><code>", "-<"); first > last {
					t.Errorf("%s: %s comes after %s", query, first, last)
				}
			}
			if seen != want || len(rules) != want {
				t.Errorf("%q shows %d reports, %d different ones, want %d", query, seen, len(rules), want)
			}
		}
		if page := boss.get("/admin/browser-reports?kind=coep").Body.String(); !strings.Contains(page, `<option value="coep" selected>`) ||
			!strings.Contains(page, `<option value="csp-violation">`) {
			t.Errorf("the form does not come back as it was sent\n%s", page)
		}
		if got := boss.get("/admin/browser-reports?before=x").Code; got != http.StatusUnprocessableEntity {
			t.Errorf("a page that does not exist: %d", got)
		}
	})
}

func TestAdminBrowserReports_Delete(t *testing.T) {
	eachDatabase(t, func(t *testing.T, s *site) {
		boss := s.withRole("boss", models.RoleAdmin)
		id := s.reported("coep", "/", "one-rule", "inline", s.clock.now())
		s.reported("coep", "/", "two-rules", "inline", s.clock.now())
		for report, want := range map[string]int{"": http.StatusNotFound, "\xff\x00": http.StatusNotFound, "ABC": http.StatusNotFound,
			id: http.StatusSeeOther} {
			got := boss.post("/admin/browser-reports/delete", url.Values{"report": {report}, "kind": {"coep"}})
			if got.Code != want || want == http.StatusSeeOther && toldAt(got) != "/admin/browser-reports?kind=coep deleted" {
				t.Errorf("deleting %q is answered %d, to %s", report, got.Code, got.Header().Get("Location"))
			}
		}
		if got := boss.post("/admin/browser-reports/delete", url.Values{"report": {id}}); got.Code != http.StatusNotFound {
			t.Errorf("deleting it again is answered %d", got.Code)
		}
		if page := boss.get("/admin/browser-reports").Body.String(); strings.Contains(page, "one-rule") || !strings.Contains(page, "two-rules") {
			t.Errorf("after that there is\n%s", page)
		}
		for range 2 {
			if got := boss.post("/admin/browser-reports/delete-all", nil); got.Code != http.StatusSeeOther {
				t.Errorf("deleting all is answered %d", got.Code)
			}
		}
		if page := boss.get("/admin/browser-reports").Body.String(); !strings.Contains(page, `class="empty"`) {
			t.Errorf("after that there is\n%s", page)
		}
		s.wantAudited("browser_report.delete done", "browser_report.delete_all done")
	})
}
