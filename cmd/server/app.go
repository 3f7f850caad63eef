package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"golang.org/x/time/rate"

	"example.org/cloakroom/internal/accounts"
	"example.org/cloakroom/internal/audit"
	"example.org/cloakroom/internal/browserreports"
	"example.org/cloakroom/internal/config"
	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/files"
	"example.org/cloakroom/internal/filetypes"
	"example.org/cloakroom/internal/images"
	"example.org/cloakroom/internal/iprules"
	"example.org/cloakroom/internal/jobs"
	"example.org/cloakroom/internal/leaving"
	"example.org/cloakroom/internal/limits"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/moderation"
	"example.org/cloakroom/internal/oidc"
	"example.org/cloakroom/internal/overview"
	"example.org/cloakroom/internal/posts"
	"example.org/cloakroom/internal/settings"
	"example.org/cloakroom/internal/storage"
	"example.org/cloakroom/internal/storage/disk"
	"example.org/cloakroom/internal/storage/s3"
)

// maxAvatarSize is how much the picture may weigh that an avatar is made of.
const maxAvatarSize = 10 << 20

// How many requests with browser reports are taken, of all visitors together.
const (
	reportsPerSecond = 5
	reportsAtOnce    = 50
)

// An app is the services, wired.
type app struct {
	metrics  *metrics
	db       *database.DB
	queue    *jobs.Queue
	accounts *accounts.Service
	posts    *posts.Service
	files    *files.Service
	reports  *browserreports.Service
	audit    *audit.Service
	ipRules  *iprules.Service
	leaving  *leaving.Service
	limits   *limits.Service
	edits    *limits.Edits
	overview *overview.Service
	settings *settings.Service
	oidc     *oidc.Service

	moderation *moderation.Service
	close      []io.Closer
}

// newApp opens what cfg names and wires the services to it.
func newApp(ctx context.Context, cfg config.Config, log *slog.Logger) (a *app, err error) {
	a = &app{metrics: newMetrics()}
	defer func() {
		if err != nil {
			err = errors.Join(err, a.Close())
		}
	}()
	types, err := filetypes.ParseSet(cfg.UploadTypes)
	if err != nil {
		return a, fmt.Errorf("UPLOAD_TYPES: %w", err)
	}
	if a.db, err = openDatabase(ctx, cfg, log); err != nil {
		return a, err
	}
	a.close = append(a.close, a.db)
	blobs, err := a.openBlobs(ctx, cfg)
	if err != nil {
		return a, err
	}
	if a.queue, err = jobs.NewQueue(a.db, log); err != nil {
		return a, err
	}
	decoder := &images.Decoder{Workers: make(chan struct{}, cfg.ImageWorkers), Timeout: cfg.ImageTimeout}
	if a.accounts, err = a.openAccounts(cfg, blobs, decoder); err != nil {
		return a, err
	}
	if a.audit, err = openAudit(cfg, a.db, log); err != nil {
		return a, err
	}
	if a.oidc, err = a.openOIDC(cfg, log); err != nil {
		return a, err
	}
	a.reports = &browserreports.Service{DB: a.db, Limit: rate.NewLimiter(reportsPerSecond, reportsAtOnce), Now: time.Now}
	if a.limits, err = a.openLimits(cfg, log); err != nil {
		return a, err
	}
	a.wire(blobs, cfg)
	a.posts = &posts.Service{DB: a.db, Jobs: a.queue, Now: time.Now, MaxFiles: maxPostFiles(cfg)}
	a.files = &files.Service{
		DB: a.db, Jobs: a.queue, Blobs: blobs, Images: decoder, Now: time.Now,
		Policy: files.Policy{Types: types, Tiers: tierPolicies(cfg), SweepAfter: cfg.SweepAfter},
	}
	a.settings = &settings.Service{DB: a.db, Base: cfg, Apply: a.follow, Now: time.Now}
	return a, nil
}

// follow has the services do what the settings say now.
func (a *app) follow(cfg config.Config) {
	a.accounts.Follow(accountsPolicy(cfg))
	a.files.Follow(tierPolicies(cfg))
	a.posts.Follow(maxPostFiles(cfg))
}

// wire makes the services that need nothing but what is open.
func (a *app) wire(blobs storage.Store, cfg config.Config) {
	a.leaving = &leaving.Service{DB: a.db, Jobs: a.queue, Blobs: blobs, Grace: cfg.DeletionGrace, Now: time.Now}
	a.moderation = &moderation.Service{DB: a.db, Jobs: a.queue, Blobs: blobs, Mails: a.accounts.SendsMail(), ClaimFor: cfg.ReportClaim, GlassFor: cfg.BreakGlass, Now: time.Now}
	a.overview = &overview.Service{DB: a.db, Jobs: a.queue, Now: time.Now}
	a.ipRules = &iprules.Service{DB: a.db, Now: time.Now}
	a.edits = &limits.Edits{DB: a.db, Limits: a.limits, Now: time.Now}
}

// Close releases what newApp opened, last first.
func (a *app) Close() error {
	var errs []error
	for i := len(a.close) - 1; i >= 0; i-- {
		errs = append(errs, a.close[i].Close())
	}
	return errors.Join(errs...)
}

func openDatabase(ctx context.Context, cfg config.Config, log *slog.Logger) (*database.DB, error) {
	db, err := database.Open(ctx, cfg.DatabaseURL.Reveal(), log)
	if err != nil {
		return nil, err
	}
	if err := db.Migrate(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// openBlobs opens the bucket, if one is set, or the directory.
func (a *app) openBlobs(ctx context.Context, cfg config.Config) (storage.Store, error) {
	if !cfg.S3Endpoint.IsZero() {
		return s3.Open(ctx, s3.Config{
			Endpoint: cfg.S3Endpoint.String(), Bucket: cfg.S3Bucket, Region: cfg.S3Region,
			AccessKey: cfg.S3AccessKey.Reveal(), SecretKey: cfg.S3SecretKey.Reveal(),
		})
	}
	store, err := disk.Open(cfg.UploadDir)
	if err != nil {
		return nil, err
	}
	a.close = append(a.close, store)
	return store, nil
}

// openLimits reads the policy, and counts in Redis, if one is set, or in memory.
func (a *app) openLimits(cfg config.Config, log *slog.Logger) (*limits.Service, error) {
	policy, err := limits.Defaults().Override(cfg.Limits)
	if err != nil {
		return nil, fmt.Errorf("LIMITS: %w", err)
	}
	stores := limits.Memory(cfg.LimitKeys, time.Now)
	if cfg.RedisURL != "" {
		if stores, err = limits.Redis(cfg.RedisURL.Reveal(), cfg.LimitKeys, time.Now, log); err != nil {
			return nil, fmt.Errorf("REDIS_URL: %w", err)
		}
	}
	a.close = append(a.close, stores)
	a.metrics.watch(stores)
	return &limits.Service{Policy: policy, Stores: stores, Now: time.Now, Counted: a.metrics.decided}, nil
}

func tierPolicies(cfg config.Config) map[models.Tier]files.TierPolicy {
	policies := map[models.Tier]files.TierPolicy{}
	for _, tier := range models.Tiers() {
		gets := cfg.Tier(tier)
		policies[tier] = files.TierPolicy{MaxFileSize: int64(gets.MaxFileSize), Storage: int64(gets.Storage), Images: images.Limits{
			MaxSide: gets.MaxSide, MaxPixels: cfg.MaxImagePixels, MaxFrames: cfg.MaxFrames, MaxFramePixels: cfg.MaxFramePixels,
		}}
	}
	return policies
}

func maxPostFiles(cfg config.Config) map[models.Tier]int {
	most := map[models.Tier]int{}
	for _, tier := range models.Tiers() {
		most[tier] = cfg.Tier(tier).MaxPostFiles
	}
	return most
}

// runner returns the worker of all kinds of jobs.
func (a *app) runner(cfg config.Config, log *slog.Logger) *jobs.Runner {
	r := &jobs.Runner{DB: a.db, Log: log, ImageWorkers: cfg.ImageWorkers}
	jobs.HandleOr(r, a.files.ProcessImage, a.files.GiveUpOnImage)
	jobs.Handle(r, a.files.DeleteBlobs)
	jobs.Handle(r, a.files.SweepBlobs)
	jobs.Handle(r, a.posts.Purge)
	jobs.Handle(r, a.accounts.ExpireSessions)
	jobs.Handle(r, a.reports.Expire)
	jobs.Handle(r, a.accounts.SendMail)
	jobs.Handle(r, a.audit.Mark)
	jobs.Handle(r, a.ipRules.Expire)
	jobs.Handle(r, a.overview.Expire)
	jobs.Handle(r, a.leaving.Delete)
	jobs.Handle(r, a.moderation.Purge)
	return r
}
