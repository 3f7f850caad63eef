package handlers_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"example.org/cloakroom/internal/accounts"
	"example.org/cloakroom/internal/models"
)

// everyRight requests a token with every scope of its user.
func everyRight(user models.User, name string) accounts.TokenInput {
	scopes := []string{"read", "write", "upload"}
	if user.IsAdmin() {
		scopes = append(scopes, "admin")
	}
	return accounts.TokenInput{Name: name, Scopes: scopes}
}

// scopeOf returns the scope that a route of the API requires.
func scopeOf(method, path string) models.Scope {
	switch {
	case strings.HasPrefix(path, "/api/v1/admin/"):
		return models.ScopeAdmin
	case method == http.MethodGet || method == http.MethodHead:
		return models.ScopeRead
	case method == http.MethodPut:
		return models.ScopeUpload
	}
	return models.ScopeWrite
}

// TestEveryScope calls every route of the API with a token of each scope, whose
// user was an admin and now has each role.
func TestEveryScope(t *testing.T) {
	s := newSite(t)
	s.withRole("boss", models.RoleAdmin)
	for _, role := range models.Roles() {
		name := string(role) + "1"
		s.withRole(name, models.RoleAdmin)
		user := s.userNamed(name)
		tokens := map[models.Scope]models.Secret{}
		for _, scope := range models.AllScopes() {
			_, secret, err := s.accounts.NewToken(t.Context(), models.Actor{User: user},
				accounts.TokenInput{Name: "one", Scopes: []string{string(scope)}})
			if err != nil {
				t.Fatal(err)
			}
			tokens[scope] = secret
		}
		if err := s.db.ChangeRole(t.Context(), user.ID, role); err != nil {
			t.Fatal(err)
		}
		for scope, secret := range tokens {
			s.knockByToken(role, scope, secret)
		}
	}
}

// knockByToken calls every route of the API with a token of one scope.
func (s *site) knockByToken(role models.Role, scope models.Scope, secret models.Secret) {
	s.t.Helper()
	for _, r := range routesOf(s.t, s) {
		if !strings.HasPrefix(r.Path, "/api/") || r.Path == "/api/v1/openapi.json" {
			continue
		}
		request := httptest.NewRequest(r.Method, address(r.Path), nil)
		request.Header.Set("Authorization", "Bearer "+secret.Reveal())
		got := s.browser().do(request)
		wanted := scopeOf(r.Method, r.Path)
		lacks := got.Header().Get("WWW-Authenticate") == `Bearer realm="cloakroom", error="insufficient_scope", scope="`+string(wanted)+`"`
		low := wanted == models.ScopeAdmin && role != models.RoleAdmin // no token helps
		may := scope == wanted && !low
		if lacks != (scope != wanted && !low) || low && !strings.Contains(got.Body.String(), "Only admins can use this.") ||
			(got.Code == http.StatusForbidden) == may || got.Code == http.StatusUnauthorized || got.Code >= 500 {
			s.t.Errorf("%s %s as %s by a token that may %s = %d %s", r.Method, r.Path, role, scope, got.Code, got.Header().Get("WWW-Authenticate"))
		}
	}
}

func TestToken_ComesToItsEnd(t *testing.T) {
	s := newSite(t)
	ann := s.registered("ann")
	page := ann.post("/settings/tokens", url.Values{"name": {"laptop"}, "scope": {"read"}, "expires": {"7"}}).Body.String()
	token := &program{site: s, token: between(page, `<code id="secret">`, "<")}
	s.clock.advance(7*24*time.Hour - time.Minute)
	ann.post("/login", url.Values{"username": {"ann"}, "password": {testPassword}})
	if page := ann.get("/settings/tokens").Body.String(); !strings.Contains(page, "expires within a day") {
		t.Errorf("nothing warns of its end:\n%s", page)
	}
	if got := token.send(http.MethodGet, "/me", nil); got.Code != http.StatusOK {
		t.Errorf("a minute before its end = %d", got.Code)
	}
	s.clock.advance(time.Minute)
	if got := token.send(http.MethodGet, "/me", nil); got.Code != http.StatusUnauthorized ||
		!strings.Contains(got.Header().Get("WWW-Authenticate"), "invalid_token") {
		t.Errorf("at its end = %d %s", got.Code, got.Header().Get("WWW-Authenticate"))
	}
}

// A choice in words gives its scopes whatever boxes are ticked, and comes back chosen, with the
// boxes, if the form has a mistake.
func TestTokenForm_ChoicesInWords(t *testing.T) {
	s := newSite(t)
	ann, boss := s.registered("ann"), s.withRole("boss", models.RoleAdmin)
	if page := ann.get("/settings/tokens").Body.String(); !strings.Contains(page, `value="upload" checked`) {
		t.Errorf("the choice that gives least is not the first:\n%s", page)
	}
	for access, scopes := range map[string]models.Scopes{
		"upload": "upload", "read": "read", "read write upload": "read write upload", "chosen": "write", "": "write",
	} {
		for name, b := range map[string]*browser{"ann": ann, "boss": boss} {
			form := url.Values{"name": {"for " + access + "."}, "scope": {"write"}, "access": {access}}
			if got := b.post("/settings/tokens", form); got.Code != http.StatusCreated {
				t.Fatalf("%s, %q = %d", name, access, got.Code)
			}
			tokens, err := s.accounts.Tokens(t.Context(), s.userNamed(name))
			if err != nil || !slices.ContainsFunc(tokens, func(a models.APIToken) bool { return a.Name == form.Get("name") && a.Scopes == scopes }) {
				t.Errorf("%s, %q: no token that may %s: %v %v", name, access, scopes, tokens, err)
			}
		}
	}
	for access, chosen := range map[string]string{"read": "read", "chosen": "chosen", "everything": "chosen"} {
		got := ann.post("/settings/tokens", url.Values{"name": {""}, "access": {access}, "scope": {"write"}})
		if page := got.Body.String(); got.Code != http.StatusUnprocessableEntity || strings.Count(page, " checked") != 2 ||
			!strings.Contains(page, `value="`+chosen+`" checked`) || !strings.Contains(page, `value="write" checked`) {
			t.Errorf("%q with a mistake = %d:\n%s", access, got.Code, page)
		}
	}
	for _, access := range []string{"admin", "read admin", "upload read"} { // not offered in words
		if got := boss.post("/settings/tokens", url.Values{"name": {"x"}, "access": {access}}); got.Code != http.StatusUnprocessableEntity {
			t.Errorf("%q by an admin = %d", access, got.Code)
		}
	}
	if page := boss.get("/settings/tokens").Body.String(); !strings.Contains(page, "Everything but administration") {
		t.Errorf("admins are not told that it gives no administration:\n%s", page)
	}
}

func TestTokenForm_GivesNoMoreThanItMay(t *testing.T) {
	s := newSite(t)
	ann := s.registered("ann")
	for field, form := range map[string]url.Values{
		"no scope":     {"name": {"x"}},
		"admin":        {"name": {"x"}, "scope": {"admin"}},
		"admin access": {"name": {"x"}, "access": {"read admin"}},
		"no choice":    {"name": {"x"}, "access": {"chosen"}},
		"no access":    {"name": {"x"}, "access": {" "}, "scope": {"read"}},
		"no such":      {"name": {"x"}, "scope": {"everything"}},
		"too long":     {"name": {"x"}, "scope": {"read"}, "expires": {"366"}},
		"for ever":     {"name": {"x"}, "scope": {"read"}, "expires": {"never"}},
		"no day":       {"name": {"x"}, "scope": {"read"}, "expires": {"date"}},
		"a day past":   {"name": {"x"}, "scope": {"read"}, "expires": {"date"}, "until": {"2001-01-01"}},
		"a day so far": {"name": {"x"}, "scope": {"read"}, "expires": {"date"}, "until": {"2999-01-01"}},
	} {
		if got := ann.post("/settings/tokens", form); got.Code != http.StatusUnprocessableEntity {
			t.Errorf("%s = %d", field, got.Code)
		}
	}
}
