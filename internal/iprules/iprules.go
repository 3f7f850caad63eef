// Package iprules says from which addresses nobody may come. It alone knows how
// an address finds its rule.
package iprules

import (
	"context"
	"errors"
	"net/netip"
	"sync/atomic"
	"time"

	"github.com/gaissmai/bart"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// What this package puts into the audit log.
const (
	ActionCreate models.AuditAction = "ip_rule.create"
	ActionDelete models.AuditAction = "ip_rule.delete"
)

// MaxRules is how many rules are kept: all are in memory on each node.
const MaxRules = 1000

// A Service looks after the rules. All exported fields must be set.
type Service struct {
	DB  *database.DB
	Now func() time.Time

	table atomic.Pointer[table] // nil: nobody looked yet
}

// A table finds the narrowest rule for an address.
type table = bart.Table[models.IPAction]

// Allows reports whether whoever comes from addr may. An address that is none
// may: its connection has none.
func (s *Service) Allows(addr netip.Addr) bool {
	t := s.table.Load()
	return t == nil || allows(t, addr)
}

func allows(t *table, addr netip.Addr) bool {
	addr = addr.Unmap().WithZone("")
	if !addr.IsValid() {
		return true
	}
	action, found := t.Lookup(addr)
	return !found || action != models.Block
}

// Follow makes the rules those that the database has, and that hold now. A node
// that does it every few seconds follows the rules of all.
func (s *Service) Follow(ctx context.Context) error {
	rules, err := s.Rules(ctx)
	if err == nil {
		s.table.Store(tableOf(rules))
	}
	return err
}

// Rules returns the rules that hold now, newest first.
func (s *Service) Rules(ctx context.Context) ([]models.IPRule, error) {
	return s.DB.IPRules(ctx, s.now(), MaxRules)
}

func tableOf(rules []models.IPRule) *table {
	t := new(table)
	for _, r := range rules {
		if network := r.Prefix.Network(); network.IsValid() {
			t.Insert(network, r.Action)
		}
	}
	return t
}

// An Incoming is what somebody typed to make a rule.
type Incoming struct {
	Prefix string
	Action string
	Note   string
	For    string // in which time it ends: "1h", "24h", …, or "" for never
}

// lifetimes are the times after which a rule may end.
var lifetimes = map[string]time.Duration{"": 0, "1h": time.Hour, "24h": 24 * time.Hour, "168h": 7 * 24 * time.Hour, "720h": 30 * 24 * time.Hour, "8760h": 365 * 24 * time.Hour}

// Create makes a rule, which holds here at once and on other nodes within
// seconds, and returns it. A rule that would keep by out is a problem at the
// field "prefix".
func (s *Service) Create(ctx context.Context, by models.Actor, in Incoming) (models.IPRule, error) {
	rule, err := s.ruleOf(in)
	if err != nil {
		return models.IPRule{}, err
	}
	err = s.DB.Tx(ctx, func(tx *database.DB) error {
		if err := tx.CreateIPRule(ctx, rule, MaxRules); err != nil {
			return err
		}
		if err := s.keepsIn(ctx, tx, by); err != nil {
			return err
		}
		return s.audit(ctx, tx, by.Did(ActionCreate, models.IPRuleObject(rule.Prefix), string(rule.Action)+" "+string(rule.Prefix)+": "+rule.Note))
	})
	if err != nil {
		return models.IPRule{}, err
	}
	return rule, s.Follow(ctx)
}

func (s *Service) ruleOf(in Incoming) (models.IPRule, error) {
	prefix, badPrefix := models.ParseIPPrefix(in.Prefix)
	action, badAction := models.ParseIPAction(in.Action)
	note, badNote := models.ParseIPNote(in.Note)
	rule := models.IPRule{Prefix: prefix, Action: action, Note: note, CreatedAt: s.now()}
	lifetime, known := lifetimes[in.For]
	var badTime error
	if !known {
		badTime = problem.OnField("for", "Choose one of the times.")
	}
	if lifetime > 0 {
		end := rule.CreatedAt.Add(lifetime)
		rule.ExpiresAt = &end
	}
	return rule, errors.Join(badPrefix, badAction, badNote, badTime)
}

// keepsIn fails if by could not come any more with the rules as they are in tx.
func (s *Service) keepsIn(ctx context.Context, tx *database.DB, by models.Actor) error {
	rules, err := tx.IPRules(ctx, s.now(), MaxRules)
	if err != nil {
		return err
	}
	if !allows(tableOf(rules), by.Client.Addr) {
		return problem.OnField("prefix", "That would shut you out: you come from %s. Allow that first.", by.Client.Address())
	}
	return nil
}

// Delete removes the rule of a prefix, or returns NotFound. A rule without
// which by is kept out stays: that is a problem at the field "prefix".
func (s *Service) Delete(ctx context.Context, by models.Actor, raw string) error {
	prefix, err := models.ParseIPPrefix(raw)
	if err != nil {
		return problem.New(problem.NotFound, "There is no such rule.")
	}
	err = s.DB.Tx(ctx, func(tx *database.DB) error {
		if err := tx.DeleteIPRule(ctx, prefix); err != nil {
			return err
		}
		if err := s.keepsIn(ctx, tx, by); err != nil {
			return err
		}
		return s.audit(ctx, tx, by.Did(ActionDelete, models.IPRuleObject(prefix), ""))
	})
	if err != nil {
		return err
	}
	return s.Follow(ctx)
}

// Expire removes the rules that hold no more.
func (s *Service) Expire(ctx context.Context, _ models.ExpireIPRules) error {
	return s.DB.DeleteExpiredIPRules(ctx, s.now())
}

func (s *Service) audit(ctx context.Context, tx *database.DB, e models.AuditEvent) error {
	e.At = s.now()
	return tx.AppendAuditEvent(ctx, e)
}

// now returns the time as the database keeps it.
func (s *Service) now() time.Time { return s.Now().UTC().Truncate(time.Microsecond) }
