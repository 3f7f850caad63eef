package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"

	"example.org/cloakroom/internal/certificates"
	"example.org/cloakroom/internal/config"
	"example.org/cloakroom/internal/handlers"
	"example.org/cloakroom/internal/jobs"
	"example.org/cloakroom/web"
)

// serve answers visitors until ctx is done, then lets what is running finish.
func (p program) serve(ctx context.Context, cfg config.Config, log *slog.Logger, _ []string) (err error) {
	a, err := newApp(ctx, cfg, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	if err := a.accounts.CheckKey(ctx); err != nil {
		return err
	}
	var certs *certificates.Service
	if cfg.TLS() {
		if certs, err = openCertificates(ctx, cfg, a.db, log); err != nil {
			return err
		}
		a.metrics.registry.MustRegister(newCertificateMetrics(certs))
	}
	site, err := newSite(a, cfg, certs, log)
	if err != nil {
		return err
	}
	handler, err := site.Handler()
	if err != nil {
		return err
	}
	stopMetrics, err := a.metrics.serve(ctx, cfg.MetricsAddr, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stopMetrics()) }()
	open, err := doors(ctx, cfg, certs, site, handler, log)
	if err != nil {
		return err
	}
	defer func() {
		for _, d := range open {
			_ = d.listener.Close() // again: its server has
		}
	}()
	if err := p.greet(ctx, a, cfg, open[0].listener.Addr()); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.overview.Flush(ctx)) }() // what the last visitors were answered
	for what, follow := range map[string]func(context.Context) error{"limits": a.edits.Follow, "settings": a.settings.Follow, "IP rules": a.ipRules.Reload, "counts": a.overview.Flush} {
		if err := follow(ctx); err != nil { // before the first visitor comes
			return err
		}
		defer inBackground(ctx, followed(what, follow, log))()
	}
	return run(ctx, cfg, open, a.runner(cfg, log), certs, log)
}

// run lets visitors in and jobs be done until ctx is done.
func run(ctx context.Context, cfg config.Config, open []door, runner *jobs.Runner, certs *certificates.Service, log *slog.Logger) (err error) {
	if err := runner.Start(ctx); err != nil {
		return err
	}
	failed := make(chan error, len(open))
	for _, d := range open {
		d.open(failed)
	}
	stopCertificates := keepFresh(ctx, certs)
	log.InfoContext(ctx, "listening", "addr", open[0].listener.Addr().String(), "version", version())
	if err := tellManager(daemon.SdNotifyReady); err != nil {
		log.WarnContext(ctx, "starting", "err", err)
	}
	select {
	case err = <-failed:
	case <-ctx.Done():
		log.InfoContext(ctx, "stopping", "at most", cfg.ShutdownTimeout.String())
	}
	_ = tellManager(daemon.SdNotifyStopping) // it sees it all the same
	stopCertificates()
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), cfg.ShutdownTimeout)
	defer cancel()
	return errors.Join(err, stop(grace, open, runner))
}

// followEvery is how soon a node sees what was changed or counted on another.
const followEvery = 3 * time.Second

// followed does follow every few seconds. While the database is away, all stays
// as it is; that is said once.
func followed(what string, follow func(context.Context) error, log *slog.Logger) func(context.Context) {
	return func(ctx context.Context) {
		tick := time.NewTicker(followEvery)
		defer tick.Stop()
		for failing := false; ; {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			err := follow(ctx)
			if err != nil && !failing && ctx.Err() == nil {
				log.WarnContext(ctx, "keeping up with the other nodes", "what", what, "err", err)
			}
			failing = err != nil
		}
	}
}

// keepFresh looks after the certificates until stop is called.
func keepFresh(ctx context.Context, certs *certificates.Service) (stop func()) {
	if certs == nil {
		return func() {}
	}
	return inBackground(ctx, certs.Run)
}

// inBackground runs what does not end by itself until stop is called.
func inBackground(ctx context.Context, run func(context.Context)) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		run(ctx)
	}()
	return func() {
		cancel()
		<-done // before the database is closed
	}
}

// A stopper finishes what it is doing, or gives up with ctx.
type stopper interface {
	Stop(ctx context.Context) error
}

// stop lets running requests and jobs finish until ctx is done. What is cut
// off then leaves nothing half: an upload has no record until it is whole.
func stop(ctx context.Context, open []door, runner stopper) error {
	var errs []error
	for _, d := range open {
		err := d.server.Shutdown(ctx)
		if errors.Is(err, context.DeadlineExceeded) {
			err = d.server.Close()
		}
		errs = append(errs, err)
	}
	return errors.Join(append(errs, runner.Stop(ctx))...)
}

func newSite(a *app, cfg config.Config, certs *certificates.Service, log *slog.Logger) (*handlers.Server, error) {
	pages, err := web.Parse(handlers.Funcs)
	if err != nil {
		return nil, err
	}
	return &handlers.Server{
		Accounts: a.accounts, Posts: a.posts, Files: a.files, Reports: a.reports, Limits: a.limits, LimitEdits: a.edits, SettingEdits: a.settings, IPRules: a.ipRules, Audit: a.audit, Leaving: a.leaving, Moderation: a.moderation, OIDC: a.oidc, Overview: a.overview, Queue: a.queue, Pages: pages, Ready: a.db.Ping, Log: log, Now: time.Now,
		Certificates: certs,
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
	}, nil
}

// greet tells the operator where the site is and, as long as there is no
// admin, how to become one. The link goes to the operator alone: it is not in the log.
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
