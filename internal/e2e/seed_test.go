package e2e_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// The demo is filled while its server runs. What seed prints, now and again, ends with the
// demo users and with how to become an admin.
func TestSeed_SaysWhoIsThereAndHowToBecomeAnAdmin(t *testing.T) {
	for _, backend := range backends() {
		t.Run(backend.name, func(t *testing.T) {
			s := startSite(t, backend.open(t), "PUBLIC_URL=http://localhost:8081")
			last := regexp.MustCompile(`(?s)\n` +
				`Demo users mara, jonas and ines, each with the password "cloakroom for a look round"\.\n` +
				`There is no admin yet\. Open this link to become one\..*\n\n  http://localhost:8081(/setup/\w+)\n\n$`)
			older := s.setupLink()
			for _, first := range []string{"\n", "There is demo content already.\n"} {
				out, said, code := s.run("seed")
				found := last.FindStringSubmatch(out)
				if code != 0 || found == nil || strings.Count(out, "http://") != 1 || !strings.HasPrefix(out, first) ||
					strings.Contains(said, "/setup/") {
					t.Fatalf("exit code %d, and it ends otherwise:\n%s%s", code, out, said)
				}
				guest := newClient(t, s)
				guest.get(found[1], http.StatusOK)
				guest.get(older, http.StatusNotFound)
				older = found[1]
			}
			mara := url.Values{"username": {"mara"}, "password": {"cloakroom for a look round"}}
			newClient(t, s).post("/login", mara, http.StatusSeeOther)
			wantDemo(t, s)
			s.wantNoErrors()
		})
	}
}
