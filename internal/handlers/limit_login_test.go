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
)

// logIn sends the form to sign in from an address.
func (s *site) logIn(addr, username, password string) *httptest.ResponseRecorder {
	b := s.browser()
	form := url.Values{"username": {username}, "password": {password}, "next": {"/files"}}
	r := httptest.NewRequest(http.MethodPost, publicURL+"/login", strings.NewReader(form.Encode()))
	r.RemoteAddr = netip.AddrPortFrom(netip.MustParseAddr(addr), 4711).String()
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return b.do(r)
}

func TestLogIn_AttackersLockOutNoUser(t *testing.T) {
	s := newLimited(t, "")
	s.member("ann")
	const wrong, stranger, home = "not her password", "203.0.113.66", "198.51.100.1"
	var got *httptest.ResponseRecorder
	for i := range 20 {
		got = s.logIn(stranger, []string{"ann", "ANN"}[i%2], wrong)
		if want := map[bool]int{true: 422, false: 429}[i < 5]; got.Code != want {
			t.Errorf("wrong try %d: %d, want %d", i+1, got.Code, want)
		}
	}
	page := got.Body.String()
	for _, part := range []string{`name="username" value="ANN"`, `name="next" value="/files"`, "Too many requests", `data-wait="`,
		"data-wait-button"} {
		if !strings.Contains(page, part) {
			t.Errorf("the form comes back without %s:\n%s", part, page)
		}
	}
	if strings.Contains(page, wrong) || got.Header().Get("Retry-After") == "" || got.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("the form comes back with %v\n%s", got.Header(), page)
	}
	wantTold(t, "log-in", got)
	if policy := got.Header().Get("RateLimit-Policy"); !strings.Contains(policy, `"login-minute"`) ||
		!strings.Contains(policy, `"login-account-minute"`) {
		t.Errorf("RateLimit-Policy: %s", policy)
	}
	if got := s.logIn(stranger, "ann", testPassword); got.Code != http.StatusTooManyRequests {
		t.Errorf("the stranger guesses right at last: %d", got.Code)
	}
	if got := s.logIn(home, "ann", testPassword); got.Code != http.StatusSeeOther {
		t.Errorf("ann at home: %d", got.Code)
	}
	s.clock.advance(2 * time.Minute)
	if got := s.logIn(stranger, "ann", wrong); got.Code != http.StatusUnprocessableEntity {
		t.Errorf("after two minutes: %d", got.Code)
	}
}

func TestLogIn_ColleaguesBehindOneAddress(t *testing.T) {
	s := newLimited(t, "")
	for i := range 20 {
		name := fmt.Sprint("colleague_", i)
		s.member(name)
		if got := s.logIn("198.51.100.1", name, testPassword); got.Code != http.StatusSeeOther {
			t.Errorf("%s: %d", name, got.Code)
		}
	}
}

// TestLogIn_HidesWhichAccountsExist compares the responses for an existing
// and an unknown name.
func TestLogIn_HidesWhichAccountsExist(t *testing.T) {
	s := newLimited(t, "")
	s.member("ann")
	for i := range 8 {
		known, unknown := s.logIn("198.51.100.1", "ann", "wrong wrong wrong"), s.logIn("198.51.100.2", "bob", "wrong wrong wrong")
		for _, header := range []string{"RateLimit", "RateLimit-Policy", "Retry-After", "X-RateLimit-Remaining"} {
			if known.Header().Get(header) != unknown.Header().Get(header) {
				t.Errorf("try %d: %s: %q and %q", i+1, header, known.Header().Get(header), unknown.Header().Get(header))
			}
		}
		if known.Code != unknown.Code {
			t.Errorf("try %d: %d and %d", i+1, known.Code, unknown.Code)
		}
	}
}

// TestLogIn_FromManyAddresses uses another address of a network for each try.
func TestLogIn_FromManyAddresses(t *testing.T) {
	s := newLimited(t, "login-elsewhere=1000-H")
	s.member("ann")
	try := func(link, host int) int {
		return s.logIn(fmt.Sprintf("2001:db8:1:%x::%x", link, host), "ann", "wrong wrong wrong").Code
	}
	for link := range 10 {
		for host := range 6 {
			if got, want := try(link, host+1), map[bool]int{true: 422, false: 429}[host < 5]; got != want {
				t.Fatalf("link %d, address %d: %d, want %d", link, host, got, want)
			}
		}
	}
	if got := try(0xff, 1); got != http.StatusTooManyRequests {
		t.Errorf("the eleventh link of a network: %d", got)
	}
}

// TestChangePassword_IsCountedAsALogIn guesses the password of an open session.
func TestChangePassword_IsCountedAsALogIn(t *testing.T) {
	s := newLimited(t, "")
	ann := s.member("ann")
	change := func(current string) *httptest.ResponseRecorder {
		return ann.post("/settings/security", url.Values{"current_password": {current}, "password": {"eighteen blue umbrellas"}})
	}
	for range 5 {
		if got := change("wrong wrong wrong"); got.Code != http.StatusUnprocessableEntity {
			t.Fatalf("a wrong password: %d", got.Code)
		}
	}
	got := change(testPassword)
	if page := got.Body.String(); got.Code != http.StatusTooManyRequests || !strings.Contains(page, "data-wait=") ||
		strings.Contains(page, testPassword) {
		t.Errorf("the sixth: %d\n%s", got.Code, page)
	}
	if got := s.logIn("192.0.2.1", "ann", testPassword); got.Code != http.StatusTooManyRequests {
		t.Errorf("logging in from the same address: %d", got.Code)
	}
	s.clock.advance(2 * time.Minute)
	if got := change(testPassword); got.Code != http.StatusSeeOther {
		t.Errorf("after two minutes: %d", got.Code)
	}
}
