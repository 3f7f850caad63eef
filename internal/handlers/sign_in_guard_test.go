package handlers_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"example.org/cloakroom/internal/accounts"
	"example.org/cloakroom/internal/models"
)

// logInFrom sends the form to sign in from an address.
func (b *browser) logInFrom(addr, username, password string) *httptest.ResponseRecorder {
	form := url.Values{"username": {username}, "password": {password}}
	r := httptest.NewRequest(http.MethodPost, publicURL+"/login", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.RemoteAddr = netip.AddrPortFrom(netip.MustParseAddr(addr), 4711).String()
	return b.do(r)
}

// People sign in with their username or email, as a phone's keyboard writes it.
func TestLogIn_ByUsernameOrEmail(t *testing.T) {
	eachDatabase(t, func(t *testing.T, s *site) {
		s.registered("ann")
		s.exec(`UPDATE users SET email_verified_at = created_at WHERE username = 'ann'`)
		for _, typed := range []string{"ann", "Ann ", " ann@example.org", "ANN@example.org "} {
			if got := s.browser().logInFrom("192.0.2.1", typed, testPassword); got.Code != http.StatusSeeOther {
				t.Errorf("as %q: %d", typed, got.Code)
			}
		}
		s.registered("bob")
		s.exec(`UPDATE users SET email = 'ann@example.org' WHERE username = 'bob'`)
		b := s.browser()
		if got := b.logInFrom("192.0.2.1", "ann@example.org", testPassword); got.Code != http.StatusSeeOther {
			t.Errorf("with a stranger who claims the address: %d", got.Code)
		}
		if page := b.get("/settings/profile").Body.String(); !strings.Contains(page, "/users/ann") {
			t.Errorf("it is not the one who verified it:\n%s", page)
		}
		s.exec(`UPDATE users SET email_verified_at = NULL`)
		if got := s.browser().logInFrom("192.0.2.1", "ann@example.org", testPassword); got.Code != http.StatusSeeOther {
			t.Errorf("with a stranger who claims the address, and nobody verified it: %d", got.Code)
		}
		s.exec(`UPDATE users SET email_verified_at = created_at`)
		for typed, password := range map[string]string{"ann@example.org": testPassword, "nobody@example.org": testPassword, "ann": "wrong"} {
			if got := s.browser().logInFrom("192.0.2.1", typed, password); got.Code != http.StatusUnprocessableEntity {
				t.Errorf("as %q: %d", typed, got.Code)
			}
		}
	})
}

// Each attempt to sign in is in the audit log, with its way, outcome and address.
func TestLogIn_IsAudited(t *testing.T) {
	s := newSite(t)
	s.registered("ann")
	s.browser().logInFrom("192.0.2.7", "ann", testPassword)
	s.browser().logInFrom("192.0.2.7", "ann", "wrong")
	s.browser().logInFrom("192.0.2.7", "nobody", "wrong")
	ann := string(s.userNamed("ann").ID)
	got := strings.Join(s.cells(`
		SELECT action || ' ' || outcome || ' ' || object || ' ' || address || ' ' || detail FROM audit_events ORDER BY seq`), "\n")
	want := "session.log_in done user:" + ann + " 192.0.2.7 password\n" +
		"session.log_in refused user:" + ann + " 192.0.2.7 wrong password\n" +
		"session.log_in refused  192.0.2.7 password: unknown user"
	if got != want {
		t.Errorf("the log is\n%s\nwant\n%s", got, want)
	}
	if strings.Contains(got, "nobody") {
		t.Error("it tells what was typed as a name, which may be a password")
	}
}

// Many addresses guess a password no faster than one, except from where its user came
// before; and the user is told, once.
func TestLogIn_GuessingFromManyAddresses(t *testing.T) {
	s := newLimited(t, "login-elsewhere=5-H")
	s.registered("ann")
	if got := s.browser().logInFrom("203.0.113.9", "ann", testPassword); got.Code != http.StatusSeeOther {
		t.Fatalf("signing in: %d", got.Code)
	}
	codes := map[int]int{}
	for i := range 20 {
		codes[s.browser().logInFrom(fmt.Sprintf("198.51.%d.1", i), "ann", "wrong").Code]++
	}
	if codes[http.StatusUnprocessableEntity] != 4 || codes[http.StatusTooManyRequests] != 16 { // one attempt was ann's
		t.Errorf("20 addresses: %v", codes)
	}
	if got := s.browser().logInFrom("198.51.100.1", "ann", testPassword); got.Code != http.StatusTooManyRequests {
		t.Errorf("the password from another network: %d", got.Code)
	}
	ann := s.browser()
	if got := ann.logInFrom("203.0.113.200", "ann", testPassword); got.Code != http.StatusSeeOther {
		t.Errorf("from a network that ann knows: %d", got.Code)
	}
	if got := ann.post("/confirm", url.Values{"password": {testPassword}}); got.Code != http.StatusSeeOther {
		t.Errorf("confirming in a session: %d", got.Code)
	}
	if page := ann.get("/notifications").Body.String(); strings.Count(page, "<p>There were many wrong passwords") != 1 {
		t.Errorf("ann is not told once:\n%s", page)
	}
	s.clock.advance(25 * time.Hour)
	for i := range 20 {
		s.browser().logInFrom(fmt.Sprintf("198.51.%d.1", i), "ann", "wrong")
	}
	ann.logInFrom("203.0.113.200", "ann", testPassword)
	if page := ann.get("/notifications").Body.String(); strings.Count(page, "<p>There were many wrong passwords") != 2 {
		t.Errorf("ann is not told again after a day:\n%s", page)
	}
}

// A session gets another secret when its user authenticates again or changes the
// password, and goes on: also what it has begun.
func TestSession_IsRenewed(t *testing.T) {
	eachDatabase(t, func(t *testing.T, s *site) {
		ann := s.registered("ann")
		first := models.SecretHash(s.cells(`SELECT first_hash FROM sessions`)[0])
		hash := func() string { return s.cells(`SELECT hash FROM sessions`)[0] }
		for what, renew := range map[string]func() *httptest.ResponseRecorder{
			"confirming": func() *httptest.ResponseRecorder { return ann.post("/confirm", url.Values{"password": {testPassword}}) },
			"changing the password": func() *httptest.ResponseRecorder {
				return ann.post("/settings/security", url.Values{"current_password": {testPassword}, "password": {testPassword}})
			},
		} {
			before, stale := hash(), s.browser()
			for _, cookie := range ann.jar.Cookies(must(url.Parse(publicURL))(t)) {
				stale.jar.SetCookies(must(url.Parse(publicURL))(t), []*http.Cookie{cookie})
			}
			if got := renew(); got.Code != http.StatusSeeOther {
				t.Fatalf("%s: %d\n%s", what, got.Code, got.Body)
			}
			if hash() == before || ann.get("/files").Code != http.StatusOK {
				t.Errorf("%s keeps the secret, or ends the session", what)
			}
			if got := stale.get("/files"); got.Code != http.StatusSeeOther {
				t.Errorf("%s leaves the old secret valid: %d", what, got.Code)
			}
			if _, err := s.accounts.StillAuthenticated(t.Context(), s.userNamed("ann").ID, first); err != nil {
				t.Errorf("%s ends what the session has begun: %v", what, err)
			}
		}
		s.browser().post("/login", url.Values{"username": {"ann"}, "password": {testPassword}})
		if got := ann.post("/register", url.Values{"username": {"bea"}, "email": {"b@example.org"}, "password": {testPassword}}); got.Code !=
			http.StatusSeeOther {
			t.Fatalf("registering another: %d", got.Code)
		}
		if n := s.cells(`SELECT COUNT(*) FROM sessions s JOIN users u ON u.id = s.user_id WHERE u.username = 'ann'`)[0]; n != "1" {
			t.Errorf("ann has %s sessions after this browser became bea's", n)
		}
	})
}

// A changed password ends API tokens and revokes the links made by them, unless the user
// keeps them.
func TestPasswordChange_EndsTokens(t *testing.T) {
	eachDatabase(t, func(t *testing.T, s *site) {
		for _, keep := range []bool{true, false} {
			name := fmt.Sprintf("ann_%v", keep)
			p := s.program(name)
			got := p.send(http.MethodPut, "/files/a.txt?share=1d", []byte("hello"), "Content-Type", "text/plain")
			if got.Code != http.StatusCreated {
				t.Fatalf("uploading: %d\n%s", got.Code, got.Body)
			}
			b := s.browser()
			b.post("/login", url.Values{"username": {name}, "password": {testPassword}})
			form := url.Values{"current_password": {testPassword}, "password": {testPassword}}
			if keep {
				form.Set("keep_tokens", "1")
			}
			if got := b.post("/settings/security", form); got.Code != http.StatusSeeOther {
				t.Fatalf("changing the password: %d\n%s", got.Code, got.Body)
			}
			if works := p.send(http.MethodGet, "/me", nil).Code == http.StatusOK; works != keep {
				t.Errorf("keep %v: the token works: %v", keep, works)
			}
			open := s.cells(`SELECT COUNT(*) FROM shares s JOIN users u ON u.id = s.owner_id
				WHERE s.revoked_at IS NULL AND s.by_token AND u.username = '` + name + `'`)[0]
			if (open == "1") != keep {
				t.Errorf("keep %v: %s links are open", keep, open)
			}
		}
	})
}

// Once there is an admin, whoever made them, no setup link makes another; each way is
// audited.
func TestSetup_EndsWithTheFirstAdmin(t *testing.T) {
	eachDatabase(t, func(t *testing.T, s *site) {
		link := must(s.accounts.NewSetupLink(t.Context()))(t)
		if s.browser().get("/setup/"+link.Reveal()).Code != http.StatusOK {
			t.Fatal("the link does not work")
		}
		must(s.accounts.CreateAdmin(t.Context(), accounts.RegistrationInput{Username: "root", Email: "r@example.org", Password: testPassword}))(t)
		form := url.Values{"username": {"eve"}, "email": {"e@example.org"}, "password": {testPassword}}
		if got := s.browser().post("/setup/"+link.Reveal(), form); got.Code != http.StatusNotFound {
			t.Errorf("the link makes a second admin: %d", got.Code)
		}
		if n := s.cells(`SELECT COUNT(*) FROM setup_links`)[0]; n != "0" {
			t.Errorf("%s links are left", n)
		}
		s.exec(`INSERT INTO setup_links (hash, created_at, expires_at) SELECT '` + string(link.Hash()) + `', created_at, '2099-01-01' FROM users`)
		if got := s.browser().post("/setup/"+link.Reveal(), form); got.Code != http.StatusNotFound {
			t.Errorf("a link that is left makes a second admin: %d", got.Code)
		}
		s.wantAudited("admin.create done")
	})
}

func TestSetup_IsAudited(t *testing.T) {
	s := newSite(t)
	link := must(s.accounts.NewSetupLink(t.Context()))(t)
	form := url.Values{"username": {"root"}, "email": {"r@example.org"}, "password": {testPassword}}
	if got := s.browser().post("/setup/"+link.Reveal(), form); got.Code != http.StatusSeeOther {
		t.Fatalf("setting up: %d\n%s", got.Code, got.Body)
	}
	s.wantAudited("admin.create done")
}

// Wrong codes run out; a recovery code still works, and a right code gives the attempts
// back.
func TestSecondFactor_OnlyWrongCodesCount(t *testing.T) {
	s := newSite(t)
	key, codes := s.registered("ann").withFactor(s)
	b := s.halfIn()
	for range 9 {
		b.opens("000000")
	}
	s.clock.advance(time.Minute)
	if !b.opens(codeAt(t, key, s.clock.now())) {
		t.Fatal("the right code after nine wrong ones does not open")
	}
	b = s.halfIn()
	for range 10 {
		if b.opens("000000") {
			t.Fatal("a wrong code opens")
		}
	}
	s.clock.advance(time.Minute)
	if b.opens(codeAt(t, key, s.clock.now())) {
		t.Error("after ten wrong ones, the eleventh counts")
	}
	if !b.opens(codes[0]) {
		t.Error("a recovery code is blocked by wrong codes")
	}
}

// Names that speak for the site are for operators.
func TestRegister_ReservedNames(t *testing.T) {
	s := newSite(t)
	for name, want := range map[string]int{"admin": 422, "Support": 422, "root__": 422, "_postmaster": 422, "administrators_wife": 303} {
		got := s.browser().post("/register", url.Values{"username": {name}, "email": {"x@example.org"}, "password": {testPassword}})
		if got.Code != want {
			t.Errorf("%s: %d, want %d", name, got.Code, want)
		}
	}
	in := accounts.RegistrationInput{Username: "admin", Email: "a@example.org", Password: testPassword}
	_, err := s.accounts.CreateAdmin(t.Context(), in)
	if err != nil {
		t.Errorf("an operator: %v", err)
	}
}
