package models

import (
	"net/netip"
	"strings"
	"time"
	"unicode/utf8"

	"example.org/cloakroom/internal/problem"
)

// An IPAction is what happens to requests from a prefix.
type IPAction string

// The actions. Addresses without a rule are allowed, so Allow exempts addresses
// inside a blocked prefix.
const (
	Allow IPAction = "allow"
	Block IPAction = "block"
)

// An IPPrefix is a network in CIDR notation: masked, and IPv4 in its own form.
type IPPrefix string

// An IPRule allows or blocks the addresses within Prefix. Where rules overlap,
// the narrowest prefix wins.
type IPRule struct {
	Prefix    IPPrefix
	Action    IPAction
	Note      string     // for other admins
	ExpiresAt *time.Time // nil: never
	CreatedAt time.Time
}

// MaxIPNote is the longest note, in characters.
const MaxIPNote = 200

// Network returns p as a netip.Prefix, which is valid for every value that
// ParseIPPrefix returned.
func (p IPPrefix) Network() netip.Prefix {
	network, err := netip.ParsePrefix(string(p))
	if err != nil {
		return netip.Prefix{}
	}
	return network
}

// ParseIPPrefix returns the address or prefix in s, or an Invalid problem at the
// field "prefix". An IPv4-mapped IPv6 address (RFC 4291, 2.5.5.2) becomes the
// IPv4 address.
func ParseIPPrefix(s string) (IPPrefix, error) {
	bad := problem.OnField("prefix", "Enter an address such as 192.0.2.7 or a prefix such as 192.0.2.0/24 or 2001:db8::/32.")
	s = strings.TrimSpace(s)
	if len(s) > len("ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255/128") {
		return "", bad
	}
	if addr, err := netip.ParseAddr(s); err == nil {
		if addr.Zone() != "" {
			return "", bad
		}
		addr = addr.Unmap()
		return IPPrefix(netip.PrefixFrom(addr, addr.BitLen()).String()), nil
	}
	network, err := netip.ParsePrefix(s)
	if err != nil {
		return "", bad
	}
	const mapped = 96 // bits before the IPv4 address
	if network.Addr().Is4In6() {
		if network.Bits() < mapped {
			return "", bad
		}
		network = netip.PrefixFrom(network.Addr().Unmap(), network.Bits()-mapped)
	}
	return IPPrefix(network.Masked().String()), nil
}

// ParseIPAction returns the action named s, or an Invalid problem at the field
// "action".
func ParseIPAction(s string) (IPAction, error) {
	if a := IPAction(s); a == Allow || a == Block {
		return a, nil
	}
	return "", problem.OnField("action", "Choose allow or block.")
}

// ParseIPNote returns s as the note of a rule, or an Invalid problem at the
// field "note".
func ParseIPNote(s string) (string, error) {
	if s = normalizeLine(s); utf8.RuneCountInString(s) > MaxIPNote || s != "" && !isLine(s) {
		return "", problem.OnField("note", "Enter one line of up to %d characters.", MaxIPNote)
	}
	return s, nil
}

// IPRuleObject returns the object of a rule in the audit log.
func IPRuleObject(p IPPrefix) string { return "ip_rule:" + string(p) }

// ExpireIPRules removes rules that have expired.
type ExpireIPRules struct{}

// Kind implements Job.
func (ExpireIPRules) Kind() string { return "ip_rule.expire" }
