// Package iprules decides which IP addresses may use the site. It alone knows
// how the rule for an address is found.
package iprules

import (
	"context"
	"errors"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gaissmai/bart"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// Actions that this package writes to the audit log.
const (
	ActionCreate models.AuditAction = "ip_rule.create"
	ActionDelete models.AuditAction = "ip_rule.delete"
)

// MaxRules is the maximum number of rules; every node holds all of them in memory.
const MaxRules = 1000

// A Service manages the IP rules. All exported fields must be set.
type Service struct {
	DB  *database.DB
	Now func() time.Time

	table atomic.Pointer[table]     // nil before the first Reload
	until atomic.Pointer[time.Time] // when the first of its rules expires; nil: never

	reloading sync.Mutex
}

// A table finds the rule with the longest matching prefix for an address.
type table = bart.Table[models.IPAction]

// Allows reports whether visitors from addr may use the site. An invalid addr
// is allowed: it belongs to a connection without an IP address.
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

// Reload reads the rules in force from the database. Each node calls it when
// they changed, and when Due says so.
func (s *Service) Reload(ctx context.Context) error {
	// Else an older reading could be stored after a newer one.
	s.reloading.Lock()
	defer s.reloading.Unlock()
	rules, err := s.Rules(ctx)
	if err != nil {
		return err
	}
	var until *time.Time
	for _, r := range rules {
		if r.ExpiresAt != nil && (until == nil || r.ExpiresAt.Before(*until)) {
			until = r.ExpiresAt
		}
	}
	s.table.Store(tableOf(rules))
	s.until.Store(until)
	return nil
}

// Due reports whether a rule has expired since the last Reload.
func (s *Service) Due() bool {
	until := s.until.Load()
	return until != nil && !s.now().Before(*until)
}

// Rules returns the rules that have not expired, newest first.
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

// An Input is a new rule as an admin typed it.
type Input struct {
	Prefix string
	Action string
	Note   string
	For    string // time until it expires: a key of lifetimes, or "" for never
}

// lifetimes are the choices for Input.For.
var lifetimes = map[string]time.Duration{
	"":      0,
	"1h":    time.Hour,
	"24h":   24 * time.Hour,
	"168h":  7 * 24 * time.Hour,
	"720h":  30 * 24 * time.Hour,
	"8760h": 365 * 24 * time.Hour,
}

// Create adds a rule and returns it. The rule applies on this node at once and
// on other nodes after their next Reload. A rule that would block the admin's
// own address is rejected with a problem at the field "prefix".
func (s *Service) Create(ctx context.Context, by models.Actor, in Input) (models.IPRule, error) {
	rule, err := s.parse(in)
	if err != nil {
		return models.IPRule{}, err
	}
	err = s.DB.Tx(ctx, func(tx *database.DB) error {
		if err := tx.CreateIPRule(ctx, rule, MaxRules); err != nil {
			return err
		}
		if err := s.checkStillAllowed(ctx, tx, by); err != nil {
			return err
		}
		detail := string(rule.Action) + " " + string(rule.Prefix) + ": " + rule.Note
		return s.audit(ctx, tx, by.Did(ActionCreate, models.IPRuleObject(rule.Prefix), detail))
	})
	if err != nil {
		return models.IPRule{}, err
	}
	return rule, s.Reload(ctx)
}

// parse returns the rule that in describes, or the problems of its fields.
func (s *Service) parse(in Input) (models.IPRule, error) {
	prefix, badPrefix := models.ParseIPPrefix(in.Prefix)
	action, badAction := models.ParseIPAction(in.Action)
	note, badNote := models.ParseIPNote(in.Note)
	rule := models.IPRule{Prefix: prefix, Action: action, Note: note, CreatedAt: s.now()}
	lifetime, known := lifetimes[in.For]
	var badTime error
	if !known {
		badTime = problem.OnField("for", "Choose a duration from the list.")
	}
	if lifetime > 0 {
		end := rule.CreatedAt.Add(lifetime)
		rule.ExpiresAt = &end
	}
	return rule, errors.Join(badPrefix, badAction, badNote, badTime)
}

// checkStillAllowed fails if the rules in tx block the admin's own address.
func (s *Service) checkStillAllowed(ctx context.Context, tx *database.DB, by models.Actor) error {
	rules, err := tx.IPRules(ctx, s.now(), MaxRules)
	if err != nil {
		return err
	}
	if !allows(tableOf(rules), by.Client.Addr) {
		return problem.OnField("prefix", "This rule would block you: your address is %s. Add a rule that allows it first.", by.Client.Address())
	}
	return nil
}

// Delete removes the rule with the given prefix. It fails with NotFound if there
// is none, and with a problem at the field "prefix" if the remaining rules would
// block the admin's own address.
func (s *Service) Delete(ctx context.Context, by models.Actor, raw string) error {
	prefix, err := models.ParseIPPrefix(raw)
	if err != nil {
		return problem.New(problem.NotFound, "Rule not found.")
	}
	err = s.DB.Tx(ctx, func(tx *database.DB) error {
		if err := tx.DeleteIPRule(ctx, prefix); err != nil {
			return err
		}
		if err := s.checkStillAllowed(ctx, tx, by); err != nil {
			return err
		}
		return s.audit(ctx, tx, by.Did(ActionDelete, models.IPRuleObject(prefix), ""))
	})
	if err != nil {
		return err
	}
	return s.Reload(ctx)
}

// Expire removes the expired rules.
func (s *Service) Expire(ctx context.Context, _ models.ExpireIPRules) error {
	return s.DB.DeleteExpiredIPRules(ctx, s.now())
}

func (s *Service) audit(ctx context.Context, tx *database.DB, e models.AuditEvent) error {
	e.At = s.now()
	return tx.AppendAuditEvent(ctx, e)
}

// now returns the current time in the precision of the database.
func (s *Service) now() time.Time { return s.Now().UTC().Truncate(time.Microsecond) }
