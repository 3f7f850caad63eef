package handlers_test

import (
	"testing"

	"example.org/cloakroom/internal/config"
	"example.org/cloakroom/internal/files"
	"example.org/cloakroom/internal/images"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/settings"
)

// follow has the services do what the settings say, as cmd/server does.
func (s *site) follow(cfg config.Config) {
	policy := s.accounts.Policy
	policy.Registering, policy.Domains, policy.FactorRoles = models.Registering(cfg.Registration), cfg.RegistrationDomains, cfg.FactorRoles()
	policy.VerifyEmail, policy.ConfirmedFor = cfg.EmailVerification == "required", cfg.ConfirmedFor
	s.accounts.Follow(policy)
	tiers, most := map[models.Tier]files.TierPolicy{}, map[models.Tier]int{}
	for _, tier := range models.Tiers() {
		gets := cfg.Tier(tier)
		tiers[tier] = files.TierPolicy{MaxFileSize: int64(gets.MaxFileSize), Storage: int64(gets.Storage),
			Images: images.Limits{MaxSide: gets.MaxSide, MaxPixels: 1_000_000, MaxFrames: 10, MaxFramePixels: 5_000_000}}
		most[tier] = gets.MaxPostFiles
	}
	s.files.Follow(tiers)
	s.posts.Follow(most)
}

// newSettings returns the settings of an empty environment.
func (s *site) newSettings() *settings.Service {
	s.t.Helper()
	return &settings.Service{DB: s.db, Base: must(config.Load(nil))(s.t), Apply: s.follow, Now: s.clock.now}
}

// another returns the settings of another node of the site, and what it was
// told last.
func (s *site) another(t *testing.T, environ ...string) (node *settings.Service, holds *config.Config) {
	t.Helper()
	holds = new(config.Config)
	*holds = must(config.Load(environ))(t)
	return &settings.Service{DB: s.db, Base: *holds, Apply: func(cfg config.Config) { *holds = cfg }, Now: s.clock.now}, holds
}
