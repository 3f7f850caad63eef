package limits

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/ulule/limiter/v3"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// A Service counts what visitors do. All exported fields must be set.
type Service struct {
	Policy *models.Live[Policy]
	Stores *Stores
	Now    func() time.Time
	// Counted is told of each decision, for the metrics.
	Counted func(act Act, class Class, refused bool)

	mu      sync.Mutex
	running map[string]int64 // what is under way, by key
}

// Current returns the policy that holds now.
func (s *Service) Current() Policy { return s.Policy.Get() }

// A Caller is the visitor that an act is counted for.
type Caller struct {
	User    models.UserID // empty: a guest
	Class   Class
	Addr    netip.Addr // zero: the connection has none, and all such are one
	Account string     // the name that the visitor tries to sign in with
}

// CallerOf returns user at addr.
func CallerOf(user models.User, addr netip.Addr) Caller {
	return Caller{User: user.ID, Class: ClassOf(user), Addr: addr}
}

// A Window is the state of one rate for a caller.
type Window struct {
	Name      string // of the rate, for headers: "upload-minute"
	Limit     int64
	Remaining int64
	Period    time.Duration
	ResetIn   time.Duration // until more is allowed than now; whole seconds
}

// A Decision is the result of counting an act: the state of each rate that was
// checked. If the act is refused, the last window is the one that refused it.
type Decision struct {
	Act     Act
	Windows []Window
	Refused bool
}

// Problem returns the message for the caller of a refused act.
func (d Decision) Problem() *problem.Error { return d.Because("Too many requests.") }

// Because is Problem with another reason, which is a sentence.
func (d Decision) Because(format string, args ...any) *problem.Error {
	wait := max(d.Windows[len(d.Windows)-1].ResetIn, time.Second)
	p := problem.New(problem.TooMany, "%s Try again in %s.", fmt.Sprintf(format, args...), InWords(wait))
	p.RetryIn = wait
	return p
}

// Take counts one act of who, and reports whether it was within all rates. A
// refused act does not count in windows longer than the one that refused it.
func (s *Service) Take(ctx context.Context, act Act, who Caller) (Decision, error) {
	return s.each(ctx, act, who, limiter.Store.Get)
}

// A count is one operation on a counter of a store.
type count func(store limiter.Store, ctx context.Context, key string, rate Rate) (limiter.Context, error)

// each applies one to each of the caller's counters until one refuses act.
func (s *Service) each(ctx context.Context, act Act, who Caller, one count) (Decision, error) {
	d := Decision{Act: act}
	rule, ok := s.Current().Rule(act)
	if !ok {
		return d, fmt.Errorf("no rule limits %q", act)
	}
	store, counters := s.Stores.of(rule.Strategy), s.counters(rule, who)
	d.Windows = make([]Window, 0, len(counters))
	for _, c := range counters {
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

// of returns the store of windows with that strategy.
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

// counters returns the counters of rule for who.
func (s *Service) counters(rule Rule, who Caller) []counter {
	class := who.Class
	if !rule.hasClasses() {
		class = Guest
	}
	rates, keys := rule.Rates[class], keysOf(rule, who)
	all := make([]counter, 0, len(keys)*len(rates))
	for _, k := range keys {
		for _, rate := range rates {
			rate.Limit *= k.wide
			period := PeriodName(rate.Period)
			all = append(all, counter{
				key:  string(rule.Act) + ":" + period + ":" + k.text,
				name: string(rule.Act) + "-" + period + k.suffix, rate: rate,
			})
		}
	}
	return all
}

// A key identifies whom a rule counts; its rates are wide times the rule's.
type key struct {
	text, suffix string
	wide         int64
}

// networkWide is the rate of an IPv6 network of one customer, relative to one link.
const networkWide = 10

const (
	linkBits    = 64 // RFC 4291, 2.5.4: what one machine chooses its addresses from
	networkBits = 48 // RFC 6177: what one site is given
)

func keysOf(rule Rule, who Caller) []key {
	if rule.By == ByVisitor && who.User != "" {
		return []key{{text: "u:" + string(who.User), wide: 1}}
	}
	if rule.By == ByAll {
		return []key{{text: "all", wide: 1}}
	}
	account := ""
	if rule.By == ByAccount || rule.By == ByName {
		// Hashed, because a name can hold anything and is private.
		sum := sha256.Sum256([]byte(strings.ToLower(who.Account)))
		account = "n:" + hex.EncodeToString(sum[:]) + ":"
	}
	if rule.By == ByName {
		return []key{{text: account, wide: 1}}
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

// InWords writes a wait in words.
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
