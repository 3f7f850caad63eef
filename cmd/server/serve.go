package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"runtime"
	"sync"

	"github.com/coreos/go-systemd/v22/daemon"

	"example.org/cloakroom/internal/certificates"
	"example.org/cloakroom/internal/config"
	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/follow"
	"example.org/cloakroom/internal/handlers"
	"example.org/cloakroom/internal/jobs"
	"example.org/cloakroom/internal/models"
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
	following, err := a.following(ctx, c.log)
	if err != nil {
		return err
	}
	tasks := []task{following.Run}
	var certs *certificates.Service
	if c.cfg.TLS() {
		if certs, err = openCertificates(ctx, c.cfg, a.db, c.log); err != nil {
			return err
		}
		a.metrics.registry.MustRegister(newCertificateMetrics(certs))
		tasks = append(tasks, certs.Run)
		following.Tasks = append(following.Tasks, follow.Task{
			What: "certificates", Topic: database.TopicCertificates, Run: certs.Wake, Due: certs.Changed,
		})
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
	a.metrics.registry.MustRegister(newSiteMetrics(a, site, open, c.log))
	// The job signs the audit log too. Now it does so before the last lines, which are for people.
	if err := a.audit.Mark(ctx, models.MarkAudit{}); err != nil {
		c.log.WarnContext(ctx, "signing the audit log", "err", err)
	}
	c.log.InfoContext(ctx, "listening", "addr", open[0].listener.Addr().String(), "version", version())
	if err := c.greet(ctx, a, open[0].listener.Addr()); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.overview.Flush(ctx)) }() // counts of the last requests
	defer inBackground(ctx, tasks)()
	reserve := make([]byte, heapReserve)
	defer runtime.KeepAlive(reserve)
	return run(ctx, c.cfg, open, a.runner(c.cfg, c.log), c.log)
}

// heapReserve is the size of a block, in bytes, that is never written and so takes no memory. The
// garbage collector counts it as heap, and begins when the heap has doubled: without the block,
// after each 5 MiB. With it, the heap can grow by 16 MiB more.
const heapReserve = 16 << 20

// run serves visitors and works on jobs until ctx is done.
func run(ctx context.Context, cfg config.Config, open []door, runner *jobs.Runner, log *slog.Logger) (err error) {
	if err := runner.Start(ctx); err != nil {
		return err
	}
	failed := make(chan error, len(open))
	for _, d := range open {
		d.open(failed)
	}
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

// following returns what keeps this node up to date with the others. Each task has run
// once, before the first visitor.
func (a *app) following(ctx context.Context, log *slog.Logger) (*follow.Follower, error) {
	f := &follow.Follower{DB: a.db, Log: log, Now: now, Tasks: []follow.Task{
		{What: "settings", Topic: database.TopicSettings, Run: a.settings.Reload, Due: nil},
		{What: "IP rules", Topic: database.TopicIPRules, Run: a.ipRules.Reload, Due: a.ipRules.Due},
		{What: "counts", Topic: "", Run: a.overview.Flush, Due: a.overview.Counted},
	}}
	return f, f.Start(ctx)
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
	host := a.host
	host.Version, host.Ready = version(), a.db.Ping
	host.Database = map[string]string{database.SQLite: "SQLite", database.Postgres: "PostgreSQL"}[a.db.Dialect()]
	return &handlers.Server{
		Accounts: a.accounts, Audit: a.audit, Certificates: certs, Files: a.files, IPRules: a.ipRules, Leaving: a.leaving,
		Limits: a.limits, Moderation: a.moderation, Notifications: a.notifications, OIDC: a.oidc, Overview: a.overview,
		Posts: a.posts, Queue: a.queue, Shares: a.shares, Requests: a.requests, Host: host,
		BrowserReports: a.browserReports, SettingEdits: a.settings,
		Pages: pages, Ready: a.db.Ping, Log: log, Now: now, Traffic: handlers.Traffic{},
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

// greet tells the operator the address of the site and how to become an admin. Only the
// operator gets the link: it is not in the log.
func (c call) greet(ctx context.Context, a *app, addr net.Addr) error {
	var text bytes.Buffer
	_, _ = fmt.Fprintf(&text, "\nCloakroom is at %s (listening on %s)\n", c.cfg.PublicURL.String(), addr)
	if err := c.inviteAdmin(ctx, a, &text); err != nil {
		return err
	}
	_, _ = text.WriteTo(c.err) // at once, so that no line of the log comes between
	return nil
}

// inviteAdmin writes how to become an admin to w, unless there is one.
func (c call) inviteAdmin(ctx context.Context, a *app, w io.Writer) error {
	secret, err := a.accounts.NewSetupLink(ctx)
	if err != nil || secret == "" {
		return err
	}
	_, err = fmt.Fprintf(w, "There is no admin yet. Open this link to become one. "+
		"It is single-use and expires after 24 hours:\n\n  %s/setup/%s\n\n", c.cfg.PublicURL.String(), secret.Reveal())
	return err
}
