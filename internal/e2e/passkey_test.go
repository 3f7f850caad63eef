package e2e_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/webauthn"

	"example.org/cloakroom/internal/testenv"
)

// TestPasskeys uses a passkey in every way that is offered, with the virtual authenticator of
// a real browser.
func TestPasskeys(t *testing.T) {
	port := testenv.FreePort(t)
	address := fmt.Sprintf("http://localhost:%d", port)
	s := startSite(t, sqliteAndDisk(t), fmt.Sprintf("ADDR=127.0.0.1:%d", port), "PUBLIC_URL="+address, "CONFIRMED_FOR=1m")
	s.url = address // passkeys require a domain name
	newUser(t, s, "ann")
	b := newTab(t, startBrowser(t), s, true)
	call(b, webauthn.Enable, webauthn.EnableParams{})
	call(b, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &webauthn.VirtualAuthenticatorOptions{
		Protocol: webauthn.AuthenticatorProtocolCtap2, Transport: webauthn.AuthenticatorTransportInternal,
		HasResidentKey: true, HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true,
	}})
	const withPasskey = "form[data-passkey] button"
	b.open("/login?next=/settings/second-factor", 200)
	b.fill("#username", "ann")
	b.fill("#password", password)
	b.submit("form[action='/login'] button[type=submit]", 200)
	b.fill("#name", "this machine")
	b.submit(withPasskey, 201)
	if got := b.count(".codes li"); got != 10 || !strings.Contains(b.text(".rows"), "this machine") {
		t.Errorf("there are %d recovery codes and the passkeys %q", got, b.text(".rows"))
	}
	code := b.text(".codes li:first-child")

	leave := func() {
		b.do(click("details.menu summary"))
		b.submit("form[action='/logout'] button", 200)
	}
	leave()
	b.open("/login?next=/files", 200)
	b.submit(withPasskey, 200) // with the passkey alone
	if b.path() != "/files" {
		t.Errorf("the passkey leads to %s", b.path())
	}
	halfIn := func() {
		leave()
		b.open("/login?next=/files", 200)
		b.fill("#username", "ann")
		b.fill("#password", password)
		b.submit("form[action='/login'] button[type=submit]", 200)
		if b.path() != "/login/second-factor" {
			t.Fatalf("the password leads to %s", b.path())
		}
	}
	halfIn()
	b.submit(withPasskey, 200) // as the second factor
	if b.path() != "/files" {
		t.Errorf("the second factor leads to %s", b.path())
	}
	b.open("/confirm?next=/settings/second-factor", 200)
	b.submit(withPasskey, 200) // to confirm the session
	if b.path() != "/settings/second-factor" {
		t.Errorf("the step-up leads to %s", b.path())
	}
	halfIn()
	b.fill("#code", code)
	b.submit("form[action='/login/second-factor'] button", 200)
	b.open("/settings/second-factor", 200)
	b.confirm(".rows form button", 200)
	if b.count(".rows") != 0 {
		t.Error("the passkey is still there")
	}
	s.wantNoErrors()

	plain := newTab(t, startBrowser(t), s, false)
	plain.open("/login", 200)
	if eval[bool](plain, `document.querySelector(`+quote(withPasskey)+`).checkVisibility()`) {
		t.Error("without scripts there is a button that does nothing")
	}
}
