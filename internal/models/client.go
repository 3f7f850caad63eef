package models

import (
	"net/netip"
	"strings"
)

// maxUserAgent is how much of a browser's name is kept, in bytes.
const maxUserAgent = 200

// A Client is the program a request comes from, and where it is.
type Client struct {
	Addr      netip.Addr // zero: the connection has none
	UserAgent string     // as it calls itself
}

// The prefixes by which people are told of an address, and no closer.
const (
	placeBits4 = 24
	placeBits6 = 48 // RFC 6177: what one site is given
)

// Place returns about where the client is: the prefix of its address, or "".
func (c Client) Place() string {
	addr := c.Addr.Unmap().WithZone("")
	if !addr.IsValid() {
		return ""
	}
	bits := placeBits4
	if addr.Is6() {
		bits = placeBits6
	}
	prefix, _ := addr.Prefix(bits) // cannot fail: an address of its kind has so many
	return prefix.String()
}

// Address returns the address of the client, or "".
func (c Client) Address() string {
	if !c.Addr.IsValid() {
		return ""
	}
	return c.Addr.Unmap().WithZone("").String()
}

// Name returns how the client calls itself, as one short line.
func (c Client) Name() string {
	s := strings.ToValidUTF8(c.UserAgent[:min(len(c.UserAgent), maxUserAgent)], "")
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, s)
}

// An Actor is somebody who does something, and from where.
type Actor struct {
	User   User // the zero User: a guest, or the site itself
	Client Client
}
