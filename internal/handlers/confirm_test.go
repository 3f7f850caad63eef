package handlers_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// A user without recent re-authentication is asked for it, and then continues.
func TestConfirm(t *testing.T) {
	s := newSite(t)
	ann := s.registered("ann")
	s.clock.advance(31 * time.Minute)
	form := url.Values{"name": {"laptop"}, "scope": {"read"}}
	request := httptest.NewRequest(http.MethodPost, publicURL+"/settings/tokens", strings.NewReader(form.Encode()))
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Sec-Fetch-Site", "same-origin")
	request.Header.Set("Referer", publicURL+"/settings/tokens")
	got := ann.do(request)
	if page := got.Body.String(); got.Code != http.StatusForbidden || !strings.Contains(page, `href="/confirm?next=%2Fsettings%2Ftokens"`) {
		t.Fatalf("a dangerous form is answered %d\n%s", got.Code, page)
	}
	wrong := ann.post("/confirm", url.Values{"password": {"not the password"}, "next": {"/settings/tokens"}})
	if page := wrong.Body.String(); wrong.Code != http.StatusUnprocessableEntity || !strings.Contains(page, "password-problem") {
		t.Errorf("a wrong password is answered %d\n%s", wrong.Code, page)
	}
	if got := ann.post("/settings/tokens", form); got.Code != http.StatusForbidden {
		t.Errorf("after a wrong password the form is answered %d", got.Code)
	}
	right := ann.post("/confirm", url.Values{"password": {testPassword}, "next": {"/settings/tokens"}})
	if to := right.Header().Get("Location"); right.Code != http.StatusSeeOther || to != "/settings/tokens" {
		t.Fatalf("the password is answered %d %s", right.Code, to)
	}
	if got := ann.post("/settings/tokens", form); got.Code != http.StatusCreated {
		t.Errorf("after the password the form is answered %d", got.Code)
	}
	s.clock.advance(30 * time.Minute)
	if got := ann.post("/settings/tokens", form); got.Code != http.StatusForbidden {
		t.Errorf("half an hour later the form is answered %d", got.Code)
	}
	s.wantAudited("session.confirm refused", "session.confirm done")
}

// The page to continue on belongs to this site, whatever the form and the
// browser send.
func TestConfirm_LeadsToOurPagesOnly(t *testing.T) {
	s := newSite(t)
	ann := s.registered("ann")
	for _, next := range []string{"//evil.example", "https://evil.example/", `/\evil.example`, "evil"} {
		got := ann.post("/confirm", url.Values{"password": {testPassword}, "next": {next}})
		if to := got.Header().Get("Location"); to != "/" {
			t.Errorf("%q leads to %q", next, to)
		}
	}
	s.clock.advance(time.Hour)
	request := httptest.NewRequest(http.MethodPost, publicURL+"/settings/tokens", nil)
	request.Header.Set("Sec-Fetch-Site", "same-origin")
	request.Header.Set("Referer", "https://evil.example/settings")
	if got := ann.do(request); !strings.Contains(got.Body.String(), `href="/confirm?next=%2F"`) {
		t.Error("the way back is to another site")
	}
}

// A suspended user cannot sign in, and existing sessions end.
func TestSuspended_CannotSignIn(t *testing.T) {
	s := newSite(t)
	ann := s.registered("ann")
	token := between(ann.post("/settings/tokens", url.Values{"name": {"laptop"}, "scope": {"read", "write", "upload"}}).Body.String(),
		`<code id="secret">`, "<")
	elsewhere := s.browser() // unused until the suspension ends
	if got := elsewhere.post("/login", url.Values{"username": {"ann"}, "password": {testPassword}}); got.Code != http.StatusSeeOther {
		t.Fatalf("logging in: %d", got.Code)
	}
	if err := s.db.SuspendUser(t.Context(), s.userNamed("ann").ID, s.clock.now()); err != nil {
		t.Fatal(err)
	}
	if got := ann.get("/files"); got.Code != http.StatusSeeOther {
		t.Errorf("the session is answered %d", got.Code)
	}
	request := httptest.NewRequest(http.MethodGet, publicURL+"/api/v1/me", nil)
	request.Header.Set("Authorization", "Bearer "+token)
	if got := s.browser().do(request); got.Code != http.StatusUnauthorized {
		t.Errorf("the token is answered %d", got.Code)
	}
	in := url.Values{"username": {"ann"}, "password": {testPassword}}
	if got := s.browser().post("/login", in); got.Code != http.StatusForbidden || !strings.Contains(got.Body.String(), "suspended") {
		t.Errorf("the password is answered %d", got.Code)
	}
	in.Set("password", "not the password")
	if got := s.browser().post("/login", in); got.Code != http.StatusUnprocessableEntity || strings.Contains(got.Body.String(), "suspended") {
		t.Errorf("a wrong password is answered %d: it tells a stranger of the suspension", got.Code)
	}
	// A sign-in that began before the suspension fails too.
	late := models.NewSecret()
	row := models.Session{Hash: late.Hash(), UserID: s.userNamed("ann").ID, CreatedAt: s.clock.now(), LastSeenAt: s.clock.now(),
		ExpiresAt: s.clock.now().Add(time.Hour), ConfirmedAt: s.clock.now()}
	if err := s.db.CreateSession(t.Context(), &row); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.accounts.BySession(t.Context(), late); problem.KindOf(err) != problem.NotFound {
		t.Errorf("a session of a suspended user opens: %v", err)
	}
	if _, err := s.accounts.Reinstate(t.Context(), models.Actor{}, "ann", ""); err != nil {
		t.Fatal(err)
	}
	if got := elsewhere.get("/files"); got.Code != http.StatusSeeOther {
		t.Errorf("after the suspension the old session is answered %d", got.Code)
	}
	in.Set("password", testPassword)
	if got := s.browser().post("/login", in); got.Code != http.StatusSeeOther {
		t.Errorf("after the suspension the password is answered %d", got.Code)
	}
	s.wantAudited("session.log_in refused", "user.reinstate done")
}

// wantAudited requires these audit events, as "action outcome", in order.
func (s *site) wantAudited(want ...string) {
	s.t.Helper()
	events := must(s.db.AuditEventsAfter(s.t.Context(), 0, 1000))(s.t)
	var got []string
	for _, e := range events {
		got = append(got, string(e.Action)+" "+string(e.Outcome))
		if len(want) > 0 && got[len(got)-1] == want[0] {
			want = want[1:]
		}
	}
	if len(want) > 0 {
		s.t.Errorf("the audit log has %q, and not %q", got, want)
	}
}

// The email address is changed with fresh proof only, also where the site sends no mail,
// and never by an API token.
func TestConfirm_ForTheEmail(t *testing.T) {
	s := newSite(t)
	ann := s.registered("ann")
	token := s.programOf("ann")
	s.clock.advance(s.accounts.Policy.Get().ConfirmedFor + time.Second)
	form := url.Values{"email": {"ann@other.example"}}
	if got := ann.post("/settings/profile", form); got.Code != http.StatusUnprocessableEntity ||
		!strings.Contains(got.Body.String(), `id="email-problem"`) {
		t.Errorf("without proof: %d\n%s", got.Code, got.Body)
	}
	if got := token.send(http.MethodPatch, "/me", doc{"email": "ann@other.example"}); got.Code != http.StatusUnprocessableEntity ||
		!strings.Contains(got.Body.String(), "API token") {
		t.Errorf("by a token: %d %s", got.Code, got.Body)
	}
	ann.post("/confirm", url.Values{"password": {testPassword}})
	if got := ann.post("/settings/profile", form); got.Code != http.StatusSeeOther || s.userNamed("ann").Email != "ann@other.example" {
		t.Errorf("with proof: %d, %s", got.Code, s.userNamed("ann").Email)
	}
}
