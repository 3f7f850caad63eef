package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"example.org/cloakroom/internal/accounts"
	"example.org/cloakroom/internal/audit"
	"example.org/cloakroom/internal/config"
	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/handlers"
	"example.org/cloakroom/internal/images"
	"example.org/cloakroom/internal/limits"
	"example.org/cloakroom/internal/mail"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/notifications"
	"example.org/cloakroom/internal/oidc"
	"example.org/cloakroom/internal/passwords"
	"example.org/cloakroom/internal/requests"
	"example.org/cloakroom/internal/seal"
	"example.org/cloakroom/internal/shares"
	"example.org/cloakroom/internal/storage"
	"example.org/cloakroom/internal/storage/disk"
	"example.org/cloakroom/internal/storage/s3"
	"example.org/cloakroom/internal/unlock"
)

// now is the time as rows hold it: UTC, in microseconds.
func now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }

// openDatabase opens the database and brings it up to date.
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
		a.host.Storage = "The bucket " + cfg.S3Bucket
		return s3.Open(ctx, s3.Config{
			Endpoint: cfg.S3Endpoint.String(), Bucket: cfg.S3Bucket, Region: cfg.S3Region,
			AccessKey: cfg.S3AccessKey.Reveal(), SecretKey: cfg.S3SecretKey.Reveal(),
		})
	}
	store, err := disk.Open(cfg.UploadDir)
	if err != nil {
		return nil, err
	}
	a.host.Storage = "Disk"
	if _, _, err := store.Space(); err == nil { // not known on every system
		a.host.Space = store.Space
	}
	a.close = append(a.close, store)
	return store, nil
}

// openLimits counts in Redis, if one is set, or in memory. Counters need the
// monotonic clock.
func (a *app) openLimits(cfg config.Config, policy limits.Policy, log *slog.Logger) (*limits.Service, error) {
	stores := limits.Memory(limitKeys, time.Now)
	if cfg.RedisURL != "" {
		var err error
		if stores, err = limits.Redis(cfg.RedisURL.Reveal(), limitKeys, time.Now, log); err != nil {
			return nil, fmt.Errorf("REDIS_URL: %w", err)
		}
	}
	a.close = append(a.close, stores)
	a.metrics.watch(stores)
	return &limits.Service{Policy: models.NewLive(policy), Stores: stores, Now: time.Now, Counted: a.metrics.decided}, nil
}

// openAccounts returns the service of users and their sessions.
func (a *app) openAccounts(cfg config.Config, blobs storage.Store, decoder *images.Decoder) (*accounts.Service, error) {
	hasher, err := passwords.NewHasher(int64(cfg.Argon2.Memory), cfg.Argon2.Passes, cfg.Argon2.AtOnce)
	if err != nil {
		return nil, err
	}
	key, err := keyFor(cfg, "accounts")
	if err != nil {
		return nil, err
	}
	relying, err := accounts.NewRelyingParty(cfg.PublicURL.String())
	if err != nil {
		return nil, fmt.Errorf("PUBLIC_URL: %w", err)
	}
	sender, err := openMail(cfg)
	if err != nil {
		return nil, err
	}
	return &accounts.Service{
		DB: a.db, Jobs: a.queue, Blobs: blobs, Images: decoder, Hasher: hasher, Mail: sender, Key: key, Relying: relying,
		Now: now, Policy: models.NewLive(accountsPolicy(cfg)),
	}, nil
}

// openShares returns the service of shares, which checks passwords with the hasher.
func (a *app) openShares(cfg config.Config, hasher *passwords.Hasher) (*shares.Service, error) {
	site, err := siteKey(cfg)
	if err != nil {
		return nil, err
	}
	key, keyErr := seal.NewKey(site, "shares")
	mac, macErr := seal.NewMAC(site, "shares")
	return &shares.Service{
		DB: a.db, Jobs: a.queue, Posts: a.posts, Key: key, Keys: unlock.Keys{Hasher: hasher, MAC: mac},
		Policy: models.NewLive(sharesPolicy(cfg)), Now: now,
	}, errors.Join(keyErr, macErr)
}

// openRequests returns the service of file requests, which checks passwords with the
// hasher.
func (a *app) openRequests(cfg config.Config, hasher *passwords.Hasher) (*requests.Service, error) {
	site, err := siteKey(cfg)
	if err != nil {
		return nil, err
	}
	key, keyErr := seal.NewKey(site, "requests")
	mac, macErr := seal.NewMAC(site, "requests")
	return &requests.Service{
		DB: a.db, Jobs: a.queue, Key: key, Keys: unlock.Keys{Hasher: hasher, MAC: mac}, Policy: models.NewLive(requestsPolicy(cfg)), Now: now,
	}, errors.Join(keyErr, macErr)
}

// openMail returns the sender of email, or nil if no mail server is set.
func openMail(cfg config.Config) (*mail.Sender, error) {
	if cfg.SMTPURL == "" {
		return nil, nil //nolint:nilnil // accounts send no email then
	}
	sender, err := mail.NewSender(cfg.SMTPURL, models.Email(cfg.MailFrom))
	if err != nil {
		return nil, fmt.Errorf("SMTP_URL: %w", err)
	}
	return sender, nil
}

// openAudit returns the service of the audit log.
func openAudit(cfg config.Config, db *database.DB, log *slog.Logger) (*audit.Service, error) {
	site, err := siteKey(cfg)
	if err != nil {
		return nil, err
	}
	signer, err := seal.NewSigner(site, "audit log")
	return &audit.Service{DB: db, Signer: signer, Keep: cfg.AuditRetention, Log: log, Now: now}, err
}

// openNotifications returns the service of notifications. It sends with the sender of the
// accounts, which open first.
func (a *app) openNotifications(cfg config.Config) (*notifications.Service, error) {
	key, err := keyFor(cfg, "notifications")
	return &notifications.Service{
		DB: a.db, Jobs: a.queue, Mail: a.accounts.Mail, Key: key, PublicURL: cfg.PublicURL.String(), Now: now,
	}, err
}

// openOIDC returns the service of the OpenID Connect provider. It contacts the
// provider when that is first needed.
func (a *app) openOIDC(cfg config.Config, log *slog.Logger) (*oidc.Service, error) {
	key, err := keyFor(cfg, "openid connect")
	if err != nil {
		return nil, err
	}
	return &oidc.Service{DB: a.db, Key: key, Log: log, Now: now, Provider: oidc.Provider{
		Issuer: cfg.OIDCIssuer, ClientID: cfg.OIDCClientID, ClientSecret: cfg.OIDCClientSecret,
		Redirect: cfg.PublicURL.String() + handlers.OIDCReturn,
		Name:     cfg.OIDCName, GroupsClaim: cfg.OIDCGroupsClaim, Roles: cfg.OIDCRoleMap(),
	}}, nil
}

// keyFor returns the key that seals what is for one purpose.
func keyFor(cfg config.Config, purpose string) (seal.Key, error) {
	site, err := siteKey(cfg)
	if err != nil {
		return seal.Key{}, err
	}
	return seal.NewKey(site, purpose)
}

// siteKey returns the key from which all others of the site are derived.
func siteKey(cfg config.Config) (models.Secret, error) {
	if cfg.SiteKey != "" {
		return cfg.SiteKey, nil
	}
	key, err := seal.LoadOrCreate(cfg.SiteKeyFile)
	if err != nil {
		return "", fmt.Errorf("SITE_KEY_FILE: %w", err)
	}
	return key, nil
}
