package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"

	"example.org/cloakroom/internal/certificates"
	"example.org/cloakroom/internal/config"
	"example.org/cloakroom/internal/handlers"
	"example.org/cloakroom/internal/jobs"
	"example.org/cloakroom/web"
)

// serve answers visitors until ctx is done, then lets what is running finish.
func serve(ctx context.Context, c call) error {
	return c.withApp(ctx, func(a *app) error { return c.serve(ctx, a) })
}

func (c call) serve(ctx context.Context, a *app) (err error) {
	if err := a.accounts.CheckKey(ctx); err != nil {
		return err
	}
	tasks, err := a.reloads(ctx, c.log)
	if err != nil {
		return err
	}
	var certs *certificates.Service
	if c.cfg.TLS() {
		if certs, err = openCertificates(ctx, c.cfg, a.db, c.log); err != nil {
			return err
		}
		a.metrics.registry.MustRegister(newCertificateMetrics(certs))
		tasks = append(tasks, certs.Run)
	}
	site, err := newSite(a, c.cfg, certs, c.log)
	if err != nil {
		return err
	}
	handler, err := site.Handler()
	if err != nil {
		return err
	}
	stopMetrics, err := a.metrics.serve(ctx, c.cfg.MetricsAddr, c.log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stopMetrics()) }()
	open, err := doors(ctx, c.cfg, certs, site, handler, c.log)
	if err != nil {
		return err
	}
	defer func() {
		for _, d := range open {
			_ = d.listener.Close() // again: its server has
		}
	}()
	if err := c.greet(ctx, a, open[0].listener.Addr()); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.overview.Flush(ctx)) }() // counts of the last requests
	defer inBackground(ctx, tasks)()
	return run(ctx, c.cfg, open, a.runner(c.cfg, c.log), c.log)
}

// run serves visitors and works on jobs until ctx is done.
func run(ctx context.Context, cfg config.Config, open []door, runner *jobs.Runner, log *slog.Logger) (err error) {
	if err := runner.Start(ctx); err != nil {
		return err
	}
	failed := make(chan error, len(open))
	for _, d := range open {
		d.open(failed)
	}
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
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), cfg.ShutdownTimeout)
	defer cancel()
	return errors.Join(err, stop(grace, open, runner))
}

// A task runs in the background until its context is done.
type task = func(context.Context)

// inBackground runs the tasks until stop is called, which waits for their end:
// the database is closed after that.
func inBackground(ctx context.Context, tasks []task) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var running sync.WaitGroup
	for _, run := range tasks {
		running.Go(func() { run(ctx) })
	}
	return func() {
		cancel()
		running.Wait()
	}
}

// reloadEvery is how soon a node sees what changed on another.
const reloadEvery = 3 * time.Second

// reloads returns the tasks that keep this node up to date with the others. Each
// has run once, before the first visitor.
func (a *app) reloads(ctx context.Context, log *slog.Logger) (tasks []task, err error) {
	for _, one := range []struct {
		what   string
		reload func(context.Context) error
	}{
		{"settings", a.settings.Reload},
		{"IP rules", a.ipRules.Reload},
		{"counts", a.overview.Flush},
	} {
		if err := one.reload(ctx); err != nil {
			return nil, err
		}
		tasks = append(tasks, repeated(one.what, one.reload, log))
	}
	return tasks, nil
}

// repeated returns a task that reloads every few seconds. While the database is
// unreachable, all stays as it is, and the log says so once.
func repeated(what string, reload func(context.Context) error, log *slog.Logger) task {
	return func(ctx context.Context) {
		tick := time.NewTicker(reloadEvery)
		defer tick.Stop()
		for failing := false; ; {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			err := reload(ctx)
			if err != nil && !failing && ctx.Err() == nil {
				log.WarnContext(ctx, "reloading", "what", what, "err", err)
			}
			failing = err != nil
		}
	}
}

// A stopper finishes its work, or aborts when ctx ends.
type stopper interface {
	Stop(ctx context.Context) error
}

// stop lets running requests and jobs finish until ctx is done. What is cut off
// then leaves nothing incomplete: an upload has no record until it is whole.
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
		Accounts: a.accounts, Audit: a.audit, Certificates: certs, Files: a.files, IPRules: a.ipRules, Leaving: a.leaving,
		Limits: a.limits, Moderation: a.moderation, Notifications: a.notifications, OIDC: a.oidc, Overview: a.overview,
		Posts: a.posts, Queue: a.queue, Shares: a.shares, Requests: a.requests,
		BrowserReports: a.browserReports, SettingEdits: a.settings,
		Pages: pages, Ready: a.db.Ping, Log: log, Now: now,
		Options: handlers.Options{
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

// greet tells the operator the address of the site and, until there is an admin,
// how to become one. Only the operator gets the link: it is not in the log.
func (c call) greet(ctx context.Context, a *app, addr net.Addr) error {
	_, _ = fmt.Fprintf(c.err, "\nCloakroom is at %s (listening on %s)\n", c.cfg.PublicURL.String(), addr)
	secret, err := a.accounts.NewSetupLink(ctx)
	if err != nil || secret == "" {
		return err
	}
	_, err = fmt.Fprintf(c.err, "There is no admin yet. Open this link to become one. "+
		"It is single-use and expires after 24 hours:\n\n  %s/setup/%s\n\n", c.cfg.PublicURL.String(), secret.Reveal())
	return err
}
