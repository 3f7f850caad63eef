package limits_test

import (
	"fmt"
	"math"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"example.org/cloakroom/internal/limits"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// newService counts in memory by overrides, at a time that tests move.
func newService(t *testing.T, overrides string) (*limits.Service, *time.Time) {
	t.Helper()
	policy, err := limits.Defaults().Override(overrides)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 3, 14, 15, 9, 26, 0, time.UTC)
	clock := func() time.Time { return now }
	return &limits.Service{
		Policy: models.NewLive(policy), Stores: limits.Memory(100_000, clock), Now: clock, Counted: func(limits.Act, limits.Class, bool) {},
	}, &now
}

// count takes act until it is refused, at most 10,000 times.
func count(t *testing.T, s *limits.Service, act limits.Act, who limits.Caller) (taken int) {
	t.Helper()
	for taken < 10_000 {
		d, err := s.Take(t.Context(), act, who)
		if err != nil {
			t.Fatal(err)
		}
		if d.Refused {
			break
		}
		taken++
	}
	return taken
}

func guest(addr string) limits.Caller {
	return limits.CallerOf(models.User{}, netip.MustParseAddr(addr))
}

func TestTake_CountsWhoItIs(t *testing.T) {
	ann := models.User{ID: "ANN", Tier: models.TierFree}
	home, work := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("198.51.100.7")
	s, _ := newService(t, "page=3-M")
	for _, step := range []struct {
		name string
		who  limits.Caller
		want int
	}{
		{"a user", limits.CallerOf(ann, home), 3},
		{"the same from elsewhere", limits.CallerOf(ann, work), 0},
		{"another user from there", limits.CallerOf(models.User{ID: "BOB", Tier: models.TierPro}, work), 3},
		{"a guest beside them", guest("198.51.100.7"), 3},
		{"the guest by IPv4 in IPv6", guest("::ffff:198.51.100.7"), 0},
		{"the guest next door", guest("198.51.100.8"), 3},
		{"a guest of a link", guest("2001:db8:1:2::1"), 3},
		{"from another address of it", guest("2001:db8:1:2:ffff::2%eth0"), 0},
		{"from the next link", guest("2001:db8:1:3::1"), 3},
		{"who has no address", limits.Caller{Class: limits.Guest}, 3},
		{"nor another", limits.Caller{Class: limits.Guest}, 0},
	} {
		if got := count(t, s, limits.Page, step.who); got != step.want {
			t.Errorf("%s: %d pages, want %d", step.name, got, step.want)
		}
	}
}

// A whole IPv6 network has ten times the rate of one link, however many links
// it is asked from.
func TestTake_NetworkIsTenLinksWide(t *testing.T) {
	s, _ := newService(t, "page=3-M")
	total := 0
	for link := range 40 {
		total += count(t, s, limits.Page, guest(fmt.Sprintf("2001:db8:7:%x::1", link)))
	}
	if total != 30 {
		t.Errorf("a /48 had %d pages, want 30", total)
	}
	if got := count(t, s, limits.Page, guest("2001:db8:8::1")); got != 3 {
		t.Errorf("the next /48 had %d pages", got)
	}
}

// A stranger locks out nobody but themselves.
func TestTake_AccountIsCountedWithItsPlace(t *testing.T) {
	s, _ := newService(t, "login-account=5-M")
	try := func(account, addr string) int {
		who := guest(addr)
		who.Account = account
		return count(t, s, limits.LoginAccount, who)
	}
	if got := try("ann", "203.0.113.9"); got != 5 {
		t.Errorf("a stranger had %d tries", got)
	}
	if got := try("ANN", "203.0.113.9"); got != 0 {
		t.Errorf("by another case, %d more", got)
	}
	if got := try("ann", "192.0.2.1"); got != 5 {
		t.Errorf("Ann at home had %d tries", got)
	}
	if got := try("bob", "203.0.113.9"); got != 5 {
		t.Errorf("for Bob there were %d tries", got)
	}
}

// All rates of an act hold together; what a short one refuses costs no long one.
func TestTake_SeveralRates(t *testing.T) {
	s, now := newService(t, "comment=2-S+5-M+7-H")
	who := guest("192.0.2.1")
	for minute, want := range []int{2, 2, 1, 0} { // seconds of the first minute
		if got := count(t, s, limits.Comment, who); got != want {
			t.Errorf("second %d: %d, want %d", minute, got, want)
		}
		*now = now.Add(2 * time.Second)
	}
	*now = now.Add(2 * time.Minute)
	if got := count(t, s, limits.Comment, who); got != 2 {
		t.Errorf("in the next minute: %d, want 2", got)
	}
	*now = now.Add(2 * time.Second)
	d, err := s.Take(t.Context(), limits.Comment, who)
	if err != nil || !d.Refused || d.Windows[len(d.Windows)-1].Name != "comment-hour" {
		t.Fatalf("the eighth in an hour: %+v, %v", d, err)
	}
	p := d.Problem()
	if p.Kind != problem.TooMany || p.RetryIn < 50*time.Minute || p.RetryIn > 66*time.Minute {
		t.Errorf("%v, try again in %v", p, p.RetryIn)
	}
	*now = now.Add(p.RetryIn)
	if d, err = s.Take(t.Context(), limits.Comment, who); err != nil || d.Refused {
		t.Errorf("after the wait: %+v, %v", d, err)
	}
}

// Of many transfers at once only one crosses the line, and what did not move
// is given back.
func TestCharge(t *testing.T) {
	s, _ := newService(t, "download-bytes=1000B-D")
	who := guest("192.0.2.1")
	var allowed atomic.Int64
	var all sync.WaitGroup
	charges := make(chan *limits.Charge, 64)
	for range 64 {
		all.Go(func() {
			charge, d, err := s.Charge(t.Context(), limits.DownloadBytes, who, 400)
			if err != nil {
				t.Error(err)
			}
			if !d.Refused {
				allowed.Add(1)
				charges <- charge
			}
		})
	}
	all.Wait()
	close(charges)
	if allowed.Load() != 3 { // 400, 800, and the one that crosses
		t.Errorf("%d of 64 were allowed", allowed.Load())
	}
	for charge := range charges {
		charge.Settle(t.Context(), 100)
		charge.Settle(t.Context(), 100) // twice is once
	}
	uses, err := s.Usage(t.Context(), who)
	if err != nil {
		t.Fatal(err)
	}
	for _, use := range uses {
		if use.Rule.Act == limits.DownloadBytes && use.Windows[0].Remaining != 700 {
			t.Errorf("%d bytes are left, want 700", use.Windows[0].Remaining)
		}
	}
}

// Nobody gets back what another transfer used: neither by a length that is more
// than can be counted, nor by ending one that was counted before the others.
func TestCharge_GivesBackNoMoreThanItTook(t *testing.T) {
	for name, tt := range map[string]struct {
		claimed int64
		lasts   time.Duration
	}{
		"more than can be counted": {math.MaxInt64, 0},
		"longer than a period":     {600, 27 * time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			s, now := newService(t, "upload-bytes=1000B-D")
			who := limits.Caller{User: "ANN", Class: limits.Free}
			charge := func(n int64) *limits.Charge {
				t.Helper()
				charge, d, err := s.Charge(t.Context(), limits.UploadBytes, who, n)
				if err != nil || d.Refused {
					t.Fatalf("%d bytes: %+v, %v", n, d, err)
				}
				return charge
			}
			var claim *limits.Charge
			if tt.lasts > 0 {
				claim = charge(tt.claimed)
				*now = now.Add(tt.lasts)
			}
			charge(900)
			if claim == nil {
				claim = charge(tt.claimed)
			}
			claim.Settle(t.Context(), 0)
			uses, err := s.Usage(t.Context(), who)
			if err != nil {
				t.Fatal(err)
			}
			for _, use := range uses {
				if use.Rule.Act == limits.UploadBytes && use.Windows[0].Remaining != 100 {
					t.Errorf("%d bytes are left, want 100", use.Windows[0].Remaining)
				}
			}
		})
	}
}

func TestBegin_CountsWhatIsUnderWay(t *testing.T) {
	s, _ := newService(t, "uploads-at-once=2")
	ann, bob := limits.Caller{User: "ANN", Class: limits.Free}, limits.Caller{User: "BOB", Class: limits.Free}
	first, err := s.Begin(limits.UploadsAtOnce, ann)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Begin(limits.UploadsAtOnce, ann); err != nil {
		t.Fatal(err)
	}
	_, err = s.Begin(limits.UploadsAtOnce, ann)
	if problem.KindOf(err) != problem.TooMany {
		t.Errorf("the third: %v", err)
	}
	if _, err := s.Begin(limits.UploadsAtOnce, bob); err != nil {
		t.Errorf("Bob's first: %v", err)
	}
	first()
	if _, err := s.Begin(limits.UploadsAtOnce, ann); err != nil {
		t.Errorf("after one ended: %v", err)
	}
}

// Who tries passwords is nobody yet: a session buys no tries.
func TestTake_GuardsAreTheSameForAll(t *testing.T) {
	s, _ := newService(t, "login=3-M")
	who := limits.CallerOf(models.User{ID: "ANN", Role: models.RoleAdmin, Tier: models.TierPremium}, netip.MustParseAddr("192.0.2.1"))
	if got := count(t, s, limits.Login, who); got != 3 {
		t.Errorf("an admin had %d tries", got)
	}
	if got := count(t, s, limits.Login, guest("192.0.2.1")); got != 0 {
		t.Errorf("and a guest of that address %d more", got)
	}
}

// Visitors who wait as long as they are told can continue, also after a day's bytes.
func TestDecision_TellsAWaitThatIsEnough(t *testing.T) {
	s, now := newService(t, "upload-bytes=1000B-D")
	who := guest("192.0.2.1")
	if _, d, err := s.Charge(t.Context(), limits.UploadBytes, who, 1000); err != nil || d.Refused {
		t.Fatalf("the first: %+v, %v", d, err)
	}
	_, d, err := s.Charge(t.Context(), limits.UploadBytes, who, 1)
	if err != nil || !d.Refused {
		t.Fatalf("the second: %+v, %v", d, err)
	}
	*now = now.Add(d.Problem().RetryIn)
	if _, d, err = s.Charge(t.Context(), limits.UploadBytes, who, 1); err != nil || d.Refused {
		t.Errorf("after the wait: %+v, %v", d, err)
	}
}

// An act without a rule is a mistake, and nothing that is free.
func TestBegin_WantsARule(t *testing.T) {
	s, _ := newService(t, "")
	if _, err := s.Begin("dances-at-once", guest("192.0.2.1")); err == nil || problem.KindOf(err) != problem.Internal {
		t.Errorf("an act without a rule: %v", err)
	}
}

// What is counted over all visitors is counted whatever their addresses.
func TestTake_CountsAllVisitorsTogether(t *testing.T) {
	s, _ := newService(t, "browser-all=3-M")
	for i := range 5 {
		who := limits.Caller{Class: limits.Guest, Addr: netip.AddrFrom4([4]byte{192, 0, 2, byte(i)})}
		d, err := s.Take(t.Context(), limits.BrowserAll, who)
		if err != nil || d.Refused != (i >= 3) {
			t.Errorf("request %d is refused: %v, %v", i, d.Refused, err)
		}
	}
}
