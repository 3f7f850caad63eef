package handlers_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"example.org/cloakroom/internal/accounts"
	"example.org/cloakroom/internal/models"
)

// byPasskey signs in with a passkey only.
func (b *browser) byPasskey(a *authenticator) *httptest.ResponseRecorder {
	b.t.Helper()
	return b.post("/login/passkey", url.Values{"credential": {a.sign(b.asked("/login/passkey/options"))}, "next": {"/files"}})
}

func wantIn(t *testing.T, what string, got *httptest.ResponseRecorder, in bool) {
	t.Helper()
	if in != (got.Code == http.StatusSeeOther && got.Header().Get("Location") == "/files") || !in &&
		got.Code != http.StatusUnprocessableEntity {
		t.Errorf("%s: %d %s, want in: %v", what, got.Code, got.Header().Get("Location"), in)
	}
}

func TestPasskey_EachWay(t *testing.T) {
	eachDatabase(t, func(t *testing.T, s *site) {
		ann, elsewhere := s.registered("ann"), s.browser()
		elsewhere.post("/login", url.Values{"username": {"ann"}, "password": {testPassword}})
		a, made := ann.withPasskey()
		codes := recoveryCode.FindAllStringSubmatch(made.Body.String(), -1)
		if len(codes) != 10 || !strings.Contains(made.Body.String(), "my phone") {
			t.Fatalf("the first passkey brings %d recovery codes\n%s", len(codes), made.Body)
		}
		if got := elsewhere.get("/files"); got.Code != http.StatusSeeOther {
			t.Errorf("the other session lives: %d", got.Code)
		}
		a.count++
		alone := s.browser()
		wantIn(t, "by passkey alone", alone.byPasskey(a), true)
		if got := alone.get("/files"); got.Code != http.StatusOK {
			t.Errorf("the session by passkey: %d", got.Code)
		}
		a.count++
		half := s.halfIn()
		answer := a.sign(half.asked("/login/second-factor/options"))
		wantIn(t, "as the second factor", half.post("/login/second-factor/passkey", url.Values{"credential": {answer}, "next": {"/files"}}), true)
		if b := s.halfIn(); b.opens("000000") || !b.opens(codes[0][1]) {
			t.Error("a guessed code opens, or a recovery code does not")
		}
		s.clock.advance(31 * time.Minute)
		if got := ann.get("/settings/second-factor"); got.Code != http.StatusSeeOther {
			t.Fatalf("after half an hour: %d", got.Code)
		}
		a.count++
		answer = a.sign(ann.asked("/confirm/options"))
		wantIn(t, "to confirm", ann.post("/confirm/passkey", url.Values{"credential": {answer}, "next": {"/files"}}), true)
		page := ann.get("/settings/second-factor").Body.String()
		remove := "/settings/second-factor/passkeys/" + between(page, "/settings/second-factor/passkeys/", "/delete") + "/delete"
		if got := s.registered("bob").post(remove, nil); got.Code != http.StatusNotFound {
			t.Errorf("another deletes it: %d", got.Code)
		}
		if got := ann.post(remove, nil); got.Code != http.StatusSeeOther {
			t.Errorf("deleting it: %d\n%s", got.Code, got.Body)
		}
		if got := alone.get("/files"); got.Code != http.StatusSeeOther {
			t.Errorf("the session by the deleted passkey lives: %d", got.Code)
		}
		a.count++
		wantIn(t, "when it is deleted", s.browser().byPasskey(a), false)
		if got := s.browser().post("/login", url.Values{"username": {"ann"}, "password": {testPassword}}); got.Header().Get("Location") != "/" {
			t.Errorf("the password alone: %d %s", got.Code, got.Header().Get("Location"))
		}
		s.wantAudited("user.add_factor done", "session.log_in done", "session.log_in done", "session.confirm done", "user.remove_factor done")
	})
}

// A response counts once, in time, for its own challenge, on this site, for the
// same user, and only with user verification where it was requested.
func TestPasskey_AnswersThatDoNotCount(t *testing.T) {
	s := newSite(t)
	ann, bob := s.registered("ann"), s.registered("bob")
	a, _ := ann.withPasskey()
	b, _ := bob.withPasskey()
	send := func(who *browser, answer string) *httptest.ResponseRecorder {
		a.count++
		return who.post("/login/passkey", url.Values{"credential": {answer}, "next": {"/files"}})
	}
	ask := func() options { return s.browser().asked("/login/passkey/options") }
	a.count++
	once := a.sign(ask())
	wantIn(t, "at first", send(s.browser(), once), true)
	wantIn(t, "again", send(s.browser(), once), false)
	late := ask()
	s.clock.advance(5 * time.Minute)
	wantIn(t, "too late", send(s.browser(), a.sign(late)), false)
	wantIn(t, "of a step-up", send(s.browser(), a.sign(ann.asked("/confirm/options"))), false)
	for what, change := range map[string]func(*authenticator){
		"from another site":       func(a *authenticator) { a.origin = "https://evil.example" },
		"for another site":        func(a *authenticator) { a.host = "evil.example" },
		"unverified":              func(a *authenticator) { a.flags = present },
		"by nobody there":         func(a *authenticator) { a.flags = verified },
		"of a copy":               func(a *authenticator) { a.count = 1 },
		"by another key":          func(a *authenticator) { a.key = newAuthenticator(t).key },
		"of another's credential": func(a *authenticator) { a.id = b.id },
		"of an unknown one":       func(a *authenticator) { a.id = []byte("unknown") },
	} {
		changed := *a
		change(&changed)
		wantIn(t, what, send(s.browser(), changed.sign(ask())), false)
	}
	for _, hostile := range []string{"", "{}", "null", "[1]", `{"id":"x"}`, strings.Repeat("[", 20_000)} {
		wantIn(t, "hostile", send(s.browser(), hostile), false)
	}
	half := s.halfIn() // as ann
	answer := b.sign(half.asked("/login/second-factor/options"))
	wantIn(t, "bob's for ann", half.post("/login/second-factor/passkey", url.Values{"credential": {answer}, "next": {"/files"}}), false)
	other := a.sign(s.halfIn().asked("/login/second-factor/options"))
	wantIn(t, "of another log-in", half.post("/login/second-factor/passkey", url.Values{"credential": {other}, "next": {"/files"}}), false)
	wantIn(t, "at last", send(s.browser(), a.sign(ask())), true)
	if _, err := s.accounts.Suspend(t.Context(), models.Actor{}, "ann", ""); err != nil {
		t.Fatal(err)
	}
	if got := send(s.browser(), a.sign(ask())); got.Code != http.StatusForbidden {
		t.Errorf("a suspended user: %d", got.Code)
	}
}

// Of several responses with the same counter, one counts.
func TestPasskey_CountsOnce(t *testing.T) {
	eachDatabase(t, func(t *testing.T, s *site) {
		a, _ := s.registered("ann").withPasskey()
		a.count++
		var in atomic.Int32
		var all sync.WaitGroup
		for range 8 {
			b := s.browser()
			form := url.Values{"credential": {a.sign(b.asked("/login/passkey/options"))}}
			all.Go(func() {
				if b.post("/login/passkey", form).Code == http.StatusSeeOther {
					in.Add(1)
				}
			})
		}
		all.Wait()
		if in.Load() != 1 {
			t.Errorf("%d came in", in.Load())
		}
	})
}

// A passkey satisfies the policy for two-factor authentication, and admins can
// remove it.
func TestPasskey_SatisfiesThePolicy(t *testing.T) {
	s := newSite(t)
	boss := s.withRole("boss", models.RoleAdmin)
	token := s.programOf("boss").token
	s.setPolicy(func(policy *accounts.Policy) { policy.FactorRoles = []models.Role{models.RoleAdmin} })
	me := func() int {
		request := httptest.NewRequest(http.MethodGet, publicURL+"/api/v1/me", nil)
		request.Header.Set("Authorization", "Bearer "+token)
		return s.browser().do(request).Code
	}
	if got := boss.get("/admin/audit"); got.Code != http.StatusSeeOther || me() != http.StatusForbidden {
		t.Errorf("without a factor: %d, %d", got.Code, me())
	}
	a, _ := boss.withPasskey()
	a.count++
	in := s.browser()
	wantIn(t, "by passkey", in.byPasskey(a), true)
	if got := in.get("/admin/audit"); got.Code != http.StatusOK || me() != http.StatusOK {
		t.Errorf("with a passkey: %d, %d", got.Code, me())
	}
	if _, err := s.accounts.RemoveFactorsOf(t.Context(), models.Actor{}, "boss", "lost"); err != nil {
		t.Fatal(err)
	}
	a.count++
	wantIn(t, "when it was taken away", s.browser().byPasskey(a), false)
	if got := in.get("/files"); got.Code != http.StatusSeeOther || me() != http.StatusForbidden {
		t.Errorf("after that: %d, %d", got.Code, me())
	}
}

func TestPasskey_HasABound(t *testing.T) {
	s := newSite(t)
	ann := s.registered("ann")
	for range 20 {
		ann.withPasskey()
	}
	answer := newAuthenticator(t).register(ann.asked("/settings/second-factor/passkeys/options"))
	got := ann.post("/settings/second-factor/passkeys", url.Values{"name": {"one more"}, "credential": {answer}})
	if got.Code != http.StatusUnprocessableEntity || !strings.Contains(got.Body.String(), "You have 20 passkeys") {
		t.Errorf("the 21st: %d\n%s", got.Code, got.Body)
	}
}

// A site without a full host name starts, and logs why passkeys are off.
func TestPasskey_WithoutAHostName(t *testing.T) {
	for _, named := range []string{"http://localhost:8080", "https://files.example.org", "https://files.localhost"} {
		if _, err := accounts.NewRelyingParty(named); err != nil {
			t.Errorf("%s: %v", named, err)
		}
	}
	s := newSite(t)
	for _, nameless := range []string{"http://127.0.0.1:8080", "http://cloakroom:8080", "https://[::1]:8443"} {
		s.accounts.Relying = must(accounts.NewRelyingParty(nameless))(t)
		if got := s.browser().post("/login/passkey/options", nil); got.Code != http.StatusConflict ||
			!strings.Contains(got.Body.String(), "full host name") {
			t.Errorf("%s: %d\n%s", nameless, got.Code, got.Body)
		}
	}
}
