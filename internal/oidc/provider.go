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
	maxBody = 1 << 20          // bytes of its answer
)

var errNoTLS = errors.New("the provider is to be asked by https, but for one on this machine")

// discovered returns the provider, which is asked about itself when it is
// needed first: one that is away does not keep the site from starting.
func (s *Service) discovered(ctx context.Context) (*oidc.Provider, *http.Client, error) {
	if !s.On() {
		return nil, nil, problem.New(problem.NotFound, "This site does not offer this way to sign in.")
	}
	client := &http.Client{Transport: guard{http.DefaultTransport}, Timeout: timeout, CheckRedirect: stay}
	s.mu.Lock()
	provider := s.provider
	s.mu.Unlock()
	if provider != nil {
		return provider, client, nil
	}
	provider, err := oidc.NewProvider(oidc.ClientContext(ctx, client), s.Settings.Issuer)
	if err != nil {
		s.Log.LogAttrs(ctx, slog.LevelError, "OpenID Connect", slog.String("why", "the provider is away"), slog.Any("err", brief(err)))
		return nil, nil, problem.New(problem.Unavailable, "The provider can't be reached. Try again later, or sign in with your password.")
	}
	s.mu.Lock()
	s.provider = provider
	s.mu.Unlock()
	return provider, client, nil
}

// config is how we speak with the provider. Groups are asked for where the
// provider knows of them: another would refuse.
func (s *Service) config(provider *oidc.Provider) *oauth2.Config {
	scopes := []string{oidc.ScopeOpenID, "profile", "email"}
	var knows struct {
		Scopes []string `json:"scopes_supported"`
	}
	if err := provider.Claims(&knows); err == nil && len(s.Settings.Roles) > 0 && slices.Contains(knows.Scopes, "groups") {
		scopes = append(scopes, "groups")
	}
	return &oauth2.Config{
		ClientID: s.Settings.ClientID, ClientSecret: s.Settings.ClientSecret.Reveal(),
		Endpoint: provider.Endpoint(), RedirectURL: s.Settings.Redirect, Scopes: scopes,
	}
}

// A guard lets through what goes by https, or stays on this machine, and cuts
// answers that are too long.
type guard struct{ next http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (g guard) RoundTrip(r *http.Request) (*http.Response, error) {
	if !private(r.URL) {
		return nil, errNoTLS
	}
	got, err := g.next.RoundTrip(r)
	if err == nil {
		got.Body = struct {
			io.Reader
			io.Closer
		}{io.LimitReader(got.Body, maxBody), got.Body}
	}
	return got, err
}

// stay follows no redirect: it would lead away from what the operator named.
func stay(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// private reports whether nobody on the way can read what goes to u.
func private(u *url.URL) bool {
	if u.Scheme == "https" && u.Host != "" {
		return true
	}
	addr, err := netip.ParseAddr(u.Hostname())
	return u.Scheme == "http" && (u.Hostname() == "localhost" || err == nil && addr.IsLoopback())
}

// checkAddress judges where people are sent.
func checkAddress(to string) error {
	u, err := url.Parse(to)
	if err != nil || !private(u) {
		return errNoTLS
	}
	return nil
}

// brief is err without what the provider answered, which may hold secrets.
func brief(err error) error {
	if refused, ok := errors.AsType[*oauth2.RetrieveError](err); ok {
		return errors.New("the provider answered " + refused.Response.Status + " " + refused.ErrorCode)
	}
	return err
}
