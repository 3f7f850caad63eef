package handlers_test

import (
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"example.org/cloakroom/internal/certificates"
	"example.org/cloakroom/internal/models"
)

func TestAdminCertificates(t *testing.T) {
	eachDatabase(t, func(t *testing.T, s *site) {
		boss := s.withRole("boss", models.RoleAdmin)
		retry := func() int {
			return boss.post("/admin/certificates/retry", url.Values{"name": {"cloakroom.test"}}).Code
		}
		if page := boss.get("/admin/certificates").Body.String(); !strings.Contains(page, `class="empty"`) || retry() != http.StatusNotFound {
			t.Errorf("where another speaks TLS there is\n%s", page)
		}
		certs := must(certificates.Open(t.Context(), certificates.Options{Mode: certificates.SelfSigned, Hosts: []string{"cloakroom.test"}}, s.db,
			siteKey, s.clock.now, slog.New(slog.DiscardHandler)))(t)
		s.server.Certificates = certs
		s.handler = must(s.server.Handler())(t)
		want := func(when string, texts ...string) {
			t.Helper()
			page := boss.get("/admin/certificates").Body.String()
			for _, text := range texts {
				if text, not := strings.CutPrefix(text, "not "); strings.Contains(page, text) == not {
					t.Errorf("%s, is %q there? %t\n%s", when, text, not, page)
				}
			}
			if strings.Contains(page, "PRIVATE") {
				t.Errorf("%s, there is a key", when)
			}
		}
		want("before the first", `<span class="badge bad">missing</span>`, "There is no certificate for cloakroom.test yet.")
		if err := certs.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		want("with one", `<span class="badge">good</span>`, "cloakroom.test, localhost, 127.0.0.1, ::1", "Cloakroom local authority",
			"14 Mar 2026, 14:09 UTC", "12 Jun 2026, 15:09 UTC", "89 days left", "not Retry now")
		failure := models.CertificateFailure{Authority: "local", Name: "cloakroom.test", Message: "It was <b>away</b>.", Tries: 3,
			FailedAt: s.clock.now(), NextAt: s.clock.now().Add(6 * time.Hour)}
		fail := func(ordered bool) {
			t.Helper()
			failure.Ordered = ordered
			if err := s.db.PutCertificateFailure(t.Context(), &failure); err != nil {
				t.Fatal(err)
			}
		}
		fail(true)
		want("with a failure", "It was &lt;b&gt;away&lt;/b&gt;.", "14 Mar 2026, 21:09 UTC", "as set by the certificate authority",
			"not Retry now")
		if got := retry(); got != http.StatusConflict {
			t.Errorf("against the authority's word: %d", got)
		}
		fail(false)
		want("with another", "14 Mar 2026, 21:09 UTC", "not as set by the certificate authority", "Retry now")
		if first, second := retry(), retry(); first != http.StatusSeeOther || second != http.StatusConflict {
			t.Errorf("trying again is answered %d, then %d", first, second)
		}
		want("after that", "14 Mar 2026, 15:09 UTC", "not Retry now")
		if got := boss.get("/readyz").Body.String(); got != "ok\ncertificates: ok\n" {
			t.Errorf("/readyz says %q", got)
		}
		if page := boss.get("/admin").Body.String(); !strings.Contains(page, `<a href="/admin/certificates">Certificates</a>: good`) {
			t.Errorf("the overview says\n%s", page)
		}
		s.wantAudited("certificate.retry done")
	})
}
