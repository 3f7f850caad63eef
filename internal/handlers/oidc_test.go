package handlers_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"example.org/cloakroom/internal/accounts"
	"example.org/cloakroom/internal/handlers"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/oidc"
	"example.org/cloakroom/internal/testenv"
)

// withProvider turns on a provider that identifies every visitor as ann.
func (s *site) withProvider() *testenv.OIDCProvider {
	s.t.Helper()
	p := testenv.OIDC(s.t, s.clock.now)
	p.Claims = map[string]any{"sub": "1", "email": "ann@example.org", "email_verified": true, "preferred_username": "ann"}
	s.oidc.Provider = oidc.Provider{
		Issuer: p.URL, ClientID: p.ClientID, ClientSecret: models.Secret(p.ClientSecret), Redirect: publicURL + handlers.OIDCReturn,
		Name: "Example SSO", GroupsClaim: "groups", Roles: nil,
	}
	s.setPolicy(func(policy *accounts.Policy) { policy.Provider = p.URL })
	return p
}

// startProviderSignIn starts a sign-in, and returns the path to which the provider redirects.
func (b *browser) startProviderSignIn() string { return b.startAtProvider("/login/oidc") }

// startAtProvider is startProviderSignIn with the form at that path.
func (b *browser) startAtProvider(path string) string {
	b.t.Helper()
	sent := b.post(path, url.Values{"next": {"/files"}})
	if sent.Code != http.StatusSeeOther {
		b.t.Fatalf("the way to the provider: %d\n%s", sent.Code, sent.Body)
	}
	request := must(http.NewRequestWithContext(b.t.Context(), http.MethodGet, sent.Header().Get("Location"), nil))(b.t)
	got := must(http.DefaultTransport.RoundTrip(request))(b.t)
	if err := got.Body.Close(); err != nil || got.StatusCode != http.StatusFound {
		b.t.Fatalf("the provider answers %d, %v", got.StatusCode, err)
	}
	return strings.TrimPrefix(got.Header.Get("Location"), publicURL)
}

// byProvider signs in with the provider.
func (b *browser) byProvider() *httptest.ResponseRecorder { return b.get(b.startProviderSignIn()) }

// proved verifies the user's email address.
func (s *site) proved(username string) {
	s.t.Helper()
	user, secret := s.userNamed(username), models.NewSecret()
	if err := s.db.CreateVerifyLink(s.t.Context(), secret.Hash(), user.ID, user.Email, s.clock.now().Add(time.Minute)); err != nil {
		s.t.Fatal(err)
	}
	if err := s.accounts.VerifyEmail(s.t.Context(), secret, models.Client{}); err != nil {
		s.t.Fatal(err)
	}
}

func wantThere(t *testing.T, b *browser, got *httptest.ResponseRecorder, want bool) {
	t.Helper()
	if in := got.Code == http.StatusSeeOther && got.Header().Get("Location") == "/files" && b.get("/files").Code == http.StatusOK; in != want {
		t.Errorf("in: %v, want %v: %d %s", in, want, got.Code, got.Body)
	}
}

func TestOIDC_CreatesAnAccountOnce(t *testing.T) {
	eachDatabase(t, func(t *testing.T, s *site) {
		p := s.withProvider()
		for range 2 {
			b := s.browser()
			wantThere(t, b, b.byProvider(), true)
		}
		if u := s.userNamed("ann"); u.Role != models.RoleUser || u.EmailVerifiedAt == nil {
			t.Errorf("they are %+v", u)
		}
		p.Claims["sub"], p.Claims["email"] = "2", "other@example.org"
		b := s.browser()
		wantThere(t, b, b.byProvider(), true)
		if u := s.userNamed("ann_2"); u.Email != "other@example.org" {
			t.Errorf("the second is %+v", u)
		}
		p.Claims["sub"] = "3"
		s.setPolicy(func(policy *accounts.Policy) { policy.Registering = models.RegisterInvitation })
		p.Claims["email"] = "third@example.org"
		b = s.browser()
		if got := b.byProvider(); got.Code != http.StatusForbidden {
			t.Errorf("without an invitation: %d", got.Code)
		}
	})
}

func TestOIDC_LinksVerifiedAddressesOnly(t *testing.T) {
	for name, c := range map[string]struct {
		proved, verified, linked bool
	}{"both": {true, true, true}, "not by the provider": {true, false, false}, "not here": {false, true, false}} {
		eachDatabase(t, func(t *testing.T, s *site) {
			p := s.withProvider()
			s.registered("ann")
			if c.proved {
				s.proved("ann")
			}
			p.Claims["email_verified"] = c.verified
			s.setPolicy(func(policy *accounts.Policy) { policy.Registering = models.RegisterClosed })
			b := s.browser()
			t.Log(name)
			wantThere(t, b, b.byProvider(), c.linked)
		})
	}
}

func TestOIDC_AnswersCountOnceAndWhereTheyWereAskedFor(t *testing.T) {
	s := newSite(t)
	s.withProvider()
	b := s.browser()
	back := b.startProviderSignIn()
	other := s.browser()
	other.startProviderSignIn()
	wantThere(t, other, other.get(back), false) // it would sign them in as another user
	wantThere(t, b, b.get(strings.Replace(back, "state=", "state=A", 1)), false)
	cookies := b.jar.Cookies(must(url.Parse(publicURL))(t))
	wantThere(t, b, b.get(back), true)
	again := s.browser()
	again.jar.SetCookies(must(url.Parse(publicURL))(t), cookies)
	wantThere(t, again, again.get(back), false)
	if strings.Contains(s.log.String(), "the provider rejected the code") {
		t.Error("the provider was asked again: the state was good twice")
	}
	late := s.browser()
	back = late.startProviderSignIn()
	s.clock.advance(11 * time.Minute)
	wantThere(t, late, late.get(back), false)
}

func TestOIDC_AcceptsValidTokensOnly(t *testing.T) {
	for name, spoil := range map[string]func(claims map[string]any){
		"nonce":    func(claims map[string]any) { claims["nonce"] = "another" },
		"no nonce": func(claims map[string]any) { delete(claims, "nonce") },
		"audience": func(claims map[string]any) { claims["aud"] = "another" },
		"issuer":   func(claims map[string]any) { claims["iss"] = "https://example.org" },
		"expired":  func(claims map[string]any) { claims["exp"] = 1 },
		"subject":  func(claims map[string]any) { claims["sub"] = "" },
	} {
		s := newSite(t)
		s.withProvider().Alter = spoil
		b := s.browser()
		got := b.byProvider()
		if wantThere(t, b, got, false); got.Code != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", name, got.Code)
		}
	}
}

// The provider accepts a code only with the verifier of its own challenge.
func TestOIDC_CodesAreBoundToTheBrowser(t *testing.T) {
	s := newSite(t)
	s.withProvider()
	stolen := must(url.Parse(s.browser().startProviderSignIn()))(t).Query().Get("code")
	b := s.browser()
	back := must(url.Parse(b.startProviderSignIn()))(t)
	query := back.Query()
	query.Set("code", stolen)
	wantThere(t, b, b.get(back.Path+"?"+query.Encode()), false)
	if !strings.Contains(s.log.String(), "the provider rejected the code") {
		t.Error("the provider did not reject the code")
	}
}

func TestOIDC_SuspendedStayOut_AndRolesFollowGroups(t *testing.T) {
	eachDatabase(t, func(t *testing.T, s *site) {
		p := s.withProvider()
		s.oidc.Provider.Roles = map[string]models.Role{"staff": models.RoleModerator, "ops": models.RoleAdmin}
		for _, step := range []struct {
			groups []string
			want   models.Role
		}{{nil, models.RoleUser}, {[]string{"staff", "x"}, models.RoleModerator}, {[]string{"ops", "staff"}, models.RoleAdmin},
			{nil, models.RoleAdmin}} { // the only admin stays
			p.Claims["groups"] = step.groups
			b := s.browser()
			wantThere(t, b, b.byProvider(), true)
			if got := s.userNamed("ann").Role; got != step.want {
				t.Errorf("in %v they are %s, want %s", step.groups, got, step.want)
			}
		}
		s.withRole("boss", models.RoleAdmin)
		if _, err := s.accounts.Suspend(context.Background(), models.Actor{}, "ann", "spam"); err != nil {
			t.Fatal(err)
		}
		b := s.browser()
		if got := b.byProvider(); got.Code != http.StatusForbidden {
			t.Errorf("suspended: %d", got.Code)
		}
	})
}

func TestOIDC_ButtonLeadsThere(t *testing.T) {
	s := newSite(t)
	off := s.browser().get("/login")
	p := s.withProvider()
	on := s.browser().get("/login")
	if strings.Contains(off.Body.String(), "/login/oidc") || !strings.Contains(on.Body.String(), "with Example SSO") {
		t.Error("the button is not where it is on alone")
	}
	if policy := on.Header().Get("Content-Security-Policy"); !strings.Contains(policy, "form-action 'self' "+p.URL+";") {
		t.Errorf("the policy is %s", policy)
	}
	if got := newSite(t).browser().post("/login/oidc", url.Values{}); got.Code != http.StatusNotFound {
		t.Errorf("off: %d", got.Code)
	}
	s.oidc.Provider.Issuer = "http://127.0.0.1:1"
	if got := s.browser().post("/login/oidc", url.Values{}); got.Code != http.StatusServiceUnavailable {
		t.Errorf("away: %d", got.Code)
	}
}

// Many providers put only the subject into the token.
func TestOIDC_AsksWhatTheTokenLeavesOut(t *testing.T) {
	s := newSite(t)
	p := s.withProvider()
	s.registered("ann")
	s.proved("ann")
	s.setPolicy(func(policy *accounts.Policy) { policy.Registering = models.RegisterClosed })
	for _, step := range []struct {
		name   string
		beside map[string]any
		in     bool
	}{
		{"of another user", map[string]any{"sub": "2", "email": "ann@example.org", "email_verified": true}, false},
		{"not verified", map[string]any{"sub": "1", "email": "ann@example.org", "email_verified": false}, false},
		{"verified, and no address", map[string]any{"sub": "1", "email_verified": true}, false},
		{"all of it", map[string]any{"sub": "1", "email": "ann@example.org", "email_verified": true}, true},
	} {
		p.UserInfo = step.beside
		b := s.browser()
		t.Log(step.name)
		wantThere(t, b, b.byProvider(), step.in)
	}
}

// fresh reports whether the session of b may do what needs proof.
func (b *browser) fresh() bool { return b.get("/settings/second-factor").Code == http.StatusOK }

// A sign-in at a provider is as fresh as the proof there, by the ID token.
func TestOIDC_IsProofOnlyWithItsTime(t *testing.T) {
	s := newSite(t)
	p := s.withProvider()
	b := s.browser()
	if wantThere(t, b, b.byProvider(), true); b.fresh() {
		t.Error("a token without auth_time is proof")
	}
	recent := s.accounts.Policy.Get().ConfirmedFor
	for ago, want := range map[time.Duration]bool{
		0: true, recent - 2*time.Second: true, recent + time.Second: false, 24 * time.Hour: false,
		-30 * time.Second: true, -2 * time.Minute: false, // clocks differ, but not that much
	} {
		p.AuthTime = func() time.Time { return s.clock.now().Add(-ago) }
		b := s.browser()
		if wantThere(t, b, b.byProvider(), true); b.fresh() != want {
			t.Errorf("a proof %v ago is fresh: %v", ago, !want)
		}
	}
}

// To confirm, the provider must ask again, and say when it did; the session gets a new secret.
func TestOIDC_ConfirmsAnew(t *testing.T) {
	s := newSite(t)
	p := s.withProvider()
	b := s.browser()
	wantThere(t, b, b.byProvider(), true)
	sent := must(url.Parse(b.post("/confirm/provider", url.Values{"next": {"/files"}}).Header().Get("Location")))(t).Query()
	if sent.Get("max_age") != "0" || sent.Get("prompt") != "login" {
		t.Errorf("the provider is asked for %v", sent)
	}
	for name, spoil := range map[string]func(claims map[string]any){
		"it did not ask again":    func(claims map[string]any) { claims["auth_time"] = s.clock.now().Add(-2 * time.Minute).Unix() },
		"it does not say when":    func(claims map[string]any) { delete(claims, "auth_time") },
		"it says no time":         func(claims map[string]any) { claims["auth_time"] = "now" },
		"it asked somebody else":  func(claims map[string]any) { claims["sub"] = "2" },
		"its token is not for us": func(claims map[string]any) { claims["aud"] = "another" },
	} {
		p.Alter = spoil
		if got := b.get(b.startAtProvider("/confirm/provider")); got.Code != http.StatusUnprocessableEntity || b.fresh() {
			t.Errorf("%s: %d, fresh: %v", name, got.Code, b.fresh())
		}
		s.wantAudited("session.log_in done", "session.confirm refused")
	}
	p.Alter = nil
	at := must(url.Parse(publicURL))(t)
	before := b.jar.Cookies(at)
	wantThere(t, b, b.get(b.startAtProvider("/confirm/provider")), true)
	if !b.fresh() {
		t.Error("the confirmation is no proof")
	}
	old := s.browser()
	old.jar.SetCookies(at, before)
	if old.get("/files").Code == http.StatusOK {
		t.Error("the session keeps its secret")
	}
	s.wantAudited("session.log_in done", "session.confirm refused", "session.confirm done")
	back := b.startAtProvider("/confirm/provider")
	b.post("/logout", nil)
	if got := b.get(back); got.Code != http.StatusUnprocessableEntity {
		t.Errorf("signed out meanwhile: %d", got.Code)
	}
}

// Sign-ins that fail at the provider, or are refused after it, are in the audit log, and
// so are passkeys that nobody has.
func TestOIDC_AndPasskeysAuditFailures(t *testing.T) {
	refused := func(s *site) (n int) {
		for _, e := range must(s.db.AuditEventsAfter(t.Context(), 0, 1000))(t) {
			if e.Action == accounts.ActionLogIn && e.Outcome == models.Refused {
				n++
			}
		}
		return n
	}
	for name, try := range map[string]func(s *site, p *testenv.OIDCProvider){
		"a bad token": func(s *site, p *testenv.OIDCProvider) {
			p.Alter = func(claims map[string]any) { claims["nonce"] = "x" }
			s.browser().byProvider()
		},
		"no account": func(s *site, _ *testenv.OIDCProvider) {
			s.setPolicy(func(policy *accounts.Policy) { policy.Registering = models.RegisterClosed })
			s.browser().byProvider()
		},
		"the provider says no": func(s *site, _ *testenv.OIDCProvider) {
			b := s.browser()
			b.get(b.startProviderSignIn() + "&error=access_denied")
		},
		"suspended": func(s *site, _ *testenv.OIDCProvider) {
			s.browser().byProvider()
			must(s.accounts.Suspend(t.Context(), models.Actor{}, "ann", "spam"))(t)
			s.browser().byProvider()
		},
		"an unknown passkey": func(s *site, _ *testenv.OIDCProvider) {
			s.browser().post("/login/passkey", url.Values{"credential": {"{}"}})
		},
	} {
		s := newSite(t)
		try(s, s.withProvider())
		if n := refused(s); n != 1 {
			t.Errorf("%s: %d events", name, n)
		}
	}
}
