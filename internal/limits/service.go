package limits

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ulule/limiter/v3"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// A Service counts what visitors do. All exported fields must be set.
type Service struct {
	Policy Policy // of the environment; admins may change it while the site runs
	Stores *Stores
	Now    func() time.Time
	// Counted is told of each decision, for the metrics.
	Counted func(act Act, class Class, refused bool)

	edited  atomic.Pointer[Policy] // nil: nobody changed Policy
	mu      sync.Mutex
	running map[string]int64 // what is under way, by key
}

// Current returns the policy that holds now.
func (s *Service) Current() Policy {
	if edited := s.edited.Load(); edited != nil {
		return *edited
	}
	return s.Policy
}

// A Caller is whom an act is counted to.
type Caller struct {
	User    models.UserID // empty: a guest
	Class   Class
	Addr    netip.Addr // zero: the connection has none, and all such are one
	Account string     // the name a log-in is tried for
}

// CallerOf is user, who came from addr.
func CallerOf(user models.User, addr netip.Addr) Caller {
	return Caller{User: user.ID, Class: ClassOf(user), Addr: addr}
}

// A Window is where a caller stands with one rate.
type Window struct {
	Name      string // of the rate, for headers: "upload-minute"
	Limit     int64
	Remaining int64
	Period    time.Duration
	ResetIn   time.Duration // until more is allowed than now; whole seconds
}

// A Decision is what became of an act: where its caller stands with each rate
// that was looked at. Of a refused act the last window is the one that refused.
type Decision struct {
	Act     Act
	Windows []Window
	Refused bool
}

// Problem returns what to tell the caller of a refused act.
func (d Decision) Problem() *problem.Error { return d.Because("Too many requests.") }

// Because is Problem with another reason, a sentence.
func (d Decision) Because(format string, args ...any) *problem.Error {
	wait := max(d.Windows[len(d.Windows)-1].ResetIn, time.Second)
	p := problem.New(problem.TooMany, "%s Try again in %s.", fmt.Sprintf(format, args...), InWords(wait))
	p.RetryIn = wait
	return p
}

// Take counts one act of who, and reports whether it was within all rates. A
// refused one costs its caller no longer window than the one that refused.
func (s *Service) Take(ctx context.Context, act Act, who Caller) (Decision, error) {
	return s.each(ctx, act, who, limiter.Store.Get)
}

// count does one thing with a counter of a store.
type count func(store limiter.Store, ctx context.Context, key string, rate Rate) (limiter.Context, error)

// each decides on act by what one does with each of the caller's counters.
func (s *Service) each(ctx context.Context, act Act, who Caller, one count) (Decision, error) {
	d := Decision{Act: act}
	rule, ok := s.Current().Rule(act)
	if !ok {
		return d, fmt.Errorf("no rule limits %q", act)
	}
	store := s.Stores.of(rule.Strategy)
	for _, c := range s.counters(rule, who) {
		state, err := one(store, ctx, c.key, c.rate)
		if err != nil {
			return d, fmt.Errorf("counting %s: %w", act, err)
		}
		d.Windows = append(d.Windows, s.window(c, state))
		if d.Refused = state.Reached; d.Refused {
			break
		}
	}
	s.Counted(act, who.Class, d.Refused)
	return d, nil
}

func (s *Service) window(c counter, state limiter.Context) Window {
	in := time.Duration(state.Reset-s.Now().Unix()) * time.Second
	if state.Remaining == c.rate.Limit {
		in = 0
	}
	return Window{Name: c.name, Limit: c.rate.Limit, Remaining: max(state.Remaining, 0), Period: c.rate.Period, ResetIn: max(in, 0)}
}

// of returns where windows of that kind are kept.
func (s *Stores) of(strategy Strategy) limiter.Store {
	if strategy == Fixed {
		return s.Fixed
	}
	return s.Sliding
}

// A counter is one number in a store, and the rate that bounds it.
type counter struct {
	key, name string
	rate      Rate
}

// counters returns those that an act by rule costs who.
func (s *Service) counters(rule Rule, who Caller) []counter {
	class := who.Class
	if !rule.hasClasses() {
		class = Guest
	}
	rates := rule.Rates[class]
	var all []counter
	for _, k := range keysOf(rule, who) {
		for _, rate := range rates {
			rate.Limit *= k.wide
			name := string(rule.Act) + "-" + PeriodName(rate.Period)
			all = append(all, counter{
				key:  string(rule.Act) + ":" + PeriodName(rate.Period) + ":" + k.text,
				name: name + k.suffix, rate: rate,
			})
		}
	}
	return all
}

// A key is whom a rule counts, and how many times wider its rates then are.
type key struct {
	text, suffix string
	wide         int64
}

// networkWide is how many times more a whole IPv6 network of one customer may
// do than one link of it.
const networkWide = 10

const (
	linkBits    = 64 // RFC 4291, 2.5.4: what one machine chooses its addresses from
	networkBits = 48 // RFC 6177: what one site is given
)

func keysOf(rule Rule, who Caller) []key {
	if rule.By == ByVisitor && who.User != "" {
		return []key{{text: "u:" + string(who.User), wide: 1}}
	}
	account := ""
	if rule.By == ByAccount {
		// Hashed: a name may hold anything, and is nobody's business.
		sum := sha256.Sum256([]byte(strings.ToLower(who.Account)))
		account = "n:" + hex.EncodeToString(sum[:]) + ":"
	}
	addr := who.Addr.Unmap().WithZone("")
	if !addr.Is6() {
		return []key{{text: account + "a:" + addr.String(), wide: 1}}
	}
	link, _ := addr.Prefix(linkBits) // cannot fail: it is an IPv6 address
	network, _ := addr.Prefix(networkBits)
	return []key{
		{text: account + "a:" + link.String(), wide: 1},
		{text: account + "a:" + network.String(), suffix: "-network", wide: networkWide},
	}
}

// InWords says a wait as people do.
func InWords(d time.Duration) string {
	for _, u := range []struct {
		unit time.Duration
		name string
	}{{time.Hour, "hour"}, {time.Minute, "minute"}, {time.Second, "second"}} {
		if d >= 2*u.unit || u.unit == time.Second || d == u.unit {
			n := int64((d + u.unit - 1) / u.unit)
			if n == 1 {
				return "one " + u.name
			}
			return fmt.Sprintf("%d %ss", n, u.name)
		}
	}
	return ""
}

// Source says who set the rates of a class for an act: "environment", "changed"
// for an admin, or "" for the default.
func (s *Service) Source(act Act, class Class) string {
	switch {
	case s.Policy.Names(act, class):
		return "environment"
	case s.Current().Names(act, class):
		return "changed"
	}
	return ""
}
