package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"example.org/cloakroom/internal/config"
	"example.org/cloakroom/internal/handlers"
	"example.org/cloakroom/web"
)

// serve answers visitors until ctx is done, then lets what is running finish.
func (p program) serve(ctx context.Context, cfg config.Config, log *slog.Logger, _ []string) (err error) {
	a, err := newApp(ctx, cfg, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	site, err := newSite(a, cfg, log)
	if err != nil {
		return err
	}
	stopMetrics, err := a.metrics.serve(ctx, cfg.MetricsAddr, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stopMetrics()) }()
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", cfg.Addr)
	if err != nil {
		return fmt.Errorf("listening: %w", err)
	}
	if err := p.greet(ctx, a, cfg, listener.Addr()); err != nil {
		return errors.Join(err, listener.Close())
	}
	runner := a.runner(cfg, log)
	if err := runner.Start(ctx); err != nil {
		return errors.Join(err, listener.Close())
	}
	server := handlers.HTTPServer(site, log)
	handlers.LimitConnections(server, cfg.MaxConnections)
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	log.InfoContext(ctx, "listening", "addr", listener.Addr().String(), "version", version())
	select {
	case err = <-failed:
	case <-ctx.Done():
		log.InfoContext(ctx, "stopping", "at most", cfg.ShutdownTimeout.String())
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), cfg.ShutdownTimeout)
	defer cancel()
	return errors.Join(err, stop(grace, server, runner))
}

// A stopper finishes what it is doing, or gives up with ctx.
type stopper interface {
	Stop(ctx context.Context) error
}

// stop lets running requests and jobs finish until ctx is done. What is cut
// off then leaves nothing half: an upload has no record until it is whole.
func stop(ctx context.Context, server *http.Server, runner stopper) error {
	err := server.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		err = server.Close()
	}
	return errors.Join(err, runner.Stop(ctx))
}

func newSite(a *app, cfg config.Config, log *slog.Logger) (http.Handler, error) {
	pages, err := web.Parse(handlers.Funcs)
	if err != nil {
		return nil, err
	}
	server := &handlers.Server{
		Accounts: a.accounts, Posts: a.posts, Files: a.files, Reports: a.reports, Limits: a.limits, Pages: pages, Ready: a.db.Ping, Log: log, Now: time.Now,
		Settings: handlers.Settings{
			PublicURL: cfg.PublicURL.String(), Secure: cfg.Secure(), HSTS: cfg.HSTS(),
			SecurityContacts: cfg.SecurityContacts, APIDocs: cfg.ServesAPIDocs(),
			CORS: handlers.CORS{
				Allows: cfg.AllowsOrigin, Methods: cfg.CORSMethods, Headers: cfg.CORSHeaders, Exposed: cfg.CORSExposed,
				MaxAge: cfg.CORSMaxAge, Credentials: cfg.CORSCredentials,
			},
			AllowedHosts: cfg.AllowedHosts, TrustedProxies: cfg.TrustedProxies, SessionLifetime: cfg.SessionLifetime,
			ReadTimeout: cfg.ReadTimeout, WriteTimeout: cfg.WriteTimeout,
			ContentOrigin: cfg.ContentOrigin.String(), ContentKey: cfg.ContentKey,
		},
	}
	return server.Handler()
}

// greet tells the operator where the site is and, as long as there is no
// admin, how to become one. The link goes to the terminal, never to the log.
func (p program) greet(ctx context.Context, a *app, cfg config.Config, addr net.Addr) error {
	_, _ = fmt.Fprintf(p.err, "\nCloakroom is at %s (listening on %s)\n", cfg.PublicURL.String(), addr)
	secret, err := a.accounts.NewSetupLink(ctx)
	if err != nil || secret == "" {
		return err
	}
	_, err = fmt.Fprintf(p.err, "There is no admin yet. Open this link to become one; it works once, and for a day:\n\n  %s/setup/%s\n\n",
		cfg.PublicURL.String(), secret.Reveal())
	return err
}
