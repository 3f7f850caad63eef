package oidc

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"example.org/cloakroom/internal/problem"
)

const (
	timeout = 10 * time.Second // of each request to the provider
	maxBody = 1 << 20          // bytes of each response
)

var errNoTLS = errors.New("the provider must use https, unless it runs on this machine")

// discover returns the provider and a client for it. It reads the provider's
// metadata when first needed, so that an unreachable provider does not keep the
// site from starting.
func (s *Service) discover(ctx context.Context) (*oidc.Provider, *http.Client, error) {
	if !s.On() {
		return nil, nil, problem.New(problem.NotFound, "This site does not offer this way to sign in.")
	}
	client := &http.Client{Transport: secureTransport{http.DefaultTransport}, Timeout: timeout, CheckRedirect: noRedirect}
	s.mu.Lock()
	provider := s.discovered
	s.mu.Unlock()
	if provider != nil {
		return provider, client, nil
	}
	provider, err := oidc.NewProvider(oidc.ClientContext(ctx, client), s.Provider.Issuer)
	if err != nil {
		s.Log.LogAttrs(ctx, slog.LevelError, "OpenID Connect",
			slog.String("why", "the provider cannot be reached"), slog.Any("err", withoutBody(err)))
		return nil, nil, problem.New(problem.Unavailable, "The provider can't be reached. Try again later, or sign in with your password.")
	}
	s.mu.Lock()
	s.discovered = provider
	s.mu.Unlock()
	return provider, client, nil
}

// config returns the OAuth 2.0 configuration for the provider. It requests the
// scope "groups" only if the provider lists it: others would refuse the request.
func (s *Service) config(provider *oidc.Provider) *oauth2.Config {
	scopes := []string{oidc.ScopeOpenID, "profile", "email"}
	var supported struct {
		Scopes []string `json:"scopes_supported"`
	}
	if err := provider.Claims(&supported); err == nil && len(s.Provider.Roles) > 0 && slices.Contains(supported.Scopes, "groups") {
		scopes = append(scopes, "groups")
	}
	return &oauth2.Config{
		ClientID: s.Provider.ClientID, ClientSecret: s.Provider.ClientSecret.Reveal(),
		Endpoint: provider.Endpoint(), RedirectURL: s.Provider.Redirect, Scopes: scopes,
	}
}

// A secureTransport only sends requests over https or to this machine, and
// truncates responses after maxBody bytes.
type secureTransport struct{ next http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (t secureTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	if !isPrivate(r.URL) {
		return nil, errNoTLS
	}
	got, err := t.next.RoundTrip(r)
	if err == nil {
		got.Body = struct {
			io.Reader
			io.Closer
		}{io.LimitReader(got.Body, maxBody), got.Body}
	}
	return got, err
}

// noRedirect follows no redirect: it could lead away from the configured provider.
func noRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// isPrivate reports whether requests to u are encrypted or stay on this machine.
func isPrivate(u *url.URL) bool {
	if u.Scheme == "https" && u.Host != "" {
		return true
	}
	addr, err := netip.ParseAddr(u.Hostname())
	return u.Scheme == "http" && (u.Hostname() == "localhost" || err == nil && addr.IsLoopback())
}

// checkAddress fails if visitors must not be sent to the URL to.
func checkAddress(to string) error {
	u, err := url.Parse(to)
	if err != nil || !isPrivate(u) {
		return errNoTLS
	}
	return nil
}

// withoutBody returns err without the provider's response, which may contain
// secrets.
func withoutBody(err error) error {
	if refused, ok := errors.AsType[*oauth2.RetrieveError](err); ok {
		return errors.New("the provider answered " + refused.Response.Status + " " + refused.ErrorCode)
	}
	return err
}
