package iprules_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/database/databasetest"
	"example.org/cloakroom/internal/iprules"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// A node is the rules of one server, with a clock that the test sets.
type node struct {
	*iprules.Service
	t  *testing.T
	at time.Time
}

func newNode(t *testing.T, db *database.DB) *node {
	n := &node{t: t, at: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
	n.Service = &iprules.Service{DB: db, Now: func() time.Time { return n.at }}
	return n
}

func (n *node) create(prefix string, action models.IPAction, lasts string) {
	n.t.Helper()
	if _, err := n.Create(n.t.Context(), models.Actor{}, iprules.Input{Prefix: prefix, Action: string(action), For: lasts}); err != nil {
		n.t.Fatalf("%s: %v", prefix, err)
	}
}

func (n *node) reload() {
	n.t.Helper()
	if err := n.Reload(n.t.Context()); err != nil {
		n.t.Fatal(err)
	}
}

func (n *node) want(allowed bool, addrs ...string) {
	n.t.Helper()
	for _, addr := range addrs {
		if got := n.Allows(netip.MustParseAddr(addr)); got != allowed {
			n.t.Errorf("%s: %v", addr, got)
		}
	}
}

func TestRules_LongestPrefixWins(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		n := newNode(t, db)
		n.want(true, "192.0.2.7", "2001:db8::1")
		n.create("192.0.2.0/24", models.Block, "")
		n.create("192.0.2.8/29", models.Allow, "")
		n.create("192.0.2.9", models.Block, "")
		n.create("2001:db8::/32", models.Block, "")
		n.create("2001:db8:1::/48", models.Allow, "")
		n.want(false, "192.0.2.0", "192.0.2.7", "192.0.2.9", "192.0.2.255", "::ffff:192.0.2.7", "2001:db8::1", "2001:db8:2::1")
		n.want(true, "192.0.1.255", "192.0.3.0", "192.0.2.8", "192.0.2.15", "::ffff:192.0.2.10", "2001:db8:1::1", "2001:db7::1", "::1")
		if !n.Allows(netip.Addr{}) {
			t.Error("a connection without an address is blocked")
		}
	})
}

// A node needs no look at the database to know when a rule expires.
func TestDue_WhenTheFirstRuleExpires(t *testing.T) {
	n := newNode(t, databasetest.New(t))
	n.create("192.0.2.7", models.Block, "")
	n.create("192.0.2.8", models.Block, "24h")
	n.create("192.0.2.9", models.Block, "1h")
	for after, want := range map[time.Duration]bool{0: false, time.Hour - time.Microsecond: false, time.Hour: true} {
		n.at = n.at.Add(after)
		if got := n.Due(); got != want {
			t.Errorf("after %v: due = %t, want %t", after, got, want)
		}
		n.at = n.at.Add(-after)
	}
	n.at = n.at.Add(time.Hour)
	n.reload()
	n.want(true, "192.0.2.9")
	n.want(false, "192.0.2.8")
	if n.Due() {
		t.Error("due again without another rule that expired")
	}
}

// A rule expires, and a node learns of rules created on another one.
func TestRules_ExpireAndReload(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		here, there := newNode(t, db), newNode(t, db)
		here.create("192.0.2.7", models.Block, "1h")
		here.create("192.0.2.8", models.Block, "")
		there.want(true, "192.0.2.7", "192.0.2.8")
		there.reload()
		there.want(false, "192.0.2.7", "192.0.2.8")
		there.at = there.at.Add(time.Hour - time.Microsecond)
		there.reload()
		there.want(false, "192.0.2.7")
		there.at = there.at.Add(time.Microsecond)
		there.reload()
		there.want(true, "192.0.2.7")
		there.create("192.0.2.7", models.Block, "1h") // replaces the expired rule
		there.want(false, "192.0.2.7")
		there.at = there.at.Add(time.Hour)
		if err := there.Expire(t.Context(), models.ExpireIPRules{}); err != nil {
			t.Fatal(err)
		}
		if rules, err := there.Rules(t.Context()); err != nil || len(rules) != 1 || rules[0].Prefix != "192.0.2.8/32" {
			t.Errorf("remaining rules: %+v, %v", rules, err)
		}
	})
}

// Admins cannot block their own address by creating or deleting a rule.
func TestRules_CannotBlockTheirCreator(t *testing.T) {
	n := newNode(t, databasetest.New(t))
	boss := models.Actor{Client: models.Client{Addr: netip.MustParseAddr("192.0.2.7")}}
	create := func(prefix string, action models.IPAction) error {
		_, err := n.Create(t.Context(), boss, iprules.Input{Prefix: prefix, Action: string(action)})
		return err
	}
	for _, prefix := range []string{"192.0.2.7", "192.0.2.0/24", "0.0.0.0/0", "::ffff:192.0.2.7"} {
		if err := create(prefix, models.Block); problem.KindOf(err) != problem.Invalid || !strings.Contains(err.Error(), "would block you") {
			t.Errorf("blocking %s: %v", prefix, err)
		}
	}
	n.want(true, "192.0.2.7")
	for _, c := range []struct {
		prefix string
		action models.IPAction
	}{{"192.0.2.7", models.Allow}, {"192.0.2.0/24", models.Block}, {"::/0", models.Block}} {
		if err := create(c.prefix, c.action); err != nil {
			t.Errorf("%s %s: %v", c.action, c.prefix, err)
		}
	}
	n.want(true, "192.0.2.7")
	if err := n.Delete(t.Context(), boss, "192.0.2.7/32"); problem.KindOf(err) != problem.Invalid {
		t.Errorf("deleting the rule that allows the admin: %v", err)
	}
	n.want(true, "192.0.2.7")
	if err := n.Delete(t.Context(), boss, "192.0.2.0/24"); err != nil {
		t.Error(err)
	}
	for _, prefix := range []string{"192.0.2.0/24", "rubbish", ""} {
		if err := n.Delete(t.Context(), boss, prefix); problem.KindOf(err) != problem.NotFound {
			t.Errorf("deleting %q: %v", prefix, err)
		}
	}
}

func TestCreate_ValidatesFields(t *testing.T) {
	n := newNode(t, databasetest.New(t))
	n.create("198.51.100.0/24", models.Block, "")
	for field, in := range map[string]iprules.Input{
		"prefix": {Prefix: "198.51.100.77/24", Action: "block"}, // exists
		"action": {Prefix: "192.0.2.1", Action: "drop"},
		"note":   {Prefix: "192.0.2.1", Action: "block", Note: strings.Repeat("x", 201)},
		"for":    {Prefix: "192.0.2.1", Action: "block", For: "2h"},
	} {
		_, err := n.Create(t.Context(), models.Actor{}, in)
		found := problem.All(err)
		if len(found) != 1 || found[0].Field != field {
			t.Errorf("%+v: %v", in, found)
		}
	}
	longest := iprules.Input{Prefix: "192.0.2.1", Action: "block", Note: strings.Repeat("ü", 200)}
	if _, err := n.Create(t.Context(), models.Actor{}, longest); err != nil {
		t.Error(err)
	}
}

func TestCreate_LimitsTheNumberOfRules(t *testing.T) {
	n := newNode(t, databasetest.New(t))
	for i := range iprules.MaxRules {
		rule := models.IPRule{Prefix: models.IPPrefix(fmt.Sprintf("10.0.%d.%d/32", i/256, i%256)), Action: models.Block, CreatedAt: n.at}
		if err := n.DB.CreateIPRule(t.Context(), rule, iprules.MaxRules); err != nil {
			t.Fatal(err)
		}
	}
	_, err := n.Create(t.Context(), models.Actor{}, iprules.Input{Prefix: "192.0.2.1", Action: "block"})
	if found := problem.All(err); len(found) != 1 || found[0].Field != "prefix" || !strings.Contains(found[0].Message, "1,000 rules") {
		t.Errorf("rule %d: %v", iprules.MaxRules+1, err)
	}
}

// BenchmarkAllows looks up an address among 500 rules.
func BenchmarkAllows(b *testing.B) {
	n := &iprules.Service{DB: databasetest.New(b), Now: time.Now}
	for i := range 500 {
		in := iprules.Input{Prefix: fmt.Sprintf("10.%d.%d.0/24", i/256, i%256), Action: "block"}
		if _, err := n.Create(b.Context(), models.Actor{}, in); err != nil {
			b.Fatal(err)
		}
	}
	addr := netip.MustParseAddr("10.1.7.9")
	for b.Loop() {
		n.Allows(addr)
	}
}
