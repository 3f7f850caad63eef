package e2e_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// An operator creates an invitation on the command line: the link is printed once, is
// single-use, and is recorded in the audit log.
func TestInvitation_FromTheCommandLine(t *testing.T) {
	s := startSite(t, sqliteAndDisk(t), "REGISTRATION=invitation")
	refused := func(text string, args ...string) {
		t.Helper()
		if out, said, code := s.run(append([]string{"invitation"}, args...)...); code != 1 || out != "" || !strings.Contains(said, text) {
			t.Errorf("invitation %q: %d %s%s, want %q", args, code, out, said, text)
		}
	}
	refused("usage:")
	refused("usage:", "create", "bob")
	refused("role: ", "create", "--role", "admin")
	refused("days: ", "create", "--days", "31")
	refused("tier: ", "create", "--tier", "gold")
	refused("email: ", "create", "--email", "nobody")
	refused("note: ", "create", "--note", "two\nlines")
	refused("id: ", "revoke", "--id", "NOSUCH")

	invite := func(args ...string) (link, id string) {
		t.Helper()
		out, said, code := s.run(append([]string{"invitation", "create"}, args...)...)
		_, link, _ = strings.Cut(strings.TrimSpace(out), "/invite/")
		if code != 0 || strings.Count(out, "\n") != 1 || link == "" || strings.Contains(said, link) {
			t.Fatalf("inviting: %d %s%s", code, out, said)
		}
		list, _, _ := s.run("invitation", "list")
		if strings.Contains(list, link) {
			t.Errorf("the link is in the list:\n%s", list)
		}
		id, _, _ = strings.Cut(list, " ") // newest first
		return "/invite/" + link, id
	}
	link, _ := invite("--role", "moderator", "--tier", "pro", "--days", "1", "--email", "meg@example.org", "--note", "for the queue")
	if list, _, _ := s.run("invitation", "list"); !strings.Contains(list, " moderator, pro, open until ") ||
		!strings.HasSuffix(list, " for meg@example.org: for the queue\n") {
		t.Errorf("the list is %s", list)
	}
	form := func(name string) url.Values {
		return url.Values{"username": {name}, "email": {name + "@example.org"}, "password": {password}}
	}
	newClient(t, s).post(link, form("meg"), http.StatusSeeOther)
	newClient(t, s).post(link, form("meg"), http.StatusNotFound)
	if list, _, _ := s.run("invitation", "list"); !strings.Contains(list, " by meg for ") {
		t.Errorf("the list is %s", list)
	}

	back, id := invite()
	if out, said, code := s.run("invitation", "revoke", "--id", id); code != 0 || !strings.Contains(out, id) {
		t.Errorf("taking it back: %d %s%s", code, out, said)
	}
	newClient(t, s).post(back, form("eve"), http.StatusNotFound)
	log, _, _ := s.run("audit", "export")
	for want, n := range map[string]int{`"action":"invitation.create"`: 2, `"detail":"moderator, pro"`: 2,
		`"action":"invitation.redeem"`: 1, `"action":"invitation.revoke"`: 1} {
		if strings.Count(log, want) != n {
			t.Errorf("the audit log has %d of %s, want %d:\n%s", strings.Count(log, want), want, n, log)
		}
	}
	s.wantNoErrors()
}
