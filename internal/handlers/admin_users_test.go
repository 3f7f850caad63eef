package handlers_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"example.org/cloakroom/internal/models"
)

var listedUser = regexp.MustCompile(`<th scope="row"><a href="/admin/users/([^"]+)">`)

// listed returns the usernames of a list and of all pages that follow.
func (b *browser) listed(path string) (names []string) {
	b.t.Helper()
	for pages := 0; path != ""; pages++ {
		page := b.get(path).Body.String()
		for _, m := range listedUser.FindAllStringSubmatch(page, -1) {
			names = append(names, m[1])
		}
		path = strings.ReplaceAll(between(page, `<p class="more"><a href="`, `"`), "&amp;", "&")
		if pages > 5 {
			b.t.Fatal("the list has no end")
		}
	}
	return names
}

// Lists are sorted and complete, without duplicates, on both dialects.
func TestAdminUsers_Lists(t *testing.T) {
	eachDatabase(t, func(t *testing.T, s *site) {
		boss := s.withRole("boss", models.RoleAdmin)
		var all []string
		for i := range 120 {
			name := fmt.Sprintf("user_%03d", (i*37)%120)
			u := models.User{ID: models.NewUserID(), Username: models.Username(name), UsernameKey: name, Email: models.Email(name + "@Example.org"),
				Role: models.RoleUser, Tier: models.TierFree, StorageUsed: int64(i % 7), CreatedAt: s.clock.now(), UpdatedAt: s.clock.now()}
			if err := s.db.CreateUser(t.Context(), &u); err != nil {
				t.Fatal(err)
			}
			all = append(all, name)
		}
		all = append(all, "boss")
		slices.Sort(all)
		if got := boss.listed("/admin/users?sort=username"); !slices.Equal(got, all) {
			t.Errorf("by username: %d %v", len(got), got)
		}
		for _, sort := range []string{"", "newest", "storage"} {
			got := boss.listed("/admin/users?sort=" + sort)
			if slices.Sort(got); !slices.Equal(got, all) {
				t.Errorf("by %q: %d %v", sort, len(got), got)
			}
		}
		for query, want := range map[string]string{
			"q=user_11": "user_110 user_111 user_112 user_113 user_114 user_115 user_116 user_117 user_118 user_119",
			"q=BOSS":    "boss", "q=USER_007@example.ORG": "user_007", "q=user_007%25": "", "role=admin": "boss", "tier=pro": "", "suspended=1": "",
			"q=b&tier=free&role=admin": "boss", "q=%25": "", "q=_": "",
		} {
			if got := strings.Join(boss.listed("/admin/users?"+query), " "); got != want {
				t.Errorf("%s: %q, want %q", query, got, want)
			}
		}
		for query, field := range map[string]string{"role=king": "role", "tier=x": "tier", "sort=x": "sort",
			"q=" + strings.Repeat("x", 300): "q"} {
			if got := boss.get("/admin/users?" + query); got.Code != http.StatusUnprocessableEntity ||
				!strings.Contains(got.Body.String(), `id="`+field+`-problem"`) {
				t.Errorf("%s: %d", query, got.Code)
			}
		}
	})
}

// Changes to a user apply at once.
func TestAdminUsers_Acts(t *testing.T) {
	s := newSite(t)
	boss, ann := s.withRole("boss", models.RoleAdmin), s.registered("ann")
	token := s.programOf("ann").token
	act := func(name string, form url.Values) *httptest.ResponseRecorder {
		return boss.post("/admin/users/ann/"+name, form)
	}
	want := func(what string, got *httptest.ResponseRecorder, code int) {
		t.Helper()
		if got.Code != code {
			t.Errorf("%s: %d, want %d\n%s", what, got.Code, code, got.Body)
		}
	}
	want("a tier", act("tier", url.Values{"tier": {"premium"}}), 303)
	want("no tier", act("tier", url.Values{"tier": {"gold"}}), 422)
	if u := s.userNamed("ann"); u.Tier != models.TierPremium {
		t.Errorf("the tier is %s", u.Tier)
	}
	want("a quota", act("quota", url.Values{"quota": {"1KiB"}}), 303)
	want("no quota", act("quota", url.Values{"quota": {"much"}}), 422)
	want("an upload over it", ann.postForm("/files", nil, part{"file", "a.txt", "", []byte(strings.Repeat("x", 1025))}), 413)
	want("an upload within it", ann.postForm("/files", nil, part{"file", "a.txt", "", []byte(strings.Repeat("x", 1024))}), 303)
	want("that of the tier", act("quota", url.Values{"quota": {""}}), 303)
	want("an upload then", ann.postForm("/files", nil, part{"file", "b.txt", "", []byte("x")}), 303)

	want("ending the sessions", act("end-sessions", url.Values{"why": {"lost phone"}}), 303)
	want("the session then", ann.get("/files"), 303)
	ann.post("/login", url.Values{"username": {"ann"}, "password": {testPassword}})
	want("a role", act("role", url.Values{"role": {"moderator"}, "why": {"helps"}}), 303)
	want("no role", act("role", url.Values{"role": {"king"}}), 422)
	want("the session after a new role", ann.get("/files"), 303)
	if u := s.userNamed("ann"); u.Role != models.RoleModerator {
		t.Errorf("the role is %s", u.Role)
	}
	ann.post("/login", url.Values{"username": {"ann"}, "password": {testPassword}})
	ann.withFactor(s)
	want("removing the factor", act("remove-factor", url.Values{"why": {"lost"}}), 303)
	why := url.Values{"why": {"x"}}
	want("removing it again", act("remove-factor", why), 409)
	want("suspending without a reason", act("suspend", url.Values{"why": {" "}}), 422)
	want("suspending", act("suspend", url.Values{"why": {"spam"}}), 303)
	if page := boss.get("/admin/users/ann").Body.String(); !strings.Contains(page, "ann is suspended.") ||
		!strings.Contains(page, "Undo: reinstate ann") {
		t.Errorf("the answer does not say what was done, or cannot undo it:\n%s", page)
	}
	want("suspending again", act("suspend", why), 409)
	want("a link for who is suspended", act("reset", why), 409)
	request := httptest.NewRequest(http.MethodGet, publicURL+"/api/v1/me", nil)
	request.Header.Set("Authorization", "Bearer "+token)
	want("the token of who is suspended", s.browser().do(request), 401)
	want("letting in again", act("reinstate", nil), 303)
	want("somebody who is not there", boss.post("/admin/users/nobody/suspend", nil), 404)
	if page := boss.get("/admin/users/ann").Body.String(); !strings.Contains(page, "user.suspend") || !strings.Contains(page, "spam") ||
		!strings.Contains(page, "ann@example.org") {
		t.Errorf("the page says\n%s", page)
	}
	s.wantAudited("user.set_tier done", "user.set_quota done", "user.end_sessions done", "user.set_role done", "user.remove_factor done",
		"user.suspend done", "user.reinstate done")
}

// Admins cannot act on their own account, and the last admin remains.
func TestAdminUsers_OwnAccountAndTheLastAdmin(t *testing.T) {
	s := newSite(t)
	boss := s.withRole("boss", models.RoleAdmin)
	for _, act := range []string{"tier", "role", "quota", "suspend", "reinstate", "end-sessions", "remove-factor", "reset", "delete", "keep"} {
		if got := boss.post("/admin/users/boss/"+act, url.Values{"role": {"user"}, "tier": {"pro"}, "typed": {"boss"},
			"reason": {"x"}, "why": {"x"}}); got.Code != http.StatusForbidden {
			t.Errorf("%s of oneself: %d", act, got.Code)
		}
	}
	if _, err := s.accounts.Suspend(t.Context(), models.Actor{}, "boss", ""); err == nil {
		t.Error("the only admin is suspended")
	}
	if _, err := s.accounts.SetRole(t.Context(), models.Actor{}, "boss", "user", ""); err == nil {
		t.Error("the only admin lost their role")
	}
	s.withRole("boss2", models.RoleAdmin)
	if got := boss.post("/admin/users/boss2/role", url.Values{"role": {"user"}}); got.Code != http.StatusSeeOther {
		t.Errorf("another admin's role: %d\n%s", got.Code, got.Body)
	}
}

// The link is shown once, sets a password once, and signs in no one.
func TestAdminUsers_ResetLink(t *testing.T) {
	s := newSite(t)
	boss, ann := s.withRole("boss", models.RoleAdmin), s.registered("ann")
	made := boss.post("/admin/users/ann/reset", url.Values{"why": {"forgot"}})
	link := strings.TrimPrefix(between(made.Body.String(), `<code id="secret">`, "<"), publicURL)
	if made.Code != http.StatusCreated || !strings.HasPrefix(link, "/reset/") {
		t.Fatalf("making a link: %d\n%s", made.Code, made.Body)
	}
	guest := s.browser()
	if page := guest.get(link); page.Code != http.StatusOK || !strings.Contains(page.Body.String(), "<strong>ann</strong>") {
		t.Errorf("the link: %d\n%s", page.Code, page.Body)
	}
	if got := guest.post(link, url.Values{"password": {"short"}}); got.Code != http.StatusUnprocessableEntity ||
		!strings.Contains(got.Body.String(), `id="password-problem"`) {
		t.Errorf("a short password: %d", got.Code)
	}
	if got := guest.post(link, url.Values{"password": {"another long password"}}); toldAt(got) != "/login reset" {
		t.Errorf("a good password: %d\n%s", got.Code, got.Body)
	}
	if got := guest.get("/files"); got.Code != http.StatusSeeOther {
		t.Errorf("who set it is in: %d", got.Code)
	}
	if got := ann.get("/files"); got.Code != http.StatusSeeOther {
		t.Errorf("the old session: %d", got.Code)
	}
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		if got := guest.from("192.0.2.7", method, link); got.Code != http.StatusNotFound {
			t.Errorf("%s of a used link: %d", method, got.Code)
		}
	}
	if strings.Contains(s.log.String(), strings.TrimPrefix(link, "/reset/")) {
		t.Error("the link is in the log")
	}
	s.wantAudited("user.reset_link done", "user.reset_password done")
}
