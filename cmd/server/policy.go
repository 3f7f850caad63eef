package main

import (
	"strings"
	"time"

	"example.org/cloakroom/internal/accounts"
	"example.org/cloakroom/internal/config"
	"example.org/cloakroom/internal/files"
	"example.org/cloakroom/internal/filetypes"
	"example.org/cloakroom/internal/images"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/requests"
	"example.org/cloakroom/internal/settings"
	"example.org/cloakroom/internal/shares"
)

// Bounds that no site needs to change.
const (
	maxAvatarSize  = 10 << 20         // of the image that an avatar is made from
	maxFrames      = 500              // of an animation
	maxFramePixels = 200_000_000      // width × height × frames of an animation
	imageTimeout   = 30 * time.Second // to decode one image
	minImageMemory = 1 << 30          // of all images that are decoded, together
	memoryPerPixel = 16               // of the largest image: progressive JPEG needs 15 bytes
	limitKeys      = 250_000          // counters in memory; each takes some 200 bytes
	sweepAfter     = 24 * time.Hour   // files without a record are removed after this
	reportClaim    = 30 * time.Minute // only the moderator who claimed a report can decide it
)

// apply gives the services what holds now.
func (a *app) apply(values settings.Values) {
	a.accounts.Policy.Set(accountsPolicy(values.Config))
	a.files.Policy.Set(filesPolicy(values.Config))
	a.posts.MaxFiles.Set(maxPostFiles(values.Config))
	a.posts.Default.Set(models.Visibility(values.DefaultVisibility))
	a.limits.Policy.Set(values.Policy)
	a.shares.Policy.Set(sharesPolicy(values.Config))
	a.requests.Policy.Set(requestsPolicy(values.Config))
}

func accountsPolicy(cfg config.Config) accounts.Policy {
	return accounts.Policy{
		SessionIdle: cfg.SessionIdle, SessionLifetime: cfg.SessionLifetime, ConfirmedFor: cfg.ConfirmedFor,
		Registering: models.Registering(cfg.Registration), Domains: cfg.RegistrationDomains,
		FactorRoles: cfg.FactorRoles(), TokenLifetime: cfg.TokenLifetime, VerifyEmail: cfg.EmailVerification == "required",
		PublicURL: cfg.PublicURL.String(), Issuer: cfg.PublicURL.Host, Provider: cfg.OIDCIssuer,
		MaxAvatarSize: maxAvatarSize, AvatarLimits: imageLimits(cfg, models.TierFree),
	}
}

func sharesPolicy(cfg config.Config) shares.Policy {
	policy := shares.Policy{
		Default: cfg.ShareExpiry, Longest: map[models.Tier]time.Duration{}, LogFor: cfg.DownloadLog, PublicURL: cfg.PublicURL.String(),
	}
	for _, tier := range models.Tiers() {
		policy.Longest[tier] = time.Duration(cfg.Tier(tier).ShareDays) * 24 * time.Hour
	}
	return policy
}

// requestsPolicy returns the lives of links that shares have too.
func requestsPolicy(cfg config.Config) requests.Policy {
	links := sharesPolicy(cfg)
	return requests.Policy{Default: links.Default, Longest: links.Longest, LogFor: links.LogFor, PublicURL: links.PublicURL}
}

func filesPolicy(cfg config.Config) files.Policy {
	types, _ := filetypes.ParseSet(strings.Join(cfg.UploadTypes, ",")) // config has checked it
	policy := files.Policy{Types: types, Tiers: map[models.Tier]files.TierPolicy{}, SweepAfter: sweepAfter}
	for _, tier := range models.Tiers() {
		gets := cfg.Tier(tier)
		policy.Tiers[tier] = files.TierPolicy{MaxFileSize: gets.MaxFileSize, Storage: gets.Storage, Images: imageLimits(cfg, tier)}
	}
	return policy
}

func imageLimits(cfg config.Config, tier models.Tier) images.Limits {
	return images.Limits{
		MaxSide: int(cfg.Tier(tier).MaxSide), MaxPixels: cfg.MaxImagePixels, MaxFrames: maxFrames, MaxFramePixels: maxFramePixels,
	}
}

func maxPostFiles(cfg config.Config) map[models.Tier]int {
	most := map[models.Tier]int{}
	for _, tier := range models.Tiers() {
		most[tier] = int(cfg.Tier(tier).MaxPostFiles)
	}
	return most
}
