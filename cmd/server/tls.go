package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"time"

	"example.org/cloakroom/internal/certificates"
	"example.org/cloakroom/internal/config"
	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/handlers"
)

// openCertificates opens the certificates that cfg names.
func openCertificates(ctx context.Context, cfg config.Config, db *database.DB, log *slog.Logger) (*certificates.Service, error) {
	settings := certificates.Options{Mode: certificates.Mode(cfg.TLSMode), Hosts: cfg.Hosts()}
	for i, file := range cfg.TLSCertFiles {
		settings.Pairs = append(settings.Pairs, certificates.FilePair{Cert: file, Key: cfg.TLSKeyFiles[i]})
	}
	key, err := siteKey(cfg)
	if err != nil {
		return nil, err
	}
	roots, err := authorityRoots(cfg.ACMECAFile)
	if err != nil {
		return nil, err
	}
	hmac, err := cfg.EABKey()
	if err != nil {
		return nil, fmt.Errorf("ACME_EAB_HMAC_KEY: %w", err)
	}
	settings.Authority = certificates.Authority{
		Directory: cfg.ACMEDirectory, Email: cfg.ACMEEmail, Roots: roots, KeyID: cfg.ACMEKeyID, HMACKey: hmac,
	}
	return certificates.Open(ctx, settings, db, key, time.Now, log)
}

// authorityRoots returns the roots that sign the directory's own certificate; nil:
// those of the machine.
func authorityRoots(file string) (*x509.CertPool, error) {
	if file == "" {
		return nil, nil //nolint:nilnil // crypto/tls uses those of the machine then
	}
	text, err := os.ReadFile(file) //nolint:gosec // the operator names the file
	if err != nil {
		return nil, fmt.Errorf("ACME_CA_FILE: %w", err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(text) {
		return nil, errors.New("ACME_CA_FILE: there is no certificate in it")
	}
	return roots, nil
}

// A door is a server with the listener it serves.
type door struct {
	server      *http.Server
	listener    net.Listener
	connections func() int // open ones
}

// open starts to serve; the error that ends it goes to failed.
func (d door) open(failed chan<- error) {
	go func() { failed <- d.server.Serve(d.listener) }()
}

// doors opens the listeners of the site: its own, and with TLS the one that
// redirects there.
func doors(
	ctx context.Context, cfg config.Config, certs *certificates.Service, site *handlers.Server, handler http.Handler, log *slog.Logger,
) (all []door, err error) {
	handed, err := handedOver()
	if err != nil {
		return nil, err
	}
	bounds := handlers.Connections{Most: cfg.MaxConnections, Share: cfg.ConnectionShare, Exempt: cfg.TrustedProxies}
	defer func() {
		if left := handed.left(); left != "" {
			log.WarnContext(ctx, "TLS_MODE does not use these sockets of the service manager", "names", left)
		}
		err = errors.Join(err, handed.close())
		for i, d := range all {
			all[i].connections = bounds.Limit(d.server)
			if err != nil {
				err = errors.Join(err, d.listener.Close())
			}
		}
	}()
	listener, err := handed.listen(ctx, siteSocket, cfg.Addr)
	if err != nil {
		return nil, err
	}
	if certs != nil {
		// Not ServeTLS, which copies the configuration: the keys of session tickets
		// change in it.
		listener = tls.NewListener(listener, certs.TLSConfig())
	}
	all = append(all, door{server: handlers.HTTPServer(handler, log), listener: listener})
	if certs == nil || cfg.RedirectAddr == "" && handed[redirectSocket] == nil {
		return all, nil
	}
	if listener, err = handed.listen(ctx, redirectSocket, cfg.RedirectAddr); err != nil {
		return all, err
	}
	log.InfoContext(ctx, "redirecting", "addr", listener.Addr().String())
	return append(all, door{server: site.RedirectServer(certs.Challenges), listener: listener}), nil
}
