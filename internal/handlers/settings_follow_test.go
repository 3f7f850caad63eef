package handlers_test

import (
	"strings"
	"testing"

	"example.org/cloakroom/internal/accounts"
	"example.org/cloakroom/internal/config"
	"example.org/cloakroom/internal/files"
	"example.org/cloakroom/internal/filetypes"
	"example.org/cloakroom/internal/images"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/settings"
)

// setPolicy changes the policy of accounts.
func (s *site) setPolicy(change func(*accounts.Policy)) {
	policy := s.accounts.Policy.Get()
	change(&policy)
	s.accounts.Policy.Set(policy)
}

// apply gives the settings to the services, as cmd/server does.
func (s *site) apply(values settings.Values) {
	s.setPolicy(func(policy *accounts.Policy) {
		policy.Registering, policy.Domains, policy.FactorRoles = models.Registering(values.Registration), values.RegistrationDomains,
			values.FactorRoles()
		policy.VerifyEmail, policy.ConfirmedFor = values.EmailVerification == "required", values.ConfirmedFor
	})
	policy, most := s.files.Policy.Get(), map[models.Tier]int{}
	policy.Tiers = map[models.Tier]files.TierPolicy{}
	policy.Types = must(filetypes.ParseSet(strings.Join(values.UploadTypes, ",")))(s.t)
	for _, tier := range models.Tiers() {
		gets := values.Tier(tier)
		policy.Tiers[tier] = files.TierPolicy{MaxFileSize: gets.MaxFileSize, Storage: gets.Storage,
			Images: images.Limits{MaxSide: int(gets.MaxSide), MaxPixels: 1_000_000, MaxFrames: 10, MaxFramePixels: 5_000_000}}
		most[tier] = int(gets.MaxPostFiles)
	}
	s.files.Policy.Set(policy)
	s.posts.MaxFiles.Set(most)
	s.posts.Default.Set(models.Visibility(values.DefaultVisibility))
	s.limits.Policy.Set(values.Policy)
}

// valuesOf returns the values of an environment.
func valuesOf(t testing.TB, environ ...string) settings.Values {
	t.Helper()
	return must(settings.ValuesOf(must(config.Load(environ))(t)))(t)
}

// newSettings returns the settings of an environment that sets only LIMITS.
func (s *site) newSettings(overrides string) *settings.Service {
	s.t.Helper()
	return &settings.Service{DB: s.db, Base: valuesOf(s.t, "LIMITS="+overrides), Apply: s.apply, Now: s.clock.now}
}

// another returns the settings of another node, and the last values it
// received.
func (s *site) another(t *testing.T, environ ...string) (node *settings.Service, holds *settings.Values) {
	t.Helper()
	holds = new(settings.Values)
	*holds = valuesOf(t, environ...)
	return &settings.Service{DB: s.db, Base: *holds, Apply: func(values settings.Values) { *holds = values }, Now: s.clock.now}, holds
}
