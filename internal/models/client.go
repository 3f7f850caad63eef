package models

import (
	"net/netip"
	"strings"
)

// maxUserAgent is the longest stored User-Agent, in bytes.
const maxUserAgent = 200

// A Client is the program that sent a request, and its address.
type Client struct {
	Addr      netip.Addr // invalid: unknown
	UserAgent string     // the User-Agent header, as received
}

// The prefix lengths to which an address is shortened before people see it.
const (
	placeBits4 = 24
	placeBits6 = 48 // one site's allocation by RFC 6177
)

// Place returns the network that the client's address belongs to, or "" if the
// address is unknown.
func (c Client) Place() string {
	addr := c.Addr.Unmap().WithZone("")
	if !addr.IsValid() {
		return ""
	}
	bits := placeBits4
	if addr.Is6() {
		bits = placeBits6
	}
	prefix, _ := addr.Prefix(bits) // cannot fail: every address of this family has that many bits
	return prefix.String()
}

// Address returns the client's IP address, or "" if it is unknown.
func (c Client) Address() string {
	if !c.Addr.IsValid() {
		return ""
	}
	return c.Addr.Unmap().WithZone("").String()
}

// Name returns the User-Agent as one line of at most maxUserAgent bytes.
func (c Client) Name() string {
	s := strings.ToValidUTF8(c.UserAgent[:min(len(c.UserAgent), maxUserAgent)], "")
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, s)
}

// An Actor is the user who performs an action, and the client they use.
type Actor struct {
	User    User // the zero User is a guest, or the site itself
	Client  Client
	ByToken bool // an API token acts for the user
}

// Device returns the browser and the system that a User-Agent names, such as "Firefox on
// Linux".
func Device(userAgent string) string {
	firstOf := func(fallback string, pairs ...string) string {
		for i := 0; i < len(pairs); i += 2 {
			if strings.Contains(userAgent, pairs[i]) {
				return pairs[i+1]
			}
		}
		return fallback
	}
	browser := firstOf("Unknown browser", "Edg/", "Edge", "OPR/", "Opera", "Firefox/", "Firefox",
		"Chrome/", "Chrome", "Safari/", "Safari", "curl/", "curl")
	system := firstOf("", "Android", "Android", "iPhone", "iPhone", "iPad", "iPad", "Windows", "Windows",
		"Mac OS X", "macOS", "CrOS", "ChromeOS", "Linux", "Linux")
	if system == "" {
		return browser
	}
	return browser + " on " + system
}
