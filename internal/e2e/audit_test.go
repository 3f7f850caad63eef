package e2e_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// A server that starts signs the audit log before it greets: the last lines are for people.
func TestAudit_IsSignedBeforeTheGreeting(t *testing.T) {
	s := startSite(t, sqliteAndDisk(t))
	newUser(t, s, "ann")
	if _, said, code := s.run("user", "suspend", "--username", "ann"); code != 0 {
		t.Fatal(said)
	}
	s.stop()
	s.start()
	_, after, signed := strings.Cut(s.log.String(), `"msg":"the audit log is signed"`)
	if !signed || !strings.Contains(after, `"msg":"listening"`) {
		t.Errorf("the log of the start:\n%s", s.log)
	}
}

// An operator suspends and reinstates a user, and verifies the audit log of it.
func TestAudit_OfASuspension(t *testing.T) {
	s := startSite(t, sqliteAndDisk(t))
	ann := newUser(t, s, "ann")
	if out, said, code := s.run("user", "suspend", "--username", "ann", "--why", "spam"); code != 0 ||
		!strings.Contains(out, "ann is suspended.") {
		t.Fatalf("suspending: %d %s%s", code, out, said)
	}
	if _, said, code := s.run("user", "suspend", "--username", "ann"); code == 0 || !strings.Contains(said, "already suspended") {
		t.Errorf("suspending again: %d %s", code, said)
	}
	in := url.Values{"username": {"ann"}, "password": {password}}
	if got := ann.post("/login", in, http.StatusForbidden); !strings.Contains(string(got.body), "This account is suspended") {
		t.Errorf("logging in says %s", got.body)
	}
	if _, said, code := s.run("user", "reinstate", "--username", "ann"); code != 0 {
		t.Fatalf("reinstating: %d %s", code, said)
	}
	if out, said, code := s.run("audit", "verify"); code != 0 || !strings.Contains(out, "whole: 3 events, the last of them number 3") {
		t.Errorf("verifying: %d %s%s", code, out, said)
	}
	out, _, _ := s.run("audit", "export")
	for _, want := range []string{`"action":"user.suspend"`, `"detail":"spam"`, `"action":"session.log_in"`, `"outcome":"refused"`,
		`"action":"user.reinstate"`} {
		if !strings.Contains(out, want) {
			t.Errorf("the export has no %s:\n%s", want, out)
		}
	}
	s.wantNoErrors()
}
