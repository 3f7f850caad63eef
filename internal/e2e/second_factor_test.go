package e2e_test

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // RFC 6238 requires it
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"
	"time"
)

// codeAt returns the code of an authenticator app with that key at a time (RFC 6238).
func codeAt(t *testing.T, key string, at time.Time) string {
	t.Helper()
	secret, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.ReplaceAll(key, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	mac := hmac.New(sha1.New, secret)
	mac.Write(binary.BigEndian.AppendUint64(nil, uint64(at.Unix()/30)))
	sum := mac.Sum(nil)
	return fmt.Sprintf("%06d", binary.BigEndian.Uint32(sum[sum[19]&15:])&0x7fffffff%1_000_000)
}

// A user sets up two-factor authentication with an app and signs in with it, with and without
// JavaScript.
func TestSecondFactor(t *testing.T) {
	s := startSite(t, sqliteAndDisk(t))
	browser := startBrowser(t)
	for _, js := range []bool{true, false} {
		t.Run(fmt.Sprintf("scripts %v", js), func(t *testing.T) {
			username := fmt.Sprintf("ann_%v", js)
			newUser(t, s, username)
			b := newTab(t, browser, s, js)
			logIn := func() {
				b.open("/login?next=/settings/second-factor", 200)
				b.fill("#username", username)
				b.fill("#password", password)
				b.submit("form[action='/login'] button[type=submit]", 200)
			}
			logIn()
			b.submit("form[action$='/begin'] button", 200)
			if width := eval[int](b, `document.querySelector("img.qr").naturalWidth`); width == 0 {
				t.Error("the QR code is not shown")
			}
			key := b.text("#scan ~ p code")
			b.fill("#code", "000000")
			b.submit("form[action$='/finish'] button", 422)
			b.fill("#code", codeAt(t, key, time.Now()))
			b.submit("form[action$='/finish'] button", 201)
			codes := strings.Fields(b.text(".codes li"))
			if len(codes) != 10 {
				t.Errorf("there are %d recovery codes", len(codes))
			}
			for _, code := range []string{codeAt(t, key, time.Now().Add(30*time.Second)), codes[9]} {
				b = newTab(t, browser, s, js)
				logIn()
				if b.path() != "/login/second-factor" {
					t.Fatalf("the password leads to %s", b.path())
				}
				b.fill("#code", code)
				b.submit("form[action='/login/second-factor'] button", 200)
				if b.path() != "/settings/second-factor" {
					t.Errorf("the code leads to %s", b.path())
				}
			}
			b.confirm("form[action$='/remove'] button", 200)
			b.wantText("main", "removed")
		})
	}
	s.wantNoErrors()
}
