package handlers_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"example.org/cloakroom/internal/models"
)

// Reasons of admins are parsed wherever they come from: an invalid one changes nothing,
// and a valid one is one line of the audit log.
func TestReasons_AreParsed(t *testing.T) {
	s := newSite(t)
	s.registered("ann")
	root, program := s.withRole("boss", models.RoleAdmin), s.rootProgram()
	ways := map[string]func(why string) *httptest.ResponseRecorder{
		"suspend in the panel": func(why string) *httptest.ResponseRecorder {
			return root.post("/admin/users/ann/suspend", url.Values{"why": {why}})
		},
		"role in the panel": func(why string) *httptest.ResponseRecorder {
			return root.post("/admin/users/ann/role", url.Values{"why": {why}, "role": {"moderator"}})
		},
		"two-factor authentication in the panel": func(why string) *httptest.ResponseRecorder {
			return root.post("/admin/users/ann/remove-factor", url.Values{"why": {why}})
		},
		"deletion in the panel": func(why string) *httptest.ResponseRecorder {
			return root.post("/admin/users/ann/delete", url.Values{"reason": {why}, "typed": {"ann"}})
		},
		"end of sessions by the API": func(why string) *httptest.ResponseRecorder {
			return program.send(http.MethodPost, "/admin/users/ann/end-sessions", doc{"why": why})
		},
		"suspend by the API": func(why string) *httptest.ResponseRecorder {
			return program.send(http.MethodPost, "/admin/users/ann/suspend", doc{"why": why})
		},
	}
	for name, do := range ways {
		for _, bad := range []string{strings.Repeat("ü", models.MaxReason+1), "a\x1b[31m", "a\u202eb"} {
			if got := do(bad); got.Code != http.StatusUnprocessableEntity || !strings.Contains(got.Body.String(), "the reason") {
				t.Errorf("%s, %.20q: %d", name, bad, got.Code)
			}
		}
	}
	if ann := s.userNamed("ann"); ann.SuspendedAt != nil || ann.Role != models.RoleUser || ann.DeletionAt != nil {
		t.Fatalf("an invalid reason changed ann: %+v", ann)
	}
	long := strings.Repeat("ü", models.MaxReason)
	if got := ways["role in the panel"](" spam\r\nand more "); got.Code != http.StatusSeeOther {
		t.Errorf("a reason in two lines: %d\n%s", got.Code, got.Body)
	}
	if got := ways["suspend in the panel"](long); got.Code != http.StatusSeeOther {
		t.Errorf("the longest reason: %d\n%s", got.Code, got.Body)
	}
	details := map[string]bool{}
	for _, e := range must(s.db.AuditEventsAfter(t.Context(), 0, 1000))(t) {
		details[e.Detail] = true
	}
	if !details["user to moderator: spam and more"] || !details[long] {
		t.Errorf("the audit log has %v", details)
	}
}
