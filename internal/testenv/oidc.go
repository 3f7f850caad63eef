package testenv

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"
)

// An OIDCProvider is an OpenID Connect provider on this machine. It supports the
// authorization code flow with PKCE and signs with RS256. Claims describe the
// user, who is already signed in there unless SignInPage is set.
type OIDCProvider struct {
	URL, ClientID, ClientSecret string
	Now                         func() time.Time
	Claims                      map[string]any
	SignInPage                  bool // show a sign-in page first
	// UserInfo holds the claims of the user info endpoint; the ID token then has
	// only the sub of Claims. If it is nil, the ID token has all Claims.
	UserInfo map[string]any
	AuthTime func() time.Time            // when users gave their password; nil: now, if it was asked again
	Alter    func(claims map[string]any) // changes the claims of each token; nil: tokens are valid
	Forge    func(token string) string   // replaces each signed token; nil: they stay as they are

	mu    sync.Mutex
	key   *rsa.PrivateKey
	codes map[string]url.Values // the authorization request of each
	given string                // the last access token
}

// OIDC starts a provider that stops when the test ends.
func OIDC(t testing.TB, now func() time.Time) *OIDCProvider {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	p := &OIDCProvider{
		ClientID: "cloakroom", ClientSecret: rand.Text(), Now: now, Claims: map[string]any{},
		key: key, codes: map[string]url.Values{},
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", p.describe)
	mux.HandleFunc("GET /authorize", p.authorize)
	mux.HandleFunc("POST /authorize", p.grant)
	mux.HandleFunc("POST /token", p.token)
	mux.HandleFunc("GET /keys", p.keys)
	mux.HandleFunc("GET /userinfo", p.userInfo)
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	p.URL = server.URL
	return p
}

func (p *OIDCProvider) describe(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, map[string]any{
		"issuer": p.URL, "authorization_endpoint": p.URL + "/authorize", "token_endpoint": p.URL + "/token",
		"jwks_uri": p.URL + "/keys", "userinfo_endpoint": p.URL + "/userinfo",
		"response_types_supported": []string{"code"}, "subject_types_supported": []string{"public"},
		"id_token_signing_alg_values_supported": []string{"RS256"}, "code_challenge_methods_supported": []string{"S256"},
		"scopes_supported": []string{"openid", "profile", "email", "groups"},
	})
}

func (p *OIDCProvider) authorize(w http.ResponseWriter, r *http.Request) {
	asked := r.URL.Query()
	if asked.Get("response_type") != "code" || asked.Get("client_id") != p.ClientID ||
		asked.Get("code_challenge_method") != "S256" || asked.Get("code_challenge") == "" {
		answer(w, http.StatusBadRequest, map[string]any{"error": "invalid_request"})
		return
	}
	if p.SignInPage {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(w, signInPage) // a client that is gone needs no page
		return
	}
	p.grant(w, r)
}

// signInPage holds a form that posts to its own URL.
const signInPage = `<!doctype html><html lang="en"><title>A provider</title><link rel="icon" href="data:,"><main><h1>A provider</h1>
<form method="post"><label for="account">Account</label> <input id="account" name="account"> <button>Sign in</button></form></main></html>`

// grant redirects the signed-in user back with a code.
func (p *OIDCProvider) grant(w http.ResponseWriter, r *http.Request) {
	asked, code := r.URL.Query(), rand.Text()
	p.mu.Lock()
	p.codes[code] = asked
	p.mu.Unlock()
	back := url.Values{"code": {code}, "state": {asked.Get("state")}}
	http.Redirect(w, r, asked.Get("redirect_uri")+"?"+back.Encode(), http.StatusFound) //nolint:gosec // to the site under test
}

// token accepts each code once, from its client, with the verifier of its
// challenge (RFC 7636, 4.6).
func (p *OIDCProvider) token(w http.ResponseWriter, r *http.Request) {
	id, secret, ok := r.BasicAuth()
	if !ok {
		id, secret = r.PostFormValue("client_id"), r.PostFormValue("client_secret")
	}
	if id != p.ClientID || secret != p.ClientSecret {
		answer(w, http.StatusUnauthorized, map[string]any{"error": "invalid_client"})
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	asked, known := p.codes[r.PostFormValue("code")]
	delete(p.codes, r.PostFormValue("code"))
	sum := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
	if !known || asked.Get("redirect_uri") != r.PostFormValue("redirect_uri") ||
		asked.Get("code_challenge") != base64.RawURLEncoding.EncodeToString(sum[:]) {
		answer(w, http.StatusBadRequest, map[string]any{"error": "invalid_grant"})
		return
	}
	claims := map[string]any{
		"iss": p.URL, "aud": p.ClientID, "iat": p.Now().Unix(), "exp": p.Now().Add(time.Minute).Unix(), "nonce": asked.Get("nonce"),
	}
	if asked.Has("max_age") || p.AuthTime != nil { // it is required then (OpenID Connect Core 1.0, 2)
		claims["auth_time"] = p.Now().Unix()
		if p.AuthTime != nil {
			claims["auth_time"] = p.AuthTime().Unix()
		}
	}
	for name, value := range p.Claims {
		if p.UserInfo == nil || name == "sub" {
			claims[name] = value
		}
	}
	if p.Alter != nil {
		p.Alter(claims)
	}
	p.given = rand.Text()
	token := p.sign(claims)
	if p.Forge != nil {
		token = p.Forge(token)
	}
	answer(w, http.StatusOK, map[string]any{"access_token": p.given, "token_type": "Bearer", "expires_in": 60, "id_token": token})
}

// userInfo returns the claims in UserInfo to the holder of the last access token.
func (p *OIDCProvider) userInfo(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.UserInfo == nil || p.given == "" || r.Header.Get("Authorization") != "Bearer "+p.given {
		answer(w, http.StatusUnauthorized, map[string]any{"error": "invalid_token"})
		return
	}
	answer(w, http.StatusOK, p.UserInfo)
}

// sign returns a JWT (RFC 7515).
func (p *OIDCProvider) sign(claims map[string]any) string {
	head, _ := json.Marshal(map[string]string{"alg": "RS256", "kid": "1", "typ": "JWT"}) // these maps always marshal
	body, _ := json.Marshal(claims)
	text := base64.RawURLEncoding.EncodeToString(head) + "." + base64.RawURLEncoding.EncodeToString(body)
	sum := sha256.Sum256([]byte(text))
	signature, _ := rsa.SignPKCS1v15(rand.Reader, p.key, crypto.SHA256, sum[:]) // a missing signature fails the test
	return text + "." + base64.RawURLEncoding.EncodeToString(signature)
}

func (p *OIDCProvider) keys(w http.ResponseWriter, _ *http.Request) {
	number := func(n *big.Int) string { return base64.RawURLEncoding.EncodeToString(n.Bytes()) }
	key := map[string]string{
		"kty": "RSA", "use": "sig", "alg": "RS256", "kid": "1", "n": number(p.key.N), "e": number(big.NewInt(int64(p.key.E))),
	}
	answer(w, http.StatusOK, map[string]any{"keys": []any{key}})
}

func answer(w http.ResponseWriter, status int, doc map[string]any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(doc) // a client that is gone needs no answer
}
