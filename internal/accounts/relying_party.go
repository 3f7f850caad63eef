package accounts

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net"
	"net/url"
	"strings"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// A RelyingParty is this site in the WebAuthn protocol (level 3).
type RelyingParty struct{ site *webauthn.WebAuthn }

// NewRelyingParty returns the relying party for publicURL. Passkeys are bound to
// its host name. If that is an IP address or a name without a domain, for which
// browsers create no passkeys, all methods fail with Conflict.
func NewRelyingParty(publicURL string) (*RelyingParty, error) {
	at, err := url.Parse(publicURL)
	if err != nil {
		return nil, fmt.Errorf("the address of the site: %w", err)
	}
	if host := at.Hostname(); net.ParseIP(host) != nil || !strings.Contains(host, ".") && host != "localhost" {
		return &RelyingParty{nil}, nil
	}
	site, err := webauthn.New(&webauthn.Config{
		RPID: at.Hostname(), RPDisplayName: "Cloakroom", RPOrigins: []string{at.Scheme + "://" + at.Host},
	})
	if err != nil {
		return nil, fmt.Errorf("passkeys: %w", err)
	}
	return &RelyingParty{site}, nil
}

func errPasskeysUnavailable() error {
	return problem.New(problem.Conflict, "Passkeys need a site with a full host name, such as files.example.org.")
}

// A passkeyUser is a user with their passkeys; it implements webauthn.User.
type passkeyUser struct {
	user models.User
	keys []webauthn.Credential
}

// WebAuthnID implements webauthn.User.
func (h passkeyUser) WebAuthnID() []byte { return []byte(h.user.ID) }

// WebAuthnName implements webauthn.User.
func (h passkeyUser) WebAuthnName() string { return string(h.user.Username) }

// WebAuthnDisplayName implements webauthn.User.
func (h passkeyUser) WebAuthnDisplayName() string { return string(h.user.Username) }

// WebAuthnCredentials implements webauthn.User.
func (h passkeyUser) WebAuthnCredentials() []webauthn.Credential { return h.keys }

func newPasskeyUser(user models.User, keys []models.Passkey) (passkeyUser, error) {
	h := passkeyUser{user: user, keys: make([]webauthn.Credential, len(keys))}
	for i, k := range keys {
		if err := json.Unmarshal(k.Record, &h.keys[i]); err != nil {
			return h, fmt.Errorf("reading a passkey: %w", err)
		}
		h.keys[i].Authenticator.SignCount = uint32(k.SignCount) //nolint:gosec // stored from a uint32
	}
	return h, nil
}

// encodeCredentialID returns the form in which a credential ID is stored.
func encodeCredentialID(id []byte) string { return base64.RawURLEncoding.EncodeToString(id) }

// register returns the options for creating a passkey that verifies the user and
// can be found without a username.
func (r *RelyingParty) register(holder passkeyUser) (any, *webauthn.SessionData, error) {
	if r.site == nil {
		return nil, nil, errPasskeysUnavailable()
	}
	return r.site.BeginRegistration(holder,
		webauthn.WithExclusions(webauthn.Credentials(holder.keys).CredentialDescriptors()),
		webauthn.WithAuthenticatorSelection(protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementRequired, RequireResidentKey: protocol.ResidentKeyRequired(),
			UserVerification: protocol.VerificationRequired,
		}))
}

// ask returns the options for using a passkey of holder, or any passkey for this
// site if holder is nil.
func (r *RelyingParty) ask(holder *passkeyUser) (any, *webauthn.SessionData, error) {
	if r.site == nil {
		return nil, nil, errPasskeysUnavailable()
	}
	verified := webauthn.WithUserVerification(protocol.VerificationRequired)
	if holder == nil {
		return r.site.BeginDiscoverableLogin(verified)
	}
	return r.site.BeginLogin(*holder, verified)
}
