// Package settings lets admins change settings, tiers and limits while the site
// runs. It alone knows which they can change, and what a change must not do.
package settings

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"example.org/cloakroom/internal/config"
	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/models"
)

// ActionEdit is the action of this package in the audit log.
const ActionEdit models.AuditAction = "setting.edit"

// maxValue is the greatest length of a value, in bytes.
const maxValue = 2000

// A Service keeps the changes of admins in the database; every node reloads
// them. What the environment sets cannot be changed. All exported fields must be
// set.
type Service struct {
	DB    *database.DB
	Base  Values       // of the environment, and the defaults
	Apply func(Values) // gives the other services of this node what holds now
	Now   func() time.Time

	current   models.Live[*Values] // nil until the first Reload
	reloading sync.Mutex           // so that what was read first is not applied last
}

// A Setting is a setting as the manual describes it, with its value.
type Setting = config.Setting

// A Tier is what users of a tier get.
type Tier = config.Tier

// A TierField is one of the things that a tier gives.
type TierField = config.TierField

// TierFields lists what a tier gives.
func TierFields() []TierField { return config.TierFields() }

// TierNames are the settings that say what users of a tier get.
func TierNames(tier models.Tier) (names []string) {
	for _, field := range TierFields() {
		names = append(names, field.Name(tier))
	}
	return names
}

// A Control is a setting that admins can change, and its input.
type Control struct {
	Name    string
	Title   string
	Hint    string
	Choices []string // empty: it is typed
	Many    bool     // any number of Choices can be chosen
}

// Controls are the settings that admins can change, besides tiers and limits. Others
// need a restart, or would extend the power of admins beyond the site: they must
// not decide, for example, how long the audit log of their own actions is kept.
func Controls() []Control {
	return []Control{
		{"REGISTRATION", "Who can sign up", "Invitation: only with a link from an admin. Closed: nobody.",
			[]string{"open", "invitation", "closed"}, false},
		{"REGISTRATION_DOMAINS", "Email domains that can sign up",
			"Separated by commas, such as example.org; empty: any. Only effective if email verification is required.", nil, false},
		{"EMAIL_VERIFICATION", "Email verification", "Required: users can only read until they verify their address. This needs a mail server.",
			[]string{"optional", "required"}, false},
		{"SECOND_FACTOR_ROLES", "Roles that must use two-factor authentication",
			"Users of these roles must set it up before they can do anything else.", []string{"user", "moderator", "admin"}, true},
		{"SITE_NAME", "Name of the site", "In the header, in titles and in emails. Up to 40 characters.", nil, false},
		{"WELCOME_TEXT", "Welcome text", "Guests read it on the first page. Up to 500 characters.", nil, false},
		{"CONTACT", "Contact", "An email address or a URL, linked in the footer; empty: no link.", nil, false},
		{"IMPRINT_URL", "Imprint", "A URL, linked in the footer; empty: no link.", nil, false},
		{"PRIVACY_URL", "Privacy policy", "A URL, linked in the footer; empty: no link.", nil, false},
		{"TERMS_URL", "Terms of use", "A URL, linked in the footer; empty: no link.", nil, false},
		{"DEFAULT_VISIBILITY", "Visibility of new posts",
			"Private: only the author. Unlisted: anyone with the link. Public: everyone. A user's last choice comes first.",
			[]string{"private", "unlisted", "public"}, false},
		{"UPLOAD_TYPES", "File types that can be uploaded", "None chosen: every type. What browsers can't show safely is only downloaded.",
			[]string{"images", "audio", "video", "pdf", "office", "text", "archives"}, true},
		{"CONFIRMED_FOR", "Re-authentication is valid for",
			"After this time, critical actions ask for the password again. A duration from 1m to 24h; empty: 30m.", nil, false},
	}
}

// IsControl, IsTier and IsLimit report which kind of change a setting is.
func IsControl(name string) bool {
	return slices.ContainsFunc(Controls(), func(c Control) bool { return c.Name == name })
}

// IsTier reports whether the setting is an entry of TIERS.
func IsTier(name string) bool { return strings.HasPrefix(name, tiersPrefix) }

// IsLimit reports whether the setting is an entry of LIMITS.
func IsLimit(name string) bool { return strings.HasPrefix(name, limitsPrefix) }

// canEdit reports whether admins can change the setting, if the environment does
// not set it.
func (s *Service) canEdit(name string) bool {
	if IsTier(name) {
		_, known := s.Base.Setting(name)
		return known
	}
	_, _, isLimit := s.Base.limit(name)
	return isLimit || IsControl(name)
}

// Current returns what holds now.
func (s *Service) Current() Values {
	if current := s.current.Get(); current != nil {
		return *current
	}
	return s.Base
}

// Changed reports whether an admin changed the setting.
func (s *Service) Changed(name string) bool { return !s.Current().Same(s.Base, name) }

// Source says where the value of a setting comes from: "environment", "changed"
// (by an admin), or "" for the default.
func (s *Service) Source(name string) string {
	switch {
	case s.Base.Names(name):
		return "environment"
	case s.Changed(name):
		return "changed"
	}
	return ""
}

// Reload applies what the database says now. Called when they changed, it
// brings the changes of all nodes here.
func (s *Service) Reload(ctx context.Context) error {
	s.reloading.Lock()
	defer s.reloading.Unlock()
	edits, err := s.DB.SettingEdits(ctx)
	if err != nil {
		return err
	}
	next, _, err := s.with(edits)
	if err != nil {
		return err
	}
	s.current.Set(&next)
	s.Apply(next)
	return nil
}

// with returns what holds with the edits, and those of them that count. One that
// does not fit is skipped: it is of another release, or the environment changed.
func (s *Service) with(edits []models.SettingEdit) (Values, map[string]string, error) {
	all := map[string]string{}
	for _, e := range edits {
		if s.canEdit(e.Name) && !s.Base.Names(e.Name) {
			all[e.Name] = e.Value
		}
	}
	if next, wrong, err := s.Base.with(all); err != nil || len(wrong) == 0 {
		return next, all, err
	}
	next, kept := s.Base, map[string]string{} // one at a time, to find those that fit
	for _, e := range edits {
		if _, ok := all[e.Name]; !ok {
			continue
		}
		values := maps.Clone(kept)
		values[e.Name] = e.Value
		changed, wrong, err := s.Base.with(values)
		if err != nil {
			return s.Base, nil, err
		}
		if len(wrong) == 0 {
			next, kept = changed, values
		}
	}
	return next, kept, nil
}
