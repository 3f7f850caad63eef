package handlers_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"example.org/cloakroom/internal/accounts"
	"example.org/cloakroom/internal/models"
)

// waysIn says how far each way in leads: "in", "owing" (in, to nothing but
// setting up a factor), "half" (a second factor is asked for), or "out". The
// columns are no factor, an authenticator app, a passkey, and both; then the
// same with a policy that demands a factor.
var waysIn = map[string][8]string{
	"the password":                 {"in", "half", "half", "half", "owing", "half", "half", "half"},
	"password and code":            {"out", "in", "out", "in", "out", "in", "out", "in"},
	"password and a used code":     {"out", "out", "out", "out", "out", "out", "out", "out"},
	"password and recovery code":   {"out", "in", "in", "in", "out", "in", "in", "in"},
	"password and passkey":         {"out", "out", "in", "in", "out", "out", "in", "in"},
	"a passkey alone":              {"out", "out", "in", "in", "out", "out", "in", "in"},
	"a provider":                   {"in", "half", "half", "half", "owing", "half", "half", "half"},
	"a code without a password":    {"out", "out", "out", "out", "out", "out", "out", "out"},
	"a passkey without a password": {"out", "out", "out", "out", "out", "out", "out", "out"}, // as a second factor
	"an API token":                 {"in", "in", "in", "in", "out", "in", "in", "in"},
	"the session that was there":   {"in", "in", "in", "in", "owing", "in", "in", "in"},
	"another session from before":  {"in", "out", "out", "out", "owing", "out", "out", "out"}, // of before the factor
}

// A comer is somebody with all that they could have, some of it nobody's.
type comer struct {
	*site
	here, elsewhere *browser
	token           string
	key             string // of an authenticator app
	codes           []string
	passkey         *authenticator
}

func newComer(t *testing.T, app, passkey bool) *comer {
	t.Helper()
	s := newSite(t)
	c := &comer{site: s, here: s.withRole("ann", models.RoleAdmin), elsewhere: s.browser(), key: strings.Repeat("A", 32),
		codes: []string{"AAAA-AAAA-AAAA-AAAA"}, passkey: newAuthenticator(t)}
	c.token = s.programOf("ann").token
	c.elsewhere.post("/login", url.Values{"username": {"ann"}, "password": {testPassword}})
	if app {
		c.key, c.codes = c.here.withFactor(s)
		s.clock.advance(30 * time.Second)
	}
	if passkey {
		var made *httptest.ResponseRecorder
		c.passkey, made = c.here.withPasskey()
		c.passkey.count++
		if found := recoveryCode.FindStringSubmatch(made.Body.String()); found != nil {
			c.codes = found[1:]
		}
	}
	return c
}

// seen returns how far b is in.
func (c *comer) seen(b *browser) string {
	got := b.get("/files")
	switch to := got.Header().Get("Location"); {
	case got.Code == http.StatusOK:
		return "in"
	case to == "/settings/second-factor":
		return "owing"
	case b.get("/login/second-factor").Code == http.StatusOK:
		return "half"
	}
	return "out"
}

// second logs in by the password and then by a form of the second step.
func (c *comer) second(path string, form url.Values) string {
	b := c.browser()
	b.post("/login", url.Values{"username": {"ann"}, "password": {testPassword}})
	if c.seen(b) != "half" {
		return "out" // there is no such step
	}
	if strings.HasSuffix(path, "/passkey") {
		if got := b.post("/login/second-factor/options", nil); got.Code != http.StatusOK {
			return "out"
		}
		form = url.Values{"credential": {c.passkey.sign(b.asked("/login/second-factor/options"))}}
		c.passkey.count++
	}
	b.post(path, form)
	return strings.Replace(c.seen(b), "half", "out", 1)
}

// by tries a way in.
func (c *comer) by(way string) string {
	b, now := c.browser(), codeAt(c.t, c.key, c.clock.now())
	switch way {
	case "the password":
		b.post("/login", url.Values{"username": {"ann"}, "password": {testPassword}})
	case "password and code":
		return c.second("/login/second-factor", url.Values{"code": {now}})
	case "password and a used code":
		c.second("/login/second-factor", url.Values{"code": {now}})
		return c.second("/login/second-factor", url.Values{"code": {now}})
	case "password and recovery code":
		return c.second("/login/second-factor", url.Values{"code": {c.codes[0]}})
	case "password and passkey":
		return c.second("/login/second-factor/passkey", nil)
	case "a passkey alone":
		b.byPasskey(c.passkey)
		c.passkey.count++
	case "a provider":
		c.withProvider()
		c.proved("ann")
		b.byProvider()
	case "a code without a password":
		b.post("/login/second-factor", url.Values{"code": {now}})
	case "a passkey without a password":
		b.post("/login/second-factor/passkey", url.Values{"credential": {c.passkey.sign(b.asked("/login/passkey/options"))}})
	case "an API token":
		request := httptest.NewRequest(http.MethodGet, publicURL+"/api/v1/me", nil)
		request.Header.Set("Authorization", "Bearer "+c.token)
		if b.do(request).Code == http.StatusOK {
			return "in"
		}
	case "the session that was there":
		return c.seen(c.here)
	case "another session from before":
		return c.seen(c.elsewhere)
	}
	return c.seen(b)
}

// TestEveryWayIn tries each way with each set of factors.
func TestEveryWayIn(t *testing.T) {
	for column := range 8 {
		app, passkey, demanded := column&1 != 0, column&2 != 0, column&4 != 0
		for way, want := range waysIn {
			c := newComer(t, app, passkey)
			if demanded {
				c.setPolicy(func(policy *accounts.Policy) { policy.FactorRoles = []models.Role{models.RoleAdmin} })
			}
			if got := c.by(way); got != want[column] {
				t.Errorf("%s, with an app: %v, a passkey: %v, demanded: %v: %s, want %s", way, app, passkey, demanded, got, want[column])
			}
		}
	}
}
