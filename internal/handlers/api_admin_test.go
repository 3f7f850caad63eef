package handlers_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"example.org/cloakroom/internal/accounts"
	"example.org/cloakroom/internal/models"
)

// rootProgram returns the program of a new admin.
func (s *site) rootProgram() *program {
	s.t.Helper()
	s.withRole("rosa", models.RoleAdmin)
	return s.programOf("rosa")
}

// all returns a member of each item of a list, over all its pages.
func (p *program) all(path, name string) []string {
	p.t.Helper()
	values, _ := p.walk(path, name)
	return values
}

// wantField wants a refusal that names the field.
func wantField(t *testing.T, got doc, field string) {
	t.Helper()
	if got["field"] != field {
		t.Errorf("it is wrong at %v, want %s: %v", got["field"], field, got)
	}
}

func TestAPIAdmin_ListsUsersAsThePanelDoes(t *testing.T) {
	eachDatabase(t, func(t *testing.T, s *site) {
		root := s.rootProgram()
		for _, name := range []string{"ann", "anna", "bob"} {
			s.clock.advance(time.Second)
			s.registered(name)
		}
		if err := s.db.SuspendUser(t.Context(), s.userNamed("bob").ID, s.clock.now()); err != nil {
			t.Fatal(err)
		}
		for query, names := range map[string]string{
			"limit=1": "bob anna ann rosa", "q=an&limit=1": "ann anna", "q=ann@example.org": "ann", "role=admin": "rosa",
			"suspended=true": "bob", "sort=username&limit=2&suspended=false": "ann anna bob rosa", "tier=pro": "",
		} {
			if got := strings.Join(root.all("/admin/users?"+query, "username"), " "); got != names {
				t.Errorf("%s: %s, want %s", query, got, names)
			}
		}
		for field, query := range map[string]string{"role": "role=boss", "tier": "tier=gold", "sort": "sort=age", "suspended": "suspended=1",
			"limit": "limit=101"} {
			wantField(t, want(t, root.send(http.MethodGet, "/admin/users?"+query, nil), http.StatusUnprocessableEntity), field)
		}
	})
}

func TestAPIAdmin_ManagesUsers(t *testing.T) {
	eachDatabase(t, func(t *testing.T, s *site) {
		root, ann := s.rootProgram(), s.registered("ann")
		annsProgram := s.programOf("ann")
		act := func(what string, body any, status int) doc {
			t.Helper()
			return want(t, root.send(http.MethodPost, "/admin/users/ann/"+what, body), status)
		}
		if got := act("tier", doc{"tier": "pro"}, http.StatusOK); got["tier"] != "pro" {
			t.Errorf("with the tier %v", got["tier"])
		}
		if got := act("quota", doc{"quota": "1GiB"}, http.StatusOK); got["quota"] != float64(1<<30) || got["storage_quota"] != float64(1<<30) {
			t.Errorf("with the quota %v", got)
		}
		if got := act("quota", doc{"quota": ""}, http.StatusOK); got["quota"] != nil {
			t.Errorf("with the quota %v", got["quota"])
		}
		act("end-sessions", nil, http.StatusOK)
		if ann.get("/files").Code == http.StatusOK {
			t.Error("their session lives")
		}
		if got := act("suspend", doc{"why": "spam"}, http.StatusOK); got["suspended_at"] == nil {
			t.Errorf("suspended: %v", got)
		}
		want(t, annsProgram.send(http.MethodGet, "/me", nil), http.StatusUnauthorized)
		wantField(t, act("suspend", nil, http.StatusConflict), "username")
		act("reinstate", doc{}, http.StatusOK)
		want(t, annsProgram.send(http.MethodGet, "/me", nil), http.StatusOK)
		if got := act("role", doc{"role": "moderator", "why": "asked"}, http.StatusOK); got["role"] != "moderator" ||
			s.userNamed("ann").Role != models.RoleModerator {
			t.Errorf("with the role %v", got["role"])
		}
		for field, what := range map[string]string{"tier": "tier", "role": "role", "quota": "quota"} {
			wantField(t, act(what, doc{field: "nothing"}, http.StatusUnprocessableEntity), field)
			wantField(t, act(what, doc{}, http.StatusUnprocessableEntity), field)
		}
		wantField(t, act("suspend", doc{"how": "x"}, http.StatusUnprocessableEntity), "how")
		want(t, root.send(http.MethodPost, "/admin/users/nobody/tier", doc{"tier": "pro"}), http.StatusNotFound)
		want(t, root.send(http.MethodGet, "/admin/users/nobody", nil), http.StatusNotFound)
		want(t, root.send(http.MethodPost, "/admin/users/rosa/role", doc{"role": "user"}), http.StatusForbidden)
		got := root.all("/admin/audit-events?actor=rosa&user=ann&limit=2", "action")
		slices.Reverse(got)
		if all := strings.Join(got, " "); all != "user.set_tier user.set_quota user.set_quota user.end_sessions user.suspend user.reinstate "+
			"user.set_role" {
			t.Errorf("the audit log has of it: %s", all)
		}
	})
}

func TestAPIAdmin_Invites(t *testing.T) {
	eachDatabase(t, func(t *testing.T, s *site) {
		root := s.rootProgram()
		made := want(t, root.send(http.MethodPost, "/admin/invitations",
			doc{"role": "moderator", "tier": "pro", "days": 3, "email": "mod@example.org", "note": "N"}), http.StatusCreated)
		link := strings.TrimPrefix(text(t, made, "url"), publicURL)
		if got := s.browser().post(link, url.Values{"username": {"meg"}, "email": {"mod@example.org"},
			"password": {testPassword}}); got.Code != http.StatusSeeOther || s.userNamed("meg").Role != models.RoleModerator {
			t.Errorf("registering by the link: %d", got.Code)
		}
		other := want(t, root.send(http.MethodPost, "/admin/invitations", doc{"role": "user", "tier": "free", "days": 1}), http.StatusCreated)
		if got := root.all("/admin/invitations?limit=1", "used_by"); !slices.Equal(got, []string{"meg", ""}) &&
			!slices.Equal(got, []string{"", "meg"}) {
			t.Errorf("they are used by %q", got)
		}
		if page := root.send(http.MethodGet, "/admin/invitations", nil).Body.String(); strings.Contains(page,
			strings.TrimPrefix(link, "/invite/")) {
			t.Error("the list tells a link")
		}
		want(t, root.send(http.MethodDelete, "/admin/invitations/"+text(t, other, "id"), nil), http.StatusNoContent)
		want(t, root.send(http.MethodDelete, "/admin/invitations/"+text(t, other, "id"), nil), http.StatusNotFound)
		want(t, root.send(http.MethodDelete, "/admin/invitations/"+text(t, made, "id"), nil), http.StatusNotFound)
		for field, wrong := range map[string]any{"role": "admin", "tier": "gold", "days": 31, "email": "x", "note": "a\nb"} {
			body := doc{"role": "user", "tier": "free", "days": 1}
			body[field] = wrong
			wantField(t, want(t, root.send(http.MethodPost, "/admin/invitations", body), http.StatusUnprocessableEntity), field)
		}
		wantField(t, want(t, root.send(http.MethodPost, "/admin/invitations", doc{"role": "user", "tier": "free", "days": "1"}),
			http.StatusUnprocessableEntity), "days")
		s.wantAudited("invitation.create done", "invitation.redeem done", "invitation.create done", "invitation.revoke done")
	})
}

func TestAPIAdmin_ManagesIPRules(t *testing.T) {
	s := newSite(t)
	root := s.rootProgram()
	made := want(t, root.send(http.MethodPost, "/admin/ip-rules", doc{"prefix": "198.51.100.7/24", "action": "block", "note": "N",
		"for": "1h"}), http.StatusCreated)
	if made["prefix"] != "198.51.100.0/24" || made["expires_at"] == nil {
		t.Errorf("made: %v", made)
	}
	want(t, root.send(http.MethodPost, "/admin/ip-rules", doc{"prefix": "2001:db8::/32", "action": "allow"}), http.StatusCreated)
	if got := root.all("/admin/ip-rules", "prefix"); len(got) != 2 {
		t.Errorf("there are %q", got)
	}
	for field, body := range map[string]doc{
		"prefix": {"prefix": "0.0.0.0/0", "action": "block"}, // blocks its own author
		"action": {"prefix": "203.0.113.1", "action": "drop"}, "for": {"prefix": "203.0.113.1", "action": "block", "for": "2h"},
		"note": {"prefix": "203.0.113.1", "action": "block", "note": "a\nb"},
	} {
		wantField(t, want(t, root.send(http.MethodPost, "/admin/ip-rules", body), http.StatusUnprocessableEntity), field)
	}
	want(t, root.send(http.MethodDelete, "/admin/ip-rules?prefix=198.51.100.0%2F24", nil), http.StatusNoContent)
	want(t, root.send(http.MethodDelete, "/admin/ip-rules?prefix=198.51.100.0%2F24", nil), http.StatusNotFound)
	s.wantAudited("ip_rule.create done", "ip_rule.create done", "ip_rule.delete done")
}

func TestAPIAdmin_ReadsTheAuditLogAndTheLimits(t *testing.T) {
	s := newSite(t)
	root := s.rootProgram()
	s.registered("ann")
	want(t, root.send(http.MethodPost, "/admin/users/ann/tier", doc{"tier": "pro"}), http.StatusOK)
	first := want(t, root.send(http.MethodGet, "/admin/audit-events?action=user.set_tier", nil), http.StatusOK)["items"].([]any)[0].(doc)
	if first["actor"] != "rosa" || first["user"] != "ann" || first["detail"] != "free to pro" {
		t.Errorf("it is %v", first)
	}
	if got := root.all("/admin/audit-events?outcome=refused", "action"); len(got) != 0 {
		t.Errorf("refused: %q", got)
	}
	for field, query := range map[string]string{"actor": "actor=nobody", "user": "user=nobody", "before": "before=x", "limit": "limit=0"} {
		wantField(t, want(t, root.send(http.MethodGet, "/admin/audit-events?"+query, nil), http.StatusUnprocessableEntity), field)
	}
	if got := root.all("/admin/limits", "act"); !slices.Contains(got, "api-read") {
		t.Errorf("the limits are of %q", got)
	}
}

// Text that the database cannot store is refused with its field, like any other
// mistake.
func TestAPIAdmin_TakesAnyText(t *testing.T) {
	eachDatabase(t, func(t *testing.T, s *site) {
		root := s.rootProgram()
		s.registered("ann")
		for field, path := range map[string]string{"after": "/admin/users?after=", "q": "/admin/users?q=",
			"action": "/admin/audit-events?action=", "outcome": "/admin/audit-events?outcome=", "actor": "/admin/audit-events?actor="} {
			for _, text := range []string{"%00", "a%00b", "a%ff%00"} {
				wantField(t, want(t, root.send(http.MethodGet, path+text, nil), http.StatusUnprocessableEntity), field)
			}
		}
		want(t, root.send(http.MethodDelete, "/admin/ip-rules?prefix=%00", nil), http.StatusNotFound)
		want(t, root.send(http.MethodDelete, "/admin/invitations/%00", nil), http.StatusNotFound)
		want(t, root.send(http.MethodGet, "/admin/users/%00", nil), http.StatusNotFound)
		got := want(t, root.send(http.MethodPost, "/admin/users/ann/suspend", `{"why":"a\u0000b"}`), http.StatusUnprocessableEntity)
		wantField(t, got, "why")
	})
}

// A token never has more rights than its user has at that time, nor more than
// its scopes allow.
func TestAPIAdmin_HasTheRightsOfItsUser(t *testing.T) {
	s := newSite(t)
	root := s.rootProgram()
	s.withRole("boss", models.RoleAdmin)
	look := func(status int) doc {
		t.Helper()
		return want(t, root.send(http.MethodGet, "/admin/users", nil), status)
	}
	look(http.StatusOK)
	s.setPolicy(func(policy *accounts.Policy) { policy.FactorRoles = []models.Role{models.RoleAdmin} })
	look(http.StatusForbidden)
	s.setPolicy(func(policy *accounts.Policy) { policy.FactorRoles = nil })
	for _, role := range []models.Role{models.RoleModerator, models.RoleUser} {
		if err := s.db.ChangeRole(t.Context(), root.user.ID, role); err != nil {
			t.Fatal(err)
		}
		look(http.StatusForbidden)
		want(t, root.send(http.MethodPost, "/admin/users/boss/suspend", nil), http.StatusForbidden)
	}
	if err := s.db.ChangeRole(t.Context(), root.user.ID, models.RoleAdmin); err != nil {
		t.Fatal(err)
	}
	look(http.StatusOK)
	if err := s.db.SuspendUser(t.Context(), root.user.ID, s.clock.now()); err != nil {
		t.Fatal(err)
	}
	look(http.StatusUnauthorized)
}

// The form offers the scope admin to admins only, and requires
// re-authentication as for any token.
func TestTokenForm_OffersAdminToAdmins(t *testing.T) {
	s := newSite(t)
	offered := `name="scope" value="admin"`
	if ann := s.registered("ann"); strings.Contains(ann.get("/settings/tokens").Body.String(), offered) {
		t.Error("it is offered to a user")
	}
	boss := s.withRole("boss", models.RoleAdmin)
	if !strings.Contains(boss.get("/settings/tokens").Body.String(), offered) {
		t.Error("it is not offered to an admin")
	}
	got := boss.post("/settings/tokens", url.Values{"name": {"x"}, "scope": {"admin"}})
	token := &program{site: s, token: between(got.Body.String(), `<code id="secret">`, "<")}
	want(t, token.send(http.MethodGet, "/admin/users", nil), http.StatusOK)
	want(t, token.send(http.MethodGet, "/me", nil), http.StatusForbidden)
	s.clock.advance(s.accounts.Policy.Get().ConfirmedFor + time.Second)
	if got := boss.post("/settings/tokens", url.Values{"name": {"y"}, "scope": {"admin"}}); got.Code != http.StatusForbidden {
		t.Errorf("without a proof of being there: %d", got.Code)
	}
	if _, _, err := s.accounts.NewToken(t.Context(), models.Actor{User: s.userNamed("ann")},
		accounts.TokenInput{Name: "x", Scopes: []string{"admin"}}); err == nil {
		t.Error("a user is given one")
	}
}
