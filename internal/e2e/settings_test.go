package e2e_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// status returns the status of the response for path.
func (c *client) status(path string) int {
	c.t.Helper()
	resp, err := c.http.Get(c.site.url + path)
	if err != nil {
		c.t.Fatal(err)
	}
	_ = resp.Body.Close()
	return resp.StatusCode
}

// Settings changed on one of two nodes apply to the other, survive a restart, and can be reset
// on the command line.
func TestSettings_ApplyToEveryNode(t *testing.T) {
	p := sqliteAndDisk(t)
	first := startSite(t, p)
	if out, code := run(t, first.command("admin", "create", "--username", "boss", "--email", "boss@example.org"), password+"\n"); code != 0 {
		t.Fatalf("making an admin: %d %s", code, out)
	}
	second := startSite(t, p, "TIERS=pro.storage=9GiB")
	boss, guest := newClient(t, first), newClient(t, second)
	boss.logIn("boss")
	boss.post("/admin/settings", url.Values{"registration": {"closed"}, "do": {"save"}}, http.StatusSeeOther)
	boss.post("/admin/tiers/free", url.Values{"post-files": {"3"}, "do": {"save"}}, http.StatusSeeOther)
	if got := newClient(t, first).status("/register"); got != http.StatusForbidden {
		t.Errorf("here one registers: %d", got)
	}
	eventually(t, "the other node follows", func() bool { return guest.status("/register") == http.StatusForbidden })
	first.stop()
	first.start()
	if got := newClient(t, first).status("/register"); got != http.StatusForbidden {
		t.Errorf("after a restart one registers: %d", got)
	}
	out, said, code := second.run("settings", "show")
	for _, line := range []string{"REGISTRATION=closed\n", ",free.post-files=3,", ",pro.storage=9GiB,", "DATABASE_URL=[secret]\n"} {
		if code != 0 || !strings.Contains(out, line) {
			t.Errorf("the settings are shown without %q: %d %s%s", line, code, out, said)
		}
	}
	for _, command := range []string{"settings", "tier"} {
		if out, said, code := second.run(command, "reset"); code != 0 || !strings.Contains(out, "defaults: 1.") {
			t.Errorf("%s reset: %d %s%s", command, code, out, said)
		}
	}
	eventually(t, "the nodes follow the command", func() bool { return guest.status("/register") == http.StatusOK })
	for _, s := range []*site{first, second} {
		s.wantNoErrors()
	}
}
