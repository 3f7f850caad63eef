package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"example.org/cloakroom/internal/accounts"
	"example.org/cloakroom/internal/audit"
	"example.org/cloakroom/internal/browserreports"
	"example.org/cloakroom/internal/config"
	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/files"
	"example.org/cloakroom/internal/handlers"
	"example.org/cloakroom/internal/images"
	"example.org/cloakroom/internal/iprules"
	"example.org/cloakroom/internal/jobs"
	"example.org/cloakroom/internal/leaving"
	"example.org/cloakroom/internal/limits"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/moderation"
	"example.org/cloakroom/internal/notifications"
	"example.org/cloakroom/internal/oidc"
	"example.org/cloakroom/internal/overview"
	"example.org/cloakroom/internal/posts"
	"example.org/cloakroom/internal/requests"
	"example.org/cloakroom/internal/settings"
	"example.org/cloakroom/internal/shares"
)

// An app is the services, wired.
type app struct {
	metrics        *metrics
	db             *database.DB
	queue          *jobs.Queue
	accounts       *accounts.Service
	audit          *audit.Service
	browserReports *browserreports.Service
	files          *files.Service
	ipRules        *iprules.Service
	leaving        *leaving.Service
	limits         *limits.Service
	moderation     *moderation.Service
	notifications  *notifications.Service
	oidc           *oidc.Service
	overview       *overview.Service
	posts          *posts.Service
	settings       *settings.Service
	shares         *shares.Service
	requests       *requests.Service
	host           handlers.Host

	close []io.Closer
}

// newApp opens what cfg names and wires the services to it.
func newApp(ctx context.Context, cfg config.Config, log *slog.Logger) (a *app, err error) {
	a = &app{metrics: newMetrics()}
	if err := a.open(ctx, cfg, log); err != nil {
		return nil, errors.Join(err, a.Close())
	}
	return a, nil
}

func (a *app) open(ctx context.Context, cfg config.Config, log *slog.Logger) (err error) {
	values, err := settings.ValuesOf(cfg)
	if err != nil {
		return fmt.Errorf("LIMITS: %w", err)
	}
	if a.db, err = openDatabase(ctx, cfg, log); err != nil {
		return err
	}
	a.close = append(a.close, a.db)
	blobs, err := a.openBlobs(ctx, cfg)
	if err != nil {
		return err
	}
	a.queue = &jobs.Queue{DB: a.db, Now: now}
	decoder := &images.Decoder{
		Workers: cfg.ImageWorkers, Memory: max(minImageMemory, memoryPerPixel*cfg.MaxImagePixels), Timeout: imageTimeout,
	}
	if a.accounts, err = a.openAccounts(cfg, blobs, decoder); err != nil {
		return err
	}
	if a.requests, err = a.openRequests(cfg, a.accounts.Hasher); err != nil {
		return err
	}
	if a.audit, err = openAudit(cfg, a.db, log); err != nil {
		return err
	}
	if a.oidc, err = a.openOIDC(cfg, log); err != nil {
		return err
	}
	if a.limits, err = a.openLimits(cfg, values.Policy, log); err != nil {
		return err
	}
	a.browserReports = &browserreports.Service{DB: a.db, Now: now}
	a.files = &files.Service{
		DB: a.db, Jobs: a.queue, Blobs: blobs, Images: decoder, Now: now, Policy: models.NewLive(filesPolicy(cfg)),
	}
	a.ipRules = &iprules.Service{DB: a.db, Now: now}
	a.leaving = &leaving.Service{DB: a.db, Jobs: a.queue, Blobs: blobs, Grace: cfg.DeletionGrace, Now: now}
	a.moderation = &moderation.Service{
		DB: a.db, Jobs: a.queue, Blobs: blobs, Mails: a.accounts.SendsMail(), ClaimFor: reportClaim, GlassFor: cfg.BreakGlass, Now: now,
	}
	if a.notifications, err = a.openNotifications(cfg); err != nil {
		return err
	}
	a.overview = &overview.Service{DB: a.db, Jobs: a.queue, Now: now}
	a.posts = &posts.Service{
		DB: a.db, Jobs: a.queue, Now: now, MaxFiles: models.NewLive(maxPostFiles(cfg)),
		Default: models.NewLive(models.Visibility(cfg.DefaultVisibility)),
	}
	if a.shares, err = a.openShares(cfg, a.accounts.Hasher); err != nil {
		return err
	}
	a.settings = &settings.Service{DB: a.db, Base: values, Apply: a.apply, Now: now}
	if sender := a.accounts.Mail; sender != nil {
		sender.Name = func() string { return a.settings.Current().SiteName }
		a.host.Mail = sender.Host()
	}
	return nil
}

// Close releases what newApp opened, last first.
func (a *app) Close() error {
	var errs []error
	for i := len(a.close) - 1; i >= 0; i-- {
		errs = append(errs, a.close[i].Close())
	}
	return errors.Join(errs...)
}

// runner returns the worker of all kinds of jobs.
func (a *app) runner(cfg config.Config, log *slog.Logger) *jobs.Runner {
	r := &jobs.Runner{DB: a.db, Log: log, Now: now, ImageWorkers: cfg.ImageWorkers}
	jobs.HandleWithFallback(r, a.files.ProcessImage, a.files.GiveUpOnImage)
	jobs.HandleWithFallback(r, a.files.CleanFile, a.files.GiveUpOnFile)
	jobs.Handle(r, a.files.DeleteBlobs)
	jobs.Handle(r, a.files.SweepBlobs)
	jobs.Handle(r, a.files.SumFiles)
	jobs.Handle(r, a.posts.Purge)
	jobs.Handle(r, a.accounts.ExpireSessions)
	jobs.Handle(r, a.browserReports.Expire)
	jobs.Handle(r, a.accounts.SendMail)
	jobs.Handle(r, a.audit.Mark)
	jobs.Handle(r, a.ipRules.Expire)
	jobs.Handle(r, a.queue.Expire)
	jobs.Handle(r, a.overview.Expire)
	jobs.Handle(r, a.leaving.Delete)
	jobs.Handle(r, a.moderation.Purge)
	jobs.Handle(r, a.notifications.OfComment)
	jobs.Handle(r, a.notifications.OfPost)
	jobs.Handle(r, a.notifications.OfShare)
	jobs.Handle(r, a.notifications.OfReceived)
	jobs.Handle(r, a.notifications.MailBatch)
	jobs.Handle(r, a.notifications.SendDigests)
	jobs.Handle(r, a.notifications.Expire)
	jobs.Handle(r, a.shares.Expire)
	jobs.Handle(r, a.shares.TellOfUnused)
	jobs.Handle(r, a.requests.Expire)
	return r
}
