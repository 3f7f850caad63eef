package handlers_test

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // RFC 6238 wants it
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"example.org/cloakroom/internal/accounts"
	"example.org/cloakroom/internal/models"
)

// codeAt is the code of an authenticator at a time (RFC 6238 and RFC 4226,
// 5.3). It does not use the product's code.
func codeAt(t testing.TB, key string, at time.Time) string {
	t.Helper()
	secret := must(base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.ReplaceAll(key, " ", "")))(t)
	mac := hmac.New(sha1.New, secret)
	mac.Write(binary.BigEndian.AppendUint64(nil, uint64(at.Unix()/30)))
	sum := mac.Sum(nil)
	return fmt.Sprintf("%06d", binary.BigEndian.Uint32(sum[sum[19]&15:])&0x7fffffff%1_000_000)
}

var recoveryCode = regexp.MustCompile(`<li><code>([A-Z2-7-]{29})</code></li>`)

// withFactor sets up a second factor for b, and returns its key and recovery
// codes.
func (b *browser) withFactor(s *site) (key string, codes []string) {
	s.t.Helper()
	if got := b.post("/settings/second-factor/begin", nil); got.Code != http.StatusSeeOther {
		s.t.Fatalf("beginning is answered %d\n%s", got.Code, got.Body)
	}
	key = between(b.get("/settings/second-factor").Body.String(), "The key: <code>", "</code>")
	done := b.post("/settings/second-factor/finish", url.Values{"code": {codeAt(s.t, key, s.clock.now())}})
	if done.Code != http.StatusCreated {
		s.t.Fatalf("finishing is answered %d\n%s", done.Code, done.Body)
	}
	for _, m := range recoveryCode.FindAllStringSubmatch(done.Body.String(), -1) {
		codes = append(codes, m[1])
	}
	if len(codes) != 10 {
		s.t.Fatalf("%d recovery codes", len(codes))
	}
	return key, codes
}

// halfIn returns a browser that sent ann's password, without a code.
func (s *site) halfIn() *browser {
	s.t.Helper()
	b := s.browser()
	got := b.post("/login", url.Values{"username": {"ann"}, "password": {testPassword}, "next": {"/files"}})
	if to := got.Header().Get("Location"); to != "/login/second-factor?next=%2Ffiles" {
		s.t.Fatalf("the password leads to %d %q", got.Code, to)
	}
	if got := b.get("/files"); got.Code != http.StatusSeeOther {
		s.t.Fatalf("the password alone opens /files: %d", got.Code)
	}
	return b
}

// tries a code, and returns whether it opened a session.
func (b *browser) opens(code string) bool {
	got := b.post("/login/second-factor", url.Values{"code": {code}, "next": {"/files"}})
	return got.Code == http.StatusSeeOther && got.Header().Get("Location") == "/files" && b.get("/files").Code == http.StatusOK
}

func TestSecondFactor_OfALogIn(t *testing.T) {
	eachDatabase(t, func(t *testing.T, s *site) {
		ann, elsewhere := s.registered("ann"), s.browser()
		elsewhere.post("/login", url.Values{"username": {"ann"}, "password": {testPassword}})
		if got := ann.post("/settings/second-factor/finish", url.Values{"code": {"123456"}}); got.Code != http.StatusConflict {
			t.Errorf("finishing what was not begun: %d", got.Code)
		}
		ann.post("/settings/second-factor/begin", nil)
		if qr := ann.get("/settings/second-factor/qr.png"); qr.Code != http.StatusOK || !strings.HasPrefix(qr.Body.String(), "\x89PNG") ||
			qr.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("the QR code: %d %v", qr.Code, qr.Header())
		}
		if got := ann.post("/settings/second-factor/finish", url.Values{"code": {"000000"}}); got.Code != http.StatusUnprocessableEntity ||
			!strings.Contains(got.Body.String(), `id="code-problem"`) {
			t.Errorf("a wrong code: %d\n%s", got.Code, got.Body)
		}
		s.browser().post("/login", url.Values{"username": {"ann"}, "password": {testPassword}}) // still without a code
		key, codes := ann.withFactor(s)
		if got := elsewhere.get("/files"); got.Code != http.StatusSeeOther {
			t.Errorf("the other session lives: %d", got.Code)
		}
		if got := ann.get("/settings/second-factor/qr.png"); got.Code != http.StatusNotFound {
			t.Errorf("the key is shown again: %d", got.Code)
		}
		if got := ann.post("/settings/second-factor/begin", nil); got.Code != http.StatusConflict {
			t.Errorf("beginning over one that holds: %d", got.Code)
		}
		now := func(steps int) string { return codeAt(t, key, s.clock.now().Add(time.Duration(steps)*30*time.Second)) }
		b := s.halfIn()
		if b.opens(now(0)) {
			t.Error("the code that set it up opens")
		}
		s.clock.advance(30 * time.Second)
		for _, steps := range []int{-3, -2, 2, 3} {
			if b.opens(now(steps)) {
				t.Errorf("a code %d steps off opens", steps)
			}
		}
		if !b.opens(" " + now(1)[:3] + " " + now(1)[3:]) {
			t.Error("the next code does not open")
		}
		b = s.halfIn()
		if b.opens(now(1)) || b.opens(now(0)) {
			t.Error("a code that was used, or one before it, opens")
		}
		s.clock.advance(time.Minute)
		if !b.opens(now(0)) {
			t.Error("a later code does not open")
		}
		if b := s.halfIn(); !b.opens(strings.ToLower(codes[3])) {
			t.Error("a recovery code does not open")
		}
		if b := s.halfIn(); b.opens(codes[3]) || !b.opens(strings.ReplaceAll(codes[4], "-", " ")) {
			t.Error("a recovery code opens twice, or the next does not")
		}
		s.wantAudited("user.add_factor done", "session.log_in refused", "session.log_in done")
	})
}

// A pending sign-in ends by time, by use, and with all sessions.
func TestSecondFactor_PendingEnds(t *testing.T) {
	s := newSite(t)
	ann := s.registered("ann")
	_, codes := ann.withFactor(s)
	late := s.halfIn()
	s.clock.advance(5*time.Minute - time.Microsecond)
	if got := late.get("/login/second-factor"); got.Code != http.StatusOK {
		t.Errorf("just in time: %d", got.Code)
	}
	s.clock.advance(time.Microsecond)
	if late.opens(codes[0]) {
		t.Error("a log-in is pending for ever")
	}
	cut := s.halfIn()
	if got := ann.post("/settings/security", url.Values{"current_password": {testPassword},
		"password": {"another long password"}}); got.Code != http.StatusSeeOther {
		t.Fatalf("changing the password: %d", got.Code)
	}
	if cut.opens(codes[1]) {
		t.Error("a log-in by the old password goes on")
	}
	if got := s.browser().post("/login/second-factor", url.Values{"code": {codes[1]}}); got.Header().Get("Location") != "/login" {
		t.Errorf("a code without a password: %d %s", got.Code, got.Header().Get("Location"))
	}
}

// The site checks ten codes an hour, from however many browsers with the right
// password.
func TestSecondFactor_TriesAreBounded(t *testing.T) {
	s := newSite(t)
	key, _ := s.registered("ann").withFactor(s)
	s.clock.advance(30 * time.Second)
	for range 10 {
		if s.halfIn().opens("000000") {
			t.Fatal("a wrong code opens")
		}
	}
	got := s.halfIn().post("/login/second-factor", url.Values{"code": {codeAt(t, key, s.clock.now())}})
	if got.Code != http.StatusTooManyRequests || !strings.Contains(got.Body.String(), "Too many wrong codes") {
		t.Errorf("the eleventh is answered %d\n%s", got.Code, got.Body)
	}
	s.clock.advance(time.Hour)
	if b := s.halfIn(); b.opens("000000") || !b.opens(codeAt(t, key, s.clock.now())) {
		t.Error("an hour later the right code does not open")
	}
}

// A setup that was begun can be cancelled, and an app that is set up stays.
func TestSecondFactor_SetupIsCancelled(t *testing.T) {
	eachDatabase(t, func(t *testing.T, s *site) {
		ann := s.registered("ann")
		ann.post("/settings/second-factor/begin", nil)
		ann.wantPage("/settings/second-factor", "The key: <code>", ">Cancel</button>")
		for range 2 {
			if got := ann.post("/settings/second-factor/cancel", nil); got.Header().Get("Location") != "/settings/second-factor" {
				t.Errorf("cancelling: %d", got.Code)
			}
		}
		ann.wantPage("/settings/second-factor", ">Set up</button>")
		ann.withFactor(s)
		ann.post("/settings/second-factor/cancel", nil)
		ann.wantPage("/settings/second-factor", "Remove authenticator app")
	})
}

func TestSecondFactor_Removed(t *testing.T) {
	s := newSite(t)
	ann := s.registered("ann")
	_, codes := ann.withFactor(s)
	fresh := recoveryCode.FindStringSubmatch(ann.post("/settings/second-factor/codes", nil).Body.String())
	if b := s.halfIn(); b.opens(codes[0]) || fresh == nil || !b.opens(fresh[1]) {
		t.Error("an old recovery code opens, or a new one does not")
	}
	if got := ann.post("/settings/second-factor/remove", nil); got.Code != http.StatusSeeOther {
		t.Errorf("removing it: %d", got.Code)
	}
	if got := ann.post("/settings/second-factor/remove", nil); got.Code != http.StatusConflict {
		t.Errorf("removing it again: %d", got.Code)
	}
	if got := ann.post("/settings/second-factor/codes", nil); got.Code != http.StatusConflict {
		t.Errorf("recovery codes without a factor: %d", got.Code)
	}
	if got := s.browser().post("/login", url.Values{"username": {"ann"}, "password": {testPassword}}); got.Header().Get("Location") != "/" {
		t.Errorf("the password alone: %d %s", got.Code, got.Header().Get("Location"))
	}
	s.clock.advance(31 * time.Minute)
	if got := ann.post("/settings/second-factor/begin", nil); got.Code != http.StatusForbidden {
		t.Errorf("without a proof of being there: %d", got.Code)
	}
	s.wantAudited("user.add_factor done", "user.new_recovery_codes done", "user.remove_factor done")
}

// Every way to sign in follows the policy, with a second factor and without.
func TestSecondFactor_WantedByRole(t *testing.T) {
	s := newSite(t)
	boss, ann := s.withRole("boss", models.RoleAdmin), s.registered("ann")
	tokens := map[string]string{"boss": s.programOf("boss").token, "ann": s.programOf("ann").token}
	s.setPolicy(func(policy *accounts.Policy) { policy.FactorRoles = []models.Role{models.RoleAdmin} })
	me := func(name string) int {
		request := httptest.NewRequest(http.MethodGet, publicURL+"/api/v1/me", nil)
		request.Header.Set("Authorization", "Bearer "+tokens[name])
		return s.browser().do(request).Code
	}
	want := func(what string, got *httptest.ResponseRecorder, code int, to string) {
		t.Helper()
		if got.Code != code || got.Header().Get("Location") != to {
			t.Errorf("%s: %d %s, want %d %s", what, got.Code, got.Header().Get("Location"), code, to)
		}
	}
	in := s.browser()
	want("the form", in.post("/login", url.Values{"username": {"boss"}, "password": {testPassword}}), 303, "/")
	for name, b := range map[string]*browser{"the session there was": boss, "a new session": in} {
		for _, path := range []string{"/", "/admin/audit", "/files", "/settings/tokens", "/confirm?next=/"} {
			code, to := 303, "/settings/second-factor"
			if strings.HasPrefix(path, "/confirm") {
				code, to = 200, ""
			}
			want(name+" at "+path, b.get(path), code, to)
		}
		want(name+" posts", b.post("/settings/tokens", url.Values{"name": {"x"}, "scope": {"read", "write", "upload"}}), 403, "")
		want(name+" sets one up", b.get("/settings/second-factor"), 200, "")
	}
	if got := me("boss"); got != http.StatusForbidden {
		t.Errorf("the token of one who owes a factor: %d", got)
	}
	want("another role", ann.get("/files"), 200, "")
	if got := me("ann"); got != http.StatusOK {
		t.Errorf("the token of another role: %d", got)
	}
	boss.withFactor(s)
	want("with a factor", boss.get("/admin/audit"), 200, "")
	want("the session without", in.get("/admin/audit"), 303, "/login?next=%2Fadmin%2Faudit")
	if got := me("boss"); got != http.StatusOK {
		t.Errorf("the token of one who has a factor: %d", got)
	}
	want("the form", s.browser().post("/login", url.Values{"username": {"boss"}, "password": {testPassword}}), 303,
		"/login/second-factor?next=%2F")
}
