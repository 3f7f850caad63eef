// Package settings has admins change settings while the site runs. It alone
// knows which they may, and what a change must not do.
package settings

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"example.org/cloakroom/internal/config"
	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/models"
)

// ActionEdit is what this package puts into the audit log.
const ActionEdit models.AuditAction = "setting.edit"

// maxValue is how long a value may be, in bytes.
const maxValue = 2000

// A Service keeps what admins changed of the settings in the database, and each
// node follows. What the environment names they do not touch. All exported
// fields must be set.
type Service struct {
	DB    *database.DB
	Base  config.Config       // what the environment says, and the defaults
	Apply func(config.Config) // has the other services of this node follow
	Now   func() time.Time

	current   atomic.Pointer[config.Config] // nil: nobody followed yet
	following sync.Mutex                    // so that what was read first is not applied last
}

// A Setting is one as the manual and the environment say it.
type Setting = config.Setting

// A Tier is what users of a tier get.
type Tier = config.Tier

// A Control is a setting that admins may change, and how it is asked for.
type Control struct {
	Name    string
	Title   string
	Hint    string
	Choices []string // empty: it is typed
	Many    bool     // any of Choices may be chosen, none too
}

// Controls are the settings that admins may change, but for those of the tiers.
// Others need a restart, or would have an admin reach further than the site:
// how long the audit log is kept, for one, is not for those whom it is about.
func Controls() []Control {
	return []Control{
		{"REGISTRATION", "Who may register", "By invitation: admins hand out links, each for one. Closed: nobody new.", []string{"open", "invitation", "closed"}, false},
		{"REGISTRATION_DOMAINS", "Mail domains that may register", "Separated by commas, such as example.org; empty: any. They are worth something once addresses must be proved.", nil, false},
		{"EMAIL_VERIFICATION", "Proof of the mail address", "Required: who has not proved their address may only read. It needs a mail server.", []string{"optional", "required"}, false},
		{"SECOND_FACTOR_ROLES", "Roles that need a second factor", "Who has none then must set one up, and can do nothing else until they do.", []string{"user", "moderator", "admin"}, true},
		{"CONFIRMED_FOR", "A proof of being there holds for", "After it dangerous acts ask for the password again. A time from 1m to 24h; empty: 30m.", nil, false},
	}
}

// TierNames are the settings that say what users of a tier get: the size of a
// file, the storage, the side of a picture, and the files of a post.
func TierNames(tier models.Tier) []string {
	names := config.TierNames(tier)
	return names[:]
}

// mayEdit reports whether admins may change the setting, if the environment
// does not name it.
func mayEdit(name string) bool {
	if slices.ContainsFunc(Controls(), func(c Control) bool { return c.Name == name }) {
		return true
	}
	return slices.ContainsFunc(models.Tiers(), func(tier models.Tier) bool { return slices.Contains(TierNames(tier), name) })
}

// Current returns the settings that hold now.
func (s *Service) Current() config.Config {
	if current := s.current.Load(); current != nil {
		return *current
	}
	return s.Base
}

// Changed reports whether an admin changed the setting.
func (s *Service) Changed(name string) bool { return !s.Current().Same(s.Base, name) }

// Follow makes the settings what the database says now. A node that does it
// every few seconds follows the changes of all.
func (s *Service) Follow(ctx context.Context) error {
	s.following.Lock()
	defer s.following.Unlock()
	edits, err := s.DB.SettingEdits(ctx)
	if err != nil {
		return err
	}
	next, err := s.with(edits)
	if err != nil {
		return err
	}
	s.current.Store(&next)
	s.Apply(next)
	return nil
}

// with returns the settings with the edits. One that does not fit, for it is of
// another release or the environment has changed, is passed over.
func (s *Service) with(edits []models.SettingEdit) (config.Config, error) {
	next, kept := s.Base, map[string]string{}
	for _, e := range edits {
		if !mayEdit(e.Name) {
			continue
		}
		kept[e.Name] = e.Value
		changed, wrong, err := s.Base.With(kept)
		if err != nil {
			return s.Base, err
		}
		if len(wrong) > 0 {
			delete(kept, e.Name)
			continue
		}
		next = changed
	}
	return next, nil
}
