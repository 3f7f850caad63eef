package main

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"example.org/cloakroom/internal/config"
)

// healthTimeout is how long a health check takes at most; /readyz answers sooner.
const healthTimeout = 5 * time.Second

// healthcheck asks the running server whether it is ready, for container platforms. Its
// error is one line that says why it is not.
func healthcheck(ctx context.Context, c call) error {
	addr, err := healthAddr(cmp.Or(c.flags["addr"], c.cfg.Addr))
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, healthTimeout)
	defer cancel()
	at, err := askReady(ctx, c.cfg, addr)
	if err != nil {
		return fmt.Errorf("not ready: %w", err)
	}
	return c.say("ready: %s", at)
}

// healthAddr returns the address at which this machine reaches a server that listens on addr.
func healthAddr(addr string) (string, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil || port == "" {
		return "", errors.New("--addr must be an address with a port, such as 127.0.0.1:8080")
	}
	if port == "0" {
		return "", errors.New("ADDR leaves the port open: name the address with --addr")
	}
	if ip, err := netip.ParseAddr(host); host == "" || err == nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port), nil
}

// askReady requests /readyz at addr, and returns the URL that it asked.
func askReady(ctx context.Context, cfg config.Config, addr string) (string, error) {
	at := url.URL{Scheme: "http", Host: addr, Path: "/readyz"}
	transport := &http.Transport{DisableKeepAlives: true} // and no proxy, whatever the environment says
	if cfg.TLS() {
		at.Scheme = "https"
		host, _, _ := net.SplitHostPort(addr)
		transport.TLSClientConfig = healthTLS(cfg, host)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, at.String(), http.NoBody)
	if err != nil {
		return "", err
	}
	client := http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.Do(request)
	if err != nil {
		return "", err
	}
	_, _ = io.CopyN(io.Discard, response.Body, 1<<10)
	_ = response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return "", fmt.Errorf("%s answers %s", at.String(), response.Status)
	}
	return at.String(), nil
}

// healthTLS asks for the certificate of the site. On loopback it does not verify it: no
// other machine can answer there, and restarting the server does not renew a certificate.
func healthTLS(cfg config.Config, host string) *tls.Config {
	ip, err := netip.ParseAddr(host)
	loopback := host == "localhost" || err == nil && ip.IsLoopback()
	return &tls.Config{ServerName: cfg.PublicURL.Hostname(), InsecureSkipVerify: loopback} //nolint:gosec // see above
}
