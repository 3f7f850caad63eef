package models

import (
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// maxHost is the longest name of a host, in characters (RFC 1035, 2.3.4).
const maxHost = 253

// HostInASCII writes the host of u in ASCII (Punycode, RFC 5891), as browsers do before they
// ask for it: https://münchen.de becomes https://xn--mnchen-3ya.de. It reports false if there
// can be no such host, or if its name looks like that of another one: see mixesAlphabets.
func HostInASCII(u *url.URL) bool {
	host := u.Hostname()
	if !strings.ContainsFunc(host, func(r rune) bool { return r > unicode.MaxASCII }) {
		return true
	}
	if utf8.RuneCountInString(host) > maxHost || mixesAlphabets(host) {
		return false
	}
	ascii, err := idna.Lookup.ToASCII(host)
	if err != nil || ascii == "" || len(ascii) > maxHost {
		return false
	}
	if port := u.Port(); port != "" {
		ascii += ":" + port
	}
	u.Host = ascii
	return true
}

// alikes are the alphabets whose letters look alike: a, α and а.
var alikes = []*unicode.RangeTable{unicode.Latin, unicode.Greek, unicode.Cyrillic}

// mixesAlphabets reports whether a part of the host has letters of two of these alphabets. No
// word is written so, but a name that shall be taken for another is.
func mixesAlphabets(host string) bool {
	for part := range strings.FieldsFuncSeq(host, func(r rune) bool { return strings.ContainsRune(".。．｡", r) }) {
		found := 0
		for _, alphabet := range alikes {
			if strings.ContainsFunc(part, func(r rune) bool { return unicode.Is(alphabet, r) }) {
				found++
			}
		}
		if found > 1 {
			return true
		}
	}
	return false
}
