package models

import (
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// maxHost is the longest name of a host, in characters (RFC 1035, 2.3.4).
const maxHost = 253

// HostInASCII writes the host of u in ASCII (Punycode, RFC 5891), as browsers do before they
// ask for it: https://münchen.de becomes https://xn--mnchen-3ya.de. It reports false if there
// can be no such host, or if its name looks like that of another one: see looksLikeAnother.
func HostInASCII(u *url.URL) bool {
	host := u.Hostname()
	if !strings.ContainsFunc(host, func(r rune) bool { return r > unicode.MaxASCII }) {
		return true
	}
	if utf8.RuneCountInString(host) > maxHost {
		return false
	}
	ascii, err := idna.Lookup.ToASCII(host)
	if err != nil || ascii == "" || len(ascii) > maxHost {
		return false
	}
	// What counts is what the letters become: 𝐩 is a p.
	name, err := idna.Lookup.ToUnicode(ascii)
	if err != nil || looksLikeAnother(name) {
		return false
	}
	if port := u.Port(); port != "" {
		ascii += ":" + port
	}
	u.Host = ascii
	return true
}

// scripts are those that are told apart in a part of a host: alphabets whose letters look alike
// (a, α, а and օ), each by itself, and what Chinese, Japanese and Korean are written in.
var scripts = [...][]*unicode.RangeTable{
	{unicode.Common, unicode.Inherited}, // digits, hyphens and marks
	{unicode.Latin}, {unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Bopomofo},
	{unicode.Greek}, {unicode.Cyrillic}, {unicode.Armenian},
}

// These letters look like the slash after a host, if Latin ones are beside them.
const slashes = "ノソンゾんへ丿丶"

// looksLikeAnother reports whether a part of the host has letters of two scripts, other than
// Latin beside Chinese, Japanese or Korean, or has signs that IDNA 2008 (RFC 5892) does not
// allow, such as U+2044, a slash. No word is written so, but a name that shall be taken for
// another is.
func looksLikeAnother(host string) bool {
	for part := range strings.SplitSeq(host, ".") {
		found := map[int]bool{}
		for _, r := range part {
			if !inHost(r) {
				return true
			}
			script := slices.IndexFunc(scripts[:], func(tables []*unicode.RangeTable) bool { return unicode.In(r, tables...) })
			found[script] = script != 0
		}
		delete(found, 0)
		beside := len(found) == 2 && found[1] && found[2] && !strings.ContainsAny(part, slashes)
		if len(found) > 1 && !beside {
			return true
		}
	}
	return false
}

// inHost reports whether r can be in the name of a host: a letter, a digit or a mark other than
// a stroke through the letter before it, or one of the signs that some words need.
func inHost(r rune) bool {
	word := unicode.In(r, unicode.L, unicode.M, unicode.Nd)
	return word && r != '\u0337' && r != '\u0338' || strings.ContainsRune("-·・\u05f3\u05f4\u200c\u200d", r)
}
