package e2e_test

import (
	"fmt"
	"testing"
	"time"

	"example.org/cloakroom/internal/testenv"
)

// A user signs in with an identity provider on another origin. The content security policies
// of both pages allow the form that leads there and back.
func TestOIDC(t *testing.T) {
	provider := testenv.OIDC(t, time.Now)
	provider.SignInPage = true
	port := testenv.FreePort(t)
	address := fmt.Sprintf("http://127.0.0.1:%d", port)
	s := startSite(t, sqliteAndDisk(t), fmt.Sprintf("ADDR=127.0.0.1:%d", port), "PUBLIC_URL="+address,
		"OIDC_ISSUER="+provider.URL, "OIDC_CLIENT_ID="+provider.ClientID, "OIDC_CLIENT_SECRET="+provider.ClientSecret)
	browser := startBrowser(t)
	scripted(t, func(t *testing.T, js bool) {
		name := fmt.Sprintf("ann_%v", js)
		provider.Claims = map[string]any{"sub": name, "email": name + "@example.org", "email_verified": true, "preferred_username": name}
		b := newTab(t, browser, s, js)
		b.open("/login?next=/files", 200)
		b.fill("#username", "nobody")
		b.fill("#password", "not a password")
		b.submit("form[action='/login'] button[type=submit]", 422) // the redisplayed form leads there too
		b.submit("form[action='/login/oidc'] button", 200)
		b.wantText("h1", "A provider")
		b.submit("main form button", 200)
		b.wantPath("/files")
		b.wantText(".menu-name", name)
		b.open("/login", 200)
		b.wantPath("/")
	})
	s.wantNoErrors()
}
