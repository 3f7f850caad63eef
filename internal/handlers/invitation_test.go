package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"example.org/cloakroom/internal/accounts"
	"example.org/cloakroom/internal/models"
)

// An admin creates an invitation, and a visitor signs up with it, once.
func TestInvitation(t *testing.T) {
	s := newSite(t)
	boss := s.withRole("boss", models.RoleAdmin)
	s.setPolicy(func(policy *accounts.Policy) { policy.Registering = models.RegisterInvitation })
	account := url.Values{"username": {"ida"}, "email": {"ida@example.org"}, "password": {testPassword}}
	if got := s.browser().get("/register"); got.Code != http.StatusForbidden || !strings.Contains(got.Body.String(), "by invitation") {
		t.Errorf("without an invitation: %d", got.Code)
	}
	if got := s.browser().post("/register", account); got.Code != http.StatusForbidden {
		t.Errorf("registering without an invitation: %d", got.Code)
	}
	bad := boss.post("/admin/invitations", url.Values{"role": {"admin"}, "tier": {"pro"}, "days": {"7"}, "note": {"kept <b>"}})
	if page := bad.Body.String(); bad.Code != http.StatusUnprocessableEntity || !strings.Contains(page, `id="role-problem"`) ||
		!strings.Contains(page, "kept &lt;b&gt;") {
		t.Errorf("an invitation of an admin: %d\n%s", bad.Code, page)
	}
	made := boss.post("/admin/invitations", url.Values{"role": {"user"}, "tier": {"pro"}, "days": {"7"}, "note": {"a friend"}})
	link := strings.TrimPrefix(between(made.Body.String(), `<code id="secret">`, "<"), publicURL)
	if made.Code != http.StatusCreated || !strings.HasPrefix(link, "/invite/") {
		t.Fatalf("making one: %d\n%s", made.Code, made.Body)
	}
	eve := s.browser()
	if got := eve.get(link); got.Code != http.StatusOK {
		t.Errorf("the link: %d", got.Code)
	}
	account.Set("password", "short")
	if got := eve.post(link, account); got.Code != http.StatusUnprocessableEntity || !strings.Contains(got.Body.String(), `value="ida"`) {
		t.Errorf("a short password: %d\n%s", got.Code, got.Body)
	}
	account.Set("password", testPassword)
	if got := eve.post(link, account); got.Code != http.StatusSeeOther {
		t.Fatalf("registering: %d\n%s", got.Code, got.Body)
	}
	if u := s.userNamed("ida"); u.Tier != models.TierPro || u.Role != models.RoleUser {
		t.Errorf("they are %+v", u)
	}
	account.Set("username", "ida2")
	for _, got := range []int{s.browser().get(link).Code, s.browser().post(link, account).Code} {
		if got != http.StatusNotFound {
			t.Errorf("the link again: %d", got)
		}
	}
	if page := boss.get("/admin/invitations").Body.String(); !strings.Contains(page, `by <a href="/admin/users/ida">ida</a>`) ||
		strings.Contains(page, "/revoke") {
		t.Errorf("the list says\n%s", page)
	}
	boss.post("/admin/invitations", url.Values{"role": {"user"}, "tier": {"free"}, "days": {"1"}})
	id := between(boss.get("/admin/invitations").Body.String(), `action="/admin/invitations/`, "/revoke")
	if got := boss.post("/admin/invitations/"+id+"/revoke", nil); got.Code != http.StatusSeeOther {
		t.Errorf("taking one back: %d", got.Code)
	}
	if got := boss.post("/admin/invitations/"+id+"/revoke", nil); got.Code != http.StatusNotFound {
		t.Errorf("taking it back again: %d", got.Code)
	}
	if strings.Contains(s.log.String(), strings.TrimPrefix(link, "/invite/")) {
		t.Error("the link is in the log")
	}
	s.wantAudited("invitation.create done", "invitation.redeem done", "invitation.revoke done")
}
