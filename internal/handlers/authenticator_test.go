package handlers_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// Flags in the data of an authenticator (WebAuthn, 6.1).
const (
	present  = 1
	verified = 4
	attested = 64
)

// An authenticator holds one passkey and follows the options it receives. It
// does not use the product's library.
type authenticator struct {
	t      testing.TB
	key    *ecdsa.PrivateKey
	id     []byte
	user   []byte // handle
	count  uint32
	flags  byte
	origin string
	host   string // of the site, as the passkey was made for it
}

func newAuthenticator(t testing.TB) *authenticator {
	t.Helper()
	return &authenticator{
		t: t, key: must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))(t), id: []byte(rand.Text()), count: 1, flags: present | verified,
		origin: publicURL, host: strings.TrimPrefix(publicURL, "http://"),
	}
}

var base64url = base64.RawURLEncoding

// options are what the site requests from an authenticator.
type options struct {
	PublicKey struct {
		Challenge string
		User      struct{ ID string }
	}
}

// asked returns the options that the site sends at path.
func (b *browser) asked(path string) options {
	b.t.Helper()
	got := b.post(path, nil)
	var o options
	if err := json.Unmarshal(got.Body.Bytes(), &o); err != nil || got.Code != http.StatusOK ||
		got.Header().Get("Cache-Control") != "no-store" {
		b.t.Fatalf("%s: %d %v %v\n%s", path, got.Code, got.Header(), err, got.Body)
	}
	return o
}

func (a *authenticator) clientData(kind, challenge string) []byte {
	return must(json.Marshal(map[string]any{"type": kind, "challenge": challenge, "origin": a.origin, "crossOrigin": false}))(a.t)
}

func (a *authenticator) data(flags byte) []byte {
	hash := sha256.Sum256([]byte(a.host))
	return binary.BigEndian.AppendUint32(append(hash[:], flags), a.count)
}

// register returns the response that creates a passkey.
func (a *authenticator) register(o options) string {
	a.user = must(base64url.DecodeString(o.PublicKey.User.ID))(a.t)
	point := must(a.key.PublicKey.Bytes())(a.t) // 4, x, y
	data := append(a.data(a.flags|attested), make([]byte, 16)...)
	data = append(binary.BigEndian.AppendUint16(data, uint16(len(a.id))), a.id...)
	// CBOR: {1: 2, 3: -7, -1: 1, -2: x, -3: y}
	data = append(data, 0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 32)
	data = append(append(append(data, point[1:33]...), 0x22, 0x58, 32), point[33:]...)
	// CBOR: {"fmt": "none", "attStmt": {}, "authData": data}
	object := []byte("\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x59")
	object = append(binary.BigEndian.AppendUint16(object, uint16(len(data))), data...)
	return a.answer(map[string]any{
		"clientDataJSON":    base64url.EncodeToString(a.clientData("webauthn.create", o.PublicKey.Challenge)),
		"attestationObject": base64url.EncodeToString(object),
	})
}

// sign returns the response that proves possession of the passkey.
func (a *authenticator) sign(o options) string {
	data, said := a.data(a.flags), a.clientData("webauthn.get", o.PublicKey.Challenge)
	hash := sha256.Sum256(said)
	digest := sha256.Sum256(append(append([]byte{}, data...), hash[:]...))
	return a.answer(map[string]any{
		"clientDataJSON": base64url.EncodeToString(said), "authenticatorData": base64url.EncodeToString(data),
		"userHandle": base64url.EncodeToString(a.user),
		"signature":  base64url.EncodeToString(must(ecdsa.SignASN1(rand.Reader, a.key, digest[:]))(a.t)),
	})
}

func (a *authenticator) answer(response map[string]any) string {
	id := base64url.EncodeToString(a.id)
	return string(must(json.Marshal(map[string]any{"id": id, "rawId": id, "type": "public-key", "response": response}))(a.t))
}

// withPasskey adds a passkey to b, and returns its authenticator and the site's
// response.
func (b *browser) withPasskey() (*authenticator, *httptest.ResponseRecorder) {
	b.t.Helper()
	a := newAuthenticator(b.t)
	answer := a.register(b.asked("/settings/second-factor/passkeys/options"))
	got := b.post("/settings/second-factor/passkeys", url.Values{"name": {"my phone"}, "credential": {answer}})
	if got.Code != http.StatusCreated && got.Code != http.StatusSeeOther {
		b.t.Fatalf("making a passkey: %d\n%s", got.Code, got.Body)
	}
	return a, got
}
