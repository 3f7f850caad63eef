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

// A RelyingParty is this site as authenticators know it (WebAuthn, level 3).
type RelyingParty struct{ site *webauthn.WebAuthn }

// NewRelyingParty returns the site that people reach at publicURL. Passkeys are
// made for the name of its host: another name has others. Where a browser would
// make none, for an address or a name without a domain, there are no passkeys.
func NewRelyingParty(publicURL string) (*RelyingParty, error) {
	at, err := url.Parse(publicURL)
	if err != nil {
		return nil, fmt.Errorf("the address of the site: %w", err)
	}
	if host := at.Hostname(); net.ParseIP(host) != nil || !strings.Contains(host, ".") && host != "localhost" {
		return &RelyingParty{nil}, nil
	}
	site, err := webauthn.New(&webauthn.Config{RPID: at.Hostname(), RPDisplayName: "Cloakroom", RPOrigins: []string{at.Scheme + "://" + at.Host}})
	if err != nil {
		return nil, fmt.Errorf("passkeys: %w", err)
	}
	return &RelyingParty{site}, nil
}

func errNoName() error {
	return problem.New(problem.Conflict, "Passkeys need a site with a full host name, such as files.example.org.")
}

// A keyHolder is a user with their passkeys, as package webauthn wants them.
type keyHolder struct {
	user models.User
	keys []webauthn.Credential
}

// WebAuthnID implements webauthn.User.
func (h keyHolder) WebAuthnID() []byte { return []byte(h.user.ID) }

// WebAuthnName implements webauthn.User.
func (h keyHolder) WebAuthnName() string { return string(h.user.Username) }

// WebAuthnDisplayName implements webauthn.User.
func (h keyHolder) WebAuthnDisplayName() string { return string(h.user.Username) }

// WebAuthnCredentials implements webauthn.User.
func (h keyHolder) WebAuthnCredentials() []webauthn.Credential { return h.keys }

func newKeyHolder(user models.User, keys []models.Passkey) (keyHolder, error) {
	h := keyHolder{user: user, keys: make([]webauthn.Credential, len(keys))}
	for i, k := range keys {
		if err := json.Unmarshal(k.Record, &h.keys[i]); err != nil {
			return h, fmt.Errorf("reading a passkey: %w", err)
		}
		h.keys[i].Authenticator.SignCount = uint32(k.SignCount) //nolint:gosec // it came as one
	}
	return h, nil
}

// credentialName is what a passkey's row has of what its authenticator calls it.
func credentialName(id []byte) string { return base64.RawURLEncoding.EncodeToString(id) }

// register returns what an authenticator is asked to make a passkey by, which
// must know who holds it and be found without a username.
func (r *RelyingParty) register(holder keyHolder) (any, *webauthn.SessionData, error) {
	if r.site == nil {
		return nil, nil, errNoName()
	}
	return r.site.BeginRegistration(holder,
		webauthn.WithExclusions(webauthn.Credentials(holder.keys).CredentialDescriptors()),
		webauthn.WithAuthenticatorSelection(protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementRequired, RequireResidentKey: protocol.ResidentKeyRequired(),
			UserVerification: protocol.VerificationRequired,
		}))
}

// ask returns what an authenticator is asked to sign: any that has a passkey
// for this site, or one of holder's.
func (r *RelyingParty) ask(holder *keyHolder) (any, *webauthn.SessionData, error) {
	if r.site == nil {
		return nil, nil, errNoName()
	}
	verified := webauthn.WithUserVerification(protocol.VerificationRequired)
	if holder == nil {
		return r.site.BeginDiscoverableLogin(verified)
	}
	return r.site.BeginLogin(*holder, verified)
}
