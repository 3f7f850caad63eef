package models

import (
	"net/mail"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"

	"example.org/cloakroom/internal/problem"
)

// Limits of a profile, in characters unless stated otherwise.
const (
	MinUsername    = 3
	MaxUsername    = 20
	MaxEmail       = 254 // RFC 5321, 4.5.3.1.3, less the angle brackets
	MaxWebsite     = 200
	MaxBio         = 500
	MaxBioBreaks   = 10
	MinPassword    = 12
	MaxPassword    = 128
	MaxTokenName   = 50
	maxPhoneDigits = 15 // E.164
)

// Validated values of a profile.
type (
	Username   string
	Email      string
	Phone      string // E.164, such as +15551234567; empty: none
	WebsiteURL string // http or https; empty: none
	Bio        string
)

// The patterns are anchored and have no nested repetition, so they run in
// linear time on any input (Go's RE2; OWASP ASVS 5.0, 2.2.1).
var (
	usernamePattern = regexp.MustCompile(`^[A-Za-z0-9_]{3,20}$`)
	e164Pattern     = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)
	usPhonePattern  = regexp.MustCompile(`^[2-9][0-9]{2}-[0-9]{3}-[0-9]{4}$`)
	phonePunct      = strings.NewReplacer(" ", "", "-", "", ".", "", "(", "", ")", "")
)

// ParseUsername returns s as a Username of 3 to 20 letters, digits and
// underscores, or an Invalid problem at the field "username".
func ParseUsername(s string) (Username, error) {
	if !usernamePattern.MatchString(s) {
		return "", problem.OnField("username", "Use %d to %d letters, digits or underscores.", MinUsername, MaxUsername)
	}
	return Username(s), nil
}

// reserved are the names that speak for the site or for mail to its operators (RFC 2142).
var reserved = strings.Fields(`abuse admin administrator admins api cloakroom contact everyone help hostmaster info mail mod moderator
	moderators news nobody noc none noreply official operator owner postmaster root security staff support sysadmin system team
	undefined null user users webmaster www`)

// IsReserved reports whether only an operator can give this name to somebody. Underscores
// around it make no other name.
func IsReserved(u Username) bool {
	return slices.Contains(reserved, strings.Trim(u.Key(), "_"))
}

// Key returns the lower-case form by which usernames are compared.
func (u Username) Key() string { return strings.ToLower(string(u)) }

// ParseEmail returns s without surrounding space as a bare address (an RFC 5322
// addr-spec with a dot in its domain, which may be international), or an Invalid problem
// at the field "email".
func ParseEmail(s string) (Email, error) {
	s = strings.TrimSpace(s)
	invalid := problem.OnField("email", "Enter an email address such as name@example.org.")
	if len(s) > MaxEmail || !utf8.ValidString(s) || strings.ContainsFunc(s, unsafeRune) {
		return "", invalid
	}
	address, err := mail.ParseAddress(s)
	if err != nil || address.Name != "" || address.Address != s {
		return "", invalid
	}
	_, domain, _ := strings.Cut(s, "@")
	if strings.HasPrefix(s, `"`) || !strings.Contains(strings.Trim(domain, "."), ".") || strings.HasPrefix(domain, "[") {
		return "", invalid
	}
	if strings.ContainsFunc(domain, func(r rune) bool { return r > unicode.MaxASCII }) {
		if _, err := idna.Lookup.ToASCII(domain); err != nil {
			return "", invalid
		}
	}
	return Email(s), nil
}

// ParsePhone returns s in E.164 form, or an Invalid problem at the field
// "phone". It reads 555-123-4567 as a North American number. An empty s is
// valid and means no phone.
func ParsePhone(s string) (Phone, error) {
	s = normalizeLine(s)
	if s == "" {
		return "", nil
	}
	if usPhonePattern.MatchString(s) {
		s = "+1" + s
	}
	if digits := phonePunct.Replace(s); len(s) <= 2*maxPhoneDigits && e164Pattern.MatchString(digits) {
		return Phone(digits), nil
	}
	return "", problem.OnField("phone", "Enter the number with its country code, such as +49 30 1234567, or as 555-123-4567.")
}

// ParseWebsite returns s as an absolute http or https URL without user
// information and with its host in ASCII, or an Invalid problem at the field "website". An empty s is valid
// and means no website.
func ParseWebsite(s string) (WebsiteURL, error) {
	s = strings.TrimSpace(s)
	if s == "" {
		return "", nil
	}
	invalid := problem.OnField("website", "Enter the full URL, such as https://example.org, up to %d characters.", MaxWebsite)
	if utf8.RuneCountInString(s) > MaxWebsite || !utf8.ValidString(s) ||
		strings.ContainsFunc(s, unsafeRune) || strings.ContainsAny(s, " \\") {
		return "", invalid
	}
	u, err := url.Parse(s)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Hostname() == "" || u.User != nil || u.Opaque != "" || !HostInASCII(u) {
		return "", invalid
	}
	return WebsiteURL(u.String()), nil
}

// ParseBio returns s with "\n" line breaks as a Bio of at most 500 characters
// and 10 line breaks, or an Invalid problem at the field "bio".
func ParseBio(s string) (Bio, error) {
	s = normalizeText(s)
	switch {
	case !isText(s):
		return "", problem.OnField("bio", "Remove control characters from the bio.")
	case utf8.RuneCountInString(s) > MaxBio:
		return "", problem.OnField("bio", "Use at most %d characters for the bio; it has %d.", MaxBio, utf8.RuneCountInString(s))
	case strings.Count(s, "\n") > MaxBioBreaks:
		return "", problem.OnField("bio", "Use at most %d line breaks in the bio; it has %d.", MaxBioBreaks, strings.Count(s, "\n"))
	}
	return Bio(s), nil
}

// ParseTokenName returns s as the name of an API token, or an Invalid problem at
// the field "name".
func ParseTokenName(s string) (string, error) {
	s = normalizeLine(s)
	if n := utf8.RuneCountInString(s); n < 1 || n > MaxTokenName || !isLine(s) {
		return "", problem.OnField("name", "Enter a name for the token, up to %d characters.", MaxTokenName)
	}
	return s, nil
}

// ParsePasskeyName returns s as the name of a passkey, or an Invalid problem at
// the field "name".
func ParsePasskeyName(s string) (string, error) {
	s = normalizeLine(s)
	if n := utf8.RuneCountInString(s); n < 1 || n > MaxTokenName || !isLine(s) {
		return "", problem.OnField("name", "Enter a name for the passkey, up to %d characters.", MaxTokenName)
	}
	return s, nil
}
