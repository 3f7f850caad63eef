package handlers_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"example.org/cloakroom/internal/models"
)

// wantPage wants each of the texts on a page.
func (b *browser) wantPage(path string, texts ...string) {
	b.t.Helper()
	got := b.get(path)
	for _, text := range texts {
		if got.Code != http.StatusOK || !strings.Contains(got.Body.String(), text) {
			b.t.Errorf("%s does not say %q: %d\n%s", path, text, got.Code, got.Body)
		}
	}
}

// A change of the registration policy takes effect at run time, here and on
// other nodes.
func TestAdminSettings_Registration(t *testing.T) {
	eachDatabase(t, func(t *testing.T, s *site) {
		boss, guest := s.withRole("boss", models.RoleAdmin), s.browser()
		send := func(form url.Values) *httptest.ResponseRecorder { return boss.post("/admin/settings", form) }
		if got := send(url.Values{"registration": {"closed"}, "do": {"preview"}}); got.Code != http.StatusOK ||
			!strings.Contains(got.Body.String(), "Nothing is changed yet") ||
			!strings.Contains(got.Body.String(), `<option value="closed" selected>`) {
			t.Errorf("the preview: %d\n%s", got.Code, got.Body)
		}
		guest.wantPage("/", `href="/register"`)
		if got := send(url.Values{"registration": {"closed"}, "do": {"save"}}); toldAt(got) != "/admin/settings saved" {
			t.Fatalf("closing it: %d\n%s", got.Code, got.Body)
		}
		if got := guest.get("/"); strings.Contains(got.Body.String(), `href="/register"`) {
			t.Error("guests are still asked to register")
		}
		account := url.Values{"username": {"zoe"}, "email": {"zoe@example.org"}, "password": {testPassword}}
		if got := guest.post("/register", account); got.Code != http.StatusForbidden {
			t.Errorf("registering then: %d", got.Code)
		}
		there, holds := s.another(t)
		must(0, there.Reload(t.Context()))(t)
		if holds.Registration != "closed" {
			t.Errorf("on another node it is %s", holds.Registration)
		}
		boss.wantPage("/admin/settings", `<code>REGISTRATION</code> <span class="badge">changed</span>`)
		if got := send(url.Values{"registration": {"open"}, "registration_domains": {"corp.example"},
			"do": {"save"}}); got.Code != http.StatusSeeOther {
			t.Errorf("domains: %d", got.Code)
		}
		if got := guest.post("/register", account); got.Code != http.StatusUnprocessableEntity ||
			!strings.Contains(got.Body.String(), "at corp.example") {
			t.Errorf("at another domain: %d", got.Code)
		}
		if got := send(url.Values{"do": {"defaults"}}); got.Code != http.StatusSeeOther {
			t.Errorf("back to the defaults: %d", got.Code)
		}
		if got := guest.post("/register", account); got.Code != http.StatusSeeOther {
			t.Errorf("registering after all: %d\n%s", got.Code, got.Body)
		}
		s.wantAudited("setting.edit done", "setting.edit done", "setting.edit done", "setting.edit done")
	})
}

// A mistake shows the form again with the message at its field; nothing
// changes.
func TestAdminSettings_Mistakes(t *testing.T) {
	s := newSite(t)
	boss := s.withRole("boss", models.RoleAdmin)
	for _, do := range []string{"preview", "save"} {
		got := boss.post("/admin/settings", url.Values{"registration": {"closed"}, "registration_domains": {"<b>"},
			"second_factor_roles": {"", "admin"}, "confirmed_for": {"soon"}, "do": {do}})
		page := got.Body.String()
		for _, text := range []string{`id="registration_domains-problem"`, `id="confirmed_for-problem"`, `value="&lt;b&gt;"`, `value="soon"`,
			`<option value="closed" selected>`, `value="admin" checked`,
			`<a href="#confirmed_for">Re-authentication is valid for: `} {
			if got.Code != http.StatusUnprocessableEntity || !strings.Contains(page, text) {
				t.Errorf("%s does not say %q: %d", do, text, got.Code)
			}
		}
		if strings.Contains(page, `value="user" checked`) {
			t.Error("what was not chosen is")
		}
	}
	if s.settings.Changed("REGISTRATION") {
		t.Error("half of it holds")
	}
}

// Only an admin who has a second factor can require it of admins. The rule
// applies at once.
func TestAdminSettings_FactorOfAdmins(t *testing.T) {
	s := newSite(t)
	boss, other := s.withRole("boss", models.RoleAdmin), s.withRole("other", models.RoleAdmin)
	form := url.Values{"second_factor_roles": {"", "moderator", "admin"}, "do": {"save"}}
	got := boss.post("/admin/settings", form)
	if page := got.Body.String(); got.Code != http.StatusUnprocessableEntity || !strings.Contains(page, `id="second_factor_roles-problem"`) ||
		!strings.Contains(page, "Set it up first") {
		t.Fatalf("without one: %d\n%s", got.Code, page)
	}
	boss.withFactor(s)
	if got := boss.post("/admin/settings", form); got.Code != http.StatusSeeOther {
		t.Fatalf("with one: %d\n%s", got.Code, got.Body)
	}
	if got := other.get("/admin/settings"); got.Header().Get("Location") != "/settings/second-factor" {
		t.Errorf("the other admin goes to %d %s", got.Code, got.Header().Get("Location"))
	}
	boss.wantPage("/admin/settings", `value="admin" checked`, `value="moderator" checked`)
	if got := boss.post("/admin/settings", url.Values{"second_factor_roles": {""}, "do": {"save"}}); got.Code != http.StatusSeeOther {
		t.Errorf("none: %d", got.Code)
	}
	if got := other.get("/admin/settings"); got.Code != http.StatusOK {
		t.Errorf("the other admin then: %d", got.Code)
	}
}

// A new re-authentication period applies at once.
func TestAdminSettings_ConfirmedFor(t *testing.T) {
	s := newSite(t)
	boss := s.withRole("boss", models.RoleAdmin)
	if got := boss.post("/admin/settings", url.Values{"confirmed_for": {"2m"}, "do": {"save"}}); got.Code != http.StatusSeeOther {
		t.Fatalf("saving: %d\n%s", got.Code, got.Body)
	}
	s.clock.advance(3 * time.Minute)
	if got := boss.post("/admin/settings", url.Values{"confirmed_for": {"24h"}, "do": {"save"}}); got.Code != http.StatusForbidden {
		t.Errorf("after three minutes: %d", got.Code)
	}
}

// Settings that the environment fixes are locked on the page and in forms.
func TestAdminSettings_LockedByTheEnvironment(t *testing.T) {
	s := newSite(t)
	boss := s.withRole("boss", models.RoleAdmin)
	s.settings.Base = valuesOf(t, "REGISTRATION=invitation", "SECOND_FACTOR_ROLES=moderator", "CONFIRMED_FOR=1h", "TIERS=free.storage=6GiB")
	boss.wantPage("/admin/settings", `<select id="registration" name="registration" disabled`, `<fieldset id="second_factor_roles" disabled`,
		`<input id="confirmed_for" name="confirmed_for" value="1h" maxlength="2000" autocomplete="off" autocapitalize="none" spellcheck="false" disabled`,
		"Set by the environment variable REGISTRATION.", `<code>REGISTRATION</code> <span class="badge">environment</span>`)
	boss.wantPage("/admin/tiers/free",
		`name="storage" value="6GiB" maxlength="30" autocomplete="off" autocapitalize="none" spellcheck="false" disabled`, "Set by the environment variable TIERS.")
	for _, do := range []string{"save", "defaults"} {
		boss.post("/admin/settings", url.Values{"registration": {"open"}, "second_factor_roles": {"", "admin"}, "confirmed_for": {"2h"},
			"do": {do}})
		boss.post("/admin/tiers/free", url.Values{"storage": {"9GiB"}, "do": {do}})
	}
	if cfg := s.settings.Current(); cfg.Registration != "invitation" || len(cfg.FactorRoles()) != 1 || cfg.ConfirmedFor != time.Hour ||
		cfg.Tier(models.TierFree).Storage != 6<<30 {
		t.Errorf("it holds %s, %v, %v and %d", cfg.Registration, cfg.FactorRoles(), cfg.ConfirmedFor, cfg.Tier(models.TierFree).Storage)
	}
	if edits := must(s.db.SettingEdits(t.Context()))(t); len(edits) != 0 {
		t.Errorf("kept are %+v", edits)
	}
}

var shownSetting = regexp.MustCompile(`<dt><code>([A-Z0-9_]+)</code>`)

// The page shows every setting, but no secret.
func TestAdminSettings_ShowAllAndNoSecret(t *testing.T) {
	s := newSite(t)
	boss := s.withRole("boss", models.RoleAdmin)
	const canary = "canary2-canary2-canary2-canary2-canary2-"
	s.settings.Base = valuesOf(t,
		"DATABASE_URL=postgres://ann:"+canary+"@db/cloakroom?sslmode=verify-full", "REDIS_URL=redis://:"+canary+"@cache:6379/0",
		"SMTP_URL=smtp://ann:"+canary+"@mail:587", "MAIL_FROM=a@example.org",
		"ACME_EAB_HMAC_KEY="+canary, "ACME_EAB_KEY_ID=kid", "SITE_KEY="+canary, "CONTENT_ORIGIN=http://content.example.net",
		"CONTENT_KEY="+canary,
		"S3_ENDPOINT=http://127.0.0.1:9000", "S3_BUCKET=b", "S3_ACCESS_KEY="+canary, "S3_SECRET_KEY="+canary,
		"OIDC_CLIENT_SECRET="+canary, "OIDC_ISSUER=https://sso.example.org", "OIDC_CLIENT_ID=cloakroom",
	)
	for _, got := range []*httptest.ResponseRecorder{
		boss.get("/admin/settings"), boss.post("/admin/settings", url.Values{"confirmed_for": {"x"}}),
		boss.post("/admin/settings", url.Values{"do": {"preview"}}), boss.get("/admin/tiers"), boss.get("/admin/tiers/free"),
	} {
		if strings.Contains(got.Body.String(), "canary") {
			t.Errorf("a page shows a secret: %d\n%s", got.Code, got.Body)
		}
	}
	page := boss.get("/admin/settings").Body.String()
	shown := map[string]bool{}
	for _, m := range shownSetting.FindAllStringSubmatch(page, -1) {
		shown[m[1]] = true
	}
	for _, setting := range s.settings.Base.Manual() {
		if !shown[setting.Name] {
			t.Errorf("%s is not shown", setting.Name)
		}
	}
	if strings.Count(page, "<dd>set</dd>") != 9 {
		t.Errorf("of %d secrets it is said that they are set", strings.Count(page, "<dd>set</dd>"))
	}
}

// Registration never creates an admin, whatever the settings and the form say.
func TestRegistration_NeverMakesAnAdmin(t *testing.T) {
	for _, may := range []string{"open", "invitation", "closed"} {
		for _, roles := range []string{"", "user", "admin"} {
			s := newSite(t)
			boss := s.withRole("boss", models.RoleAdmin)
			boss.withFactor(s)
			if got := boss.post("/admin/settings", url.Values{"registration": {may}, "second_factor_roles": {"", roles},
				"do": {"save"}}); got.Code != http.StatusSeeOther {
				t.Fatalf("%s and %s: %d", may, roles, got.Code)
			}
			for _, role := range []string{"user", "moderator", "admin"} {
				made := boss.post("/admin/invitations", url.Values{"role": {role}, "tier": {"pro"}, "days": {"7"}})
				link := strings.TrimPrefix(between(made.Body.String(), `<code id="secret">`, "<"), publicURL)
				if (made.Code == http.StatusCreated) != (role != "admin") {
					t.Errorf("an invitation of a %s: %d", role, made.Code)
				}
				for i, at := range []string{"/register", link} {
					if at == "" {
						continue
					}
					name := role + []string{"_open", "_link"}[i]
					account := url.Values{"username": {name}, "email": {name + "@example.org"}, "password": {testPassword}, "role": {"admin"},
						"tier": {"premium"}}
					comes := s.browser()
					comes.post(at, account)
					if got := comes.get("/admin/users"); got.Code == http.StatusOK {
						t.Errorf("%s: who came by %s is in the panel", may, at)
					}
					if u, err := s.accounts.ByUsername(t.Context(), name); err == nil && u.Role == models.RoleAdmin {
						t.Errorf("%s: who came by %s as %s is an admin", may, at, role)
					}
				}
			}
		}
	}
}
