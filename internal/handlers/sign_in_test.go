package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"example.org/cloakroom/internal/accounts"
	"example.org/cloakroom/internal/models"
)

const signIn = "/settings/sign-in"

// links returns the user's links.
func (s *site) links(username string) []models.LinkedIdentity {
	s.t.Helper()
	return must(s.accounts.Identities(s.t.Context(), s.userNamed(username)))(s.t)
}

// unlink removes the link with this subject, and requires the response.
func (b *browser) unlink(issuer, subject string, status int, text string) {
	b.t.Helper()
	if got := b.post(signIn+"/unlink", url.Values{"issuer": {issuer}, "subject": {subject}}); got.Code != status ||
		!strings.Contains(got.Body.String(), text) {
		b.t.Errorf("taking %s away: %d, want %d and %q\n%s", subject, got.Code, status, text, got.Body)
	}
}

// A signed-in user can link an account on purpose, whatever its email address,
// and unlink it again.
func TestSignIn_LinksAndUnlinks(t *testing.T) {
	eachDatabase(t, func(t *testing.T, s *site) {
		p := s.withProvider()
		p.AuthTime = s.clock.now // it is proof
		p.Claims["email"] = "other@example.org"
		ann, elsewhere := s.registered("ann"), s.browser()
		elsewhere.post("/login", url.Values{"username": {"ann"}, "password": {testPassword}})
		got := ann.get(ann.startAtProvider(signIn + "/link"))
		if to := toldAt(got); got.Code != http.StatusSeeOther || to != signIn+" linked" {
			t.Fatalf("linking: %d %s\n%s", got.Code, to, got.Body)
		}
		if page := ann.get(signIn).Body.String(); !strings.Contains(page, "<h2>Example SSO</h2>") || !strings.Contains(page, "never used") {
			t.Errorf("the page is\n%s", page)
		}
		if elsewhere.get("/files").Code == http.StatusOK {
			t.Error("the other session lives")
		}
		if got := ann.get(ann.startAtProvider(signIn + "/link")); got.Code != http.StatusConflict ||
			!strings.Contains(got.Body.String(), "already linked") {
			t.Errorf("linking again: %d", got.Code)
		}
		b := s.browser()
		wantThere(t, b, b.byProvider(), true)
		if page := b.get(signIn).Body.String(); !strings.Contains(page, "last used") {
			t.Errorf("they came by it, and the page is\n%s", page)
		}
		if export := unzipped(t, b.get("/settings/data/export.zip").Body.Bytes())["links.json"]; !strings.Contains(export, p.URL) {
			t.Errorf("the export has %s", export)
		}
		if page := s.withRole("boss", models.RoleAdmin).get("/admin/users/ann").Body.String(); !strings.Contains(page,
			"<dt>Linked providers</dt><dd>1</dd>") {
			t.Errorf("admins are shown\n%s", page)
		}

		s.registered("bob").unlink(p.URL, "1", http.StatusNotFound, "")
		b.unlink(p.URL, "1", http.StatusSeeOther, "")
		if ann.get("/files").Code == http.StatusOK || b.get("/files").Code != http.StatusOK {
			t.Error("not the other sessions have ended")
		}
		s.setPolicy(func(policy *accounts.Policy) { policy.Registering = models.RegisterClosed })
		out := s.browser()
		wantThere(t, out, out.byProvider(), false)
		s.wantAudited("user.link_identity done", "user.unlink_identity done")
	})
}

// An identity belongs to one account, and only the user who started a link can
// finish it.
func TestSignIn_LinksOnlyTheUserWhoAsked(t *testing.T) {
	s := newSite(t)
	p := s.withProvider()
	ann := s.registered("ann")
	ann.get(ann.startAtProvider(signIn + "/link"))
	bob := s.registered("bob")
	if got := bob.get(bob.startAtProvider(signIn + "/link")); got.Code != http.StatusConflict ||
		!strings.Contains(got.Body.String(), "another account") {
		t.Errorf("an identity of ann's: %d", got.Code)
	}
	p.Claims["sub"] = "2"
	wantNot := func(what string, b *browser, back string) {
		t.Helper()
		if got := b.get(back); got.Code != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d %s", what, got.Code, got.Body)
		}
		if len(s.links("ann")) != 1 || len(s.links("bob")) != 0 || len(s.links("mallory")) != 0 {
			t.Errorf("%s: it is linked", what)
		}
	}
	mallory := s.registered("mallory")
	wantNot("in another browser", mallory, bob.startAtProvider(signIn+"/link"))
	for name, as := range map[string]string{"as somebody else": "mallory", "at another session": "bob"} {
		back := bob.startAtProvider(signIn + "/link")
		bob.post("/logout", nil)
		bob.post("/login", url.Values{"username": {as}, "password": {testPassword}})
		wantNot(name, bob, back)
		bob.post("/logout", nil)
		bob.post("/login", url.Values{"username": {"bob"}, "password": {testPassword}})
	}
	back := bob.startAtProvider(signIn + "/link")
	bob.post("/logout", nil)
	wantNot("as a guest", bob, back)
	if bob.get("/files").Code == http.StatusOK {
		t.Error("they are logged in by it")
	}
	s.clock.advance(31 * time.Minute)
	if got := ann.post(signIn+"/link", nil); got.Code != http.StatusForbidden {
		t.Errorf("without a proof of being there: %d", got.Code)
	}
}

// Users cannot remove their last way to sign in. The page says what to do
// instead.
func TestSignIn_LeavesAWayIn(t *testing.T) {
	for _, way := range []string{"a password", "a passkey", "another link"} {
		eachDatabase(t, func(t *testing.T, s *site) {
			p := s.withProvider()
			p.AuthTime = s.clock.now // it is proof
			b := s.browser()
			wantThere(t, b, b.byProvider(), true)
			b.unlink(p.URL, "1", http.StatusUnprocessableEntity, "no way to sign in")
			if page := b.get(signIn).Body.String(); !strings.Contains(page, "Your account has no password") ||
				!strings.Contains(page, `href="/settings/second-factor"`) {
				t.Fatalf("no way out is shown:\n%s", page)
			}
			switch way {
			case "a password":
				_, secret, err := s.accounts.NewResetLink(t.Context(), models.Actor{}, "ann", "")
				if err != nil {
					t.Fatal(err)
				}
				if got := s.browser().post("/reset/"+secret.Reveal(), url.Values{"password": {testPassword}}); got.Code != http.StatusSeeOther {
					t.Fatalf("setting a password: %d", got.Code)
				}
				b.post("/login", url.Values{"username": {"ann"}, "password": {testPassword}})
			case "a passkey":
				b.withPasskey()
			case "another link":
				p.Claims["sub"] = "2"
				b.get(b.startAtProvider(signIn + "/link"))
			}
			b.unlink(p.URL, "1", http.StatusSeeOther, "")
			switch way {
			case "a passkey":
				id := between(b.get("/settings/second-factor").Body.String(), "/settings/second-factor/passkeys/", "/delete")
				if got := b.post("/settings/second-factor/passkeys/"+id+"/delete", nil); got.Code != http.StatusUnprocessableEntity ||
					!strings.Contains(got.Body.String(), "no way to sign in") {
					t.Errorf("the last passkey: %d", got.Code)
				}
			case "another link":
				b.unlink(p.URL, "2", http.StatusUnprocessableEntity, "no way to sign in")
				s.setPolicy(func(policy *accounts.Policy) { policy.Provider = "https://example.org" }) // that no user has
				p.Claims["sub"] = "3"
				b.get(b.startAtProvider(signIn + "/link"))
				b.unlink(p.URL, "2", http.StatusUnprocessableEntity, "no way to sign in")
			}
		})
	}
}

// After unlinking, the email address alone does not link the account again.
func TestSignIn_UnlinkedStaysUnlinked(t *testing.T) {
	eachDatabase(t, func(t *testing.T, s *site) {
		p := s.withProvider()
		ann := s.registered("ann")
		s.proved("ann")
		first := s.browser()
		wantThere(t, first, first.byProvider(), true)
		ann.post("/login", url.Values{"username": {"ann"}, "password": {testPassword}})
		ann.unlink(p.URL, "1", http.StatusSeeOther, "")
		again := s.browser()
		got := again.byProvider()
		if wantThere(t, again, got, false); got.Code != http.StatusConflict || !strings.Contains(got.Body.String(), "link it in your settings") {
			t.Errorf("by the address: %d %s", got.Code, got.Body)
		}
		if err := s.db.LinkProvedIdentity(t.Context(), s.userNamed("ann").ID, p.URL, "1", "ann@example.org", s.clock.now()); err == nil {
			t.Error("the rows have no say in it")
		}
		ann.get(ann.startAtProvider(signIn + "/link"))
		wantThere(t, again, again.byProvider(), true)
	})
}

func TestSignIn_IsMailed(t *testing.T) {
	s, server := mailing(t)
	p := s.withProvider()
	ann := s.registered("ann")
	ann.get(ann.startAtProvider(signIn + "/link"))
	s.mailOf(server, "ann@example.org", "sign-on was added")
	ann.unlink(p.URL, "1", http.StatusSeeOther, "")
	s.mailOf(server, "ann@example.org", "sign-on was removed")
}

// The tab appears only if it has content. A user without a password can confirm
// by signing in again.
func TestSignIn_TabAndConfirmation(t *testing.T) {
	s := newSite(t)
	ann := s.registered("ann")
	tab := func(want bool, when string) {
		t.Helper()
		if got := strings.Contains(ann.get("/settings/usage").Body.String(), `href="/settings/sign-in"`); got != want {
			t.Errorf("%s: a tab: %v", when, got)
		}
	}
	tab(false, "without a provider")
	p := s.withProvider()
	tab(true, "with a provider")
	if policy := ann.get(signIn).Header().Get("Content-Security-Policy"); !strings.Contains(policy, "form-action 'self' "+p.URL+";") {
		t.Errorf("the policy is %s", policy)
	}
	again := `action="/confirm/provider"`
	if strings.Contains(ann.get("/confirm").Body.String(), again) {
		t.Error("they are sent to a provider that does not know them")
	}
	ann.get(ann.startAtProvider(signIn + "/link"))
	if got := ann.get("/confirm"); !strings.Contains(got.Body.String(), again) ||
		!strings.Contains(got.Header().Get("Content-Security-Policy"), p.URL) {
		t.Error("they cannot confirm by the provider")
	}
	s.oidc.Provider.Issuer = ""
	tab(true, "with a link from before")
	if page := ann.get(signIn).Body.String(); !strings.Contains(page, "<h2>"+p.URL+"</h2>") || strings.Contains(page, signIn+"/link") {
		t.Errorf("without a provider the page is\n%s", page)
	}
	if got := ann.post(signIn+"/link", nil); got.Code != http.StatusNotFound {
		t.Errorf("linking without a provider: %d", got.Code)
	}
}
