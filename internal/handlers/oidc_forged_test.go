package handlers_test

import (
	"crypto"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

// An ID token counts only with a signature by a published key of the provider, whatever
// its header says.
func TestOIDC_RefusesForgedTokens(t *testing.T) {
	key := must(rsa.GenerateKey(rand.Reader, 2048))(t)
	encode := base64.RawURLEncoding.EncodeToString
	signed := func(head map[string]any, body string) string {
		text := encode(must(json.Marshal(head))(t)) + "." + body
		sum := sha256.Sum256([]byte(text))
		return text + "." + encode(must(rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:]))(t))
	}
	jwk := map[string]string{"kty": "RSA", "kid": "1", "n": encode(key.N.Bytes()), "e": "AQAB"}
	for name, forge := range map[string]func(secret, head, body, signature string) string{
		"genuine":      func(_, head, body, signature string) string { return head + "." + body + "." + signature },
		"no signature": func(_, head, body, _ string) string { return head + "." + body + "." },
		"none": func(_, _, body, _ string) string {
			return encode([]byte(`{"alg":"none"}`)) + "." + body + "."
		},
		"the client secret": func(secret, _, body, _ string) string {
			text := encode([]byte(`{"alg":"HS256"}`)) + "." + body
			mac := hmac.New(sha256.New, []byte(secret))
			mac.Write([]byte(text))
			return text + "." + encode(mac.Sum(nil))
		},
		"another key":       func(_, _, body, _ string) string { return signed(map[string]any{"alg": "RS256", "kid": "1"}, body) },
		"a key in its head": func(_, _, body, _ string) string { return signed(map[string]any{"alg": "RS256", "jwk": jwk}, body) },
		"another body": func(_, head, body, signature string) string {
			claims := string(must(base64.RawURLEncoding.DecodeString(body))(t))
			return head + "." + encode([]byte(strings.Replace(claims, `"sub":"1"`, `"sub":"2"`, 1))) + "." + signature
		},
	} {
		s := newSite(t)
		p := s.withProvider()
		p.Forge = func(token string) string {
			parts := strings.Split(token, ".")
			return forge(p.ClientSecret, parts[0], parts[1], parts[2])
		}
		b := s.browser()
		got := b.byProvider()
		wantThere(t, b, got, name == "genuine")
		if name != "genuine" && got.Code != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", name, got.Code)
		}
	}
}
