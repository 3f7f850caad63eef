package main

import (
	"fmt"
	"time"

	"example.org/cloakroom/internal/accounts"
	"example.org/cloakroom/internal/config"
	"example.org/cloakroom/internal/images"
	"example.org/cloakroom/internal/mail"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/seal"
	"example.org/cloakroom/internal/storage"
)

// openAccounts returns the service that knows who somebody is.
func (a *app) openAccounts(cfg config.Config, blobs storage.Store, decoder *images.Decoder) (*accounts.Service, error) {
	hasher, err := accounts.NewHasher(int64(cfg.Argon2Memory), cfg.Argon2Passes, cfg.Argon2Workers)
	if err != nil {
		return nil, err
	}
	key, err := accountsKey(cfg)
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
		DB: a.db, Jobs: a.queue, Blobs: blobs, Images: decoder, Hasher: hasher, Mail: sender, Key: key, Relying: relying, Now: time.Now,
		Policy: accountsPolicy(cfg),
	}, nil
}

// accountsPolicy returns what the settings say about accounts.
func accountsPolicy(cfg config.Config) accounts.Policy {
	return accounts.Policy{
		SessionIdle: cfg.SessionIdle, SessionLifetime: cfg.SessionLifetime, ConfirmedFor: cfg.ConfirmedFor,
		Registering: models.Registering(cfg.Registration), Domains: cfg.RegistrationDomains, FactorRoles: cfg.FactorRoles(), TokenLifetime: cfg.TokenLifetime, PublicURL: cfg.PublicURL.String(), VerifyEmail: cfg.EmailVerification == "required", Issuer: cfg.PublicURL.Host, Provider: cfg.OIDCIssuer,
		MaxAvatarSize: maxAvatarSize, AvatarLimits: tierPolicies(cfg)[models.TierFree].Images,
	}
}

// accountsKey returns the key of what accounts keep sealed.
func accountsKey(cfg config.Config) (seal.Key, error) {
	site, err := siteKey(cfg)
	if err != nil {
		return seal.Key{}, err
	}
	return seal.NewKey(site, "accounts")
}

// openMail returns who sends mail, or nil if no mail server is set.
func openMail(cfg config.Config) (*mail.Sender, error) {
	if cfg.SMTPURL == "" {
		return nil, nil //nolint:nilnil // which is what accounts mean by it
	}
	sender, err := mail.NewSender(cfg.SMTPURL, models.Email(cfg.MailFrom))
	if err != nil {
		return nil, fmt.Errorf("SMTP_URL: %w", err)
	}
	return sender, nil
}
