package config

import (
	"cmp"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"example.org/cloakroom/internal/models"
)

// A check is a rule that the value of a setting must keep.
type check struct {
	name string // of the variable
	ok   bool
}

// tagChecks are the rules that the tags of a setting state: bounds and words.
func (c Config) tagChecks() (all []check) {
	v := reflect.ValueOf(c)
	for _, field := range settingFields() {
		name, value := field.Tag.Get("env"), v.FieldByIndex(field.Index)
		if lowest, bounded := field.Tag.Lookup("min"); bounded {
			n := value.Int()
			all = append(all, check{name, n >= number(field.Type, lowest) && n <= number(field.Type, field.Tag.Get("max"))})
		}
		if words := wordsOf(field, "one"); words != nil && value.Kind() == reflect.String {
			all = append(all, check{name, slices.Contains(words, value.String())})
		}
		if words := wordsOf(field, "some"); words != nil {
			chosen, _ := value.Interface().([]string)
			known := func(word string) bool { return slices.Contains(words, strings.ToLower(strings.TrimSpace(word))) }
			all = append(all, check{name, every(chosen, known)})
		}
	}
	return all
}

// checks are the rules that no tag can state.
func (c Config) checks() []check {
	return slices.Concat(
		c.siteChecks(), c.tlsChecks(), c.contentChecks(), c.corsChecks(), c.storageChecks(), c.accountChecks(), c.oidcChecks())
}

func (c Config) siteChecks() []check {
	return []check{
		{"ADDR", isAddr(c.Addr) || c.Addr == auto},
		{"PUBLIC_URL", !c.PublicURL.IsZero()},
		{"ALLOWED_HOSTS", every(c.AllowedHosts, func(host string) bool { return host != "" && !strings.ContainsAny(host, "/:@*") })},
		{"SECURITY_CONTACTS", every(c.SecurityContacts, isContact)},
		{"SITE_NAME", c.SiteName != "" && isShortText(c.SiteName, maxSiteName) && !strings.ContainsAny(c.SiteName, "\r\n")},
		{"WELCOME_TEXT", isShortText(c.WelcomeText, maxWelcome)},
		{"CONTACT", c.Contact == "" || isEmail(c.Contact) || isWebPage(c.Contact)},
		{"IMPRINT_URL", c.ImprintURL == "" || isWebPage(c.ImprintURL)},
		{"PRIVACY_URL", c.PrivacyURL == "" || isWebPage(c.PrivacyURL)},
		{"TERMS_URL", c.TermsURL == "" || isWebPage(c.TermsURL)},
	}
}

func (c Config) tlsChecks() []check {
	_, hmacErr := c.EABKey()
	return []check{
		{"TLS_MODE", !c.TLS() || c.Secure()},
		{"TLS_MODE", c.TLSMode != tlsAutocert || every(c.Hosts(), inDNS)},
		{"REDIRECT_ADDR", isAddr(c.RedirectAddr) || c.RedirectAddr == auto || c.RedirectAddr == off},
		{"TLS_CERT_FILES", c.TLSMode != tlsFiles || len(c.TLSCertFiles) > 0},
		{"TLS_KEY_FILES", len(c.TLSKeyFiles) == len(c.TLSCertFiles)},
		{"ACME_DIRECTORY", isHTTPS(c.ACMEDirectory)},
		{"ACME_EMAIL", c.ACMEEmail == "" || isEmail(c.ACMEEmail)},
		{"ACME_EAB_KEY_ID", (c.ACMEKeyID == "") == (c.ACMEHMACKey == "")},
		{"ACME_EAB_HMAC_KEY", hmacErr == nil},
		{"SITE_KEY", c.SiteKey == "" || len(c.SiteKey) >= minKey},
	}
}

// contentChecks are those of a second host for uploaded files. It must be another
// host than the site's, or cookies would go there, and an empty key would sign
// for everyone.
func (c Config) contentChecks() []check {
	if c.ContentOrigin.IsZero() {
		return nil
	}
	name := hostKey(c.ContentOrigin.Hostname())
	same := func(host string) bool { return hostKey(host) == name }
	return []check{
		{"CONTENT_ORIGIN", !same(c.PublicURL.Hostname()) && !slices.ContainsFunc(c.AllowedHosts, same)},
		{"CONTENT_ORIGIN", !c.Secure() || c.ContentOrigin.Scheme == "https"},
		{"CONTENT_KEY", len(c.ContentKey) >= minKey},
	}
}

func (c Config) corsChecks() []check {
	return []check{
		{"CORS_CREDENTIALS", !c.CORSCredentials || !slices.ContainsFunc(c.CORSOrigins, Origin.IsAny)},
		{"CORS_METHODS", every(c.CORSMethods, isToken)},
		{"CORS_HEADERS", every(c.CORSHeaders, isToken)},
		{"CORS_EXPOSED_HEADERS", every(c.CORSExposed, isToken)},
	}
}

func (c Config) storageChecks() []check {
	scheme, rest, _ := strings.Cut(c.DatabaseURL.Reveal(), "://")
	onDisk := c.S3Endpoint.IsZero()
	return []check{
		{"DATABASE_URL", rest != "" && slices.Contains([]string{"sqlite", "postgres", "postgresql"}, scheme)},
		{"DATABASE_URL", scheme == "sqlite" || saysIfEncrypted(c.DatabaseURL.Reveal())},
		{"S3_BUCKET", onDisk || c.S3Bucket != ""},
		{"S3_ACCESS_KEY", onDisk || c.S3AccessKey != ""},
		{"S3_SECRET_KEY", onDisk || c.S3SecretKey != ""},
	}
}

// saysIfEncrypted reports whether the URL of PostgreSQL leads to this machine or says
// how the connection is encrypted. Without sslmode, and with most of its values, a
// connection is unencrypted or unverified if the server prefers that (OWASP ASVS 5.0,
// 12.3.1 and 12.3.2).
func saysIfEncrypted(database string) bool {
	u, err := url.Parse(database)
	if err != nil {
		return true // package database refuses it, without repeating it
	}
	host := cmp.Or(u.Query().Get("host"), u.Hostname())
	if host == "" || strings.HasPrefix(host, "/") && !strings.Contains(host, ",") || isLoopback(host) {
		return true
	}
	return slices.Contains([]string{"verify-full", "verify-ca", "disable"}, u.Query().Get("sslmode"))
}

func (c Config) accountChecks() []check {
	return []check{
		{"MAIL_FROM", c.MailFrom == "" && c.SMTPURL == "" || isEmail(c.MailFrom)},
		{"EMAIL_VERIFICATION", c.EmailVerification != "required" || c.SMTPURL != ""},
		{"REGISTRATION_DOMAINS", every(c.RegistrationDomains, isDomain)},
		{"SESSION_IDLE", c.SessionIdle <= c.SessionLifetime},
	}
}

func (c Config) oidcChecks() []check {
	off := c.OIDCIssuer == ""
	return []check{
		{"OIDC_ISSUER", off || isIssuer(c.OIDCIssuer)},
		{"OIDC_CLIENT_ID", off || c.OIDCClientID != ""},
		{"OIDC_ROLES", every(c.OIDCRoles, isGroupRole)},
	}
}

// minKey is the least length of a key, in bytes.
const minKey = 32

func every[T any](all []T, ok func(T) bool) bool {
	return !slices.ContainsFunc(all, func(one T) bool { return !ok(one) })
}

func isEmail(s string) bool {
	_, err := models.ParseEmail(s)
	return err == nil
}

func isContact(s string) bool {
	return !strings.ContainsAny(s, " \r\n") && (strings.HasPrefix(s, "mailto:") || strings.HasPrefix(s, "https://"))
}

// Limits of what the admin writes about the site, in characters.
const (
	maxSiteName = 40
	maxWelcome  = 500
)

// isShortText reports whether s has at most that many characters, without control
// characters except line breaks.
func isShortText(s string, most int) bool {
	return utf8.ValidString(s) && utf8.RuneCountInString(s) <= most &&
		!strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\r' })
}

// isWebPage reports whether s is the http or https URL of a page.
func isWebPage(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && u.User == nil
}

func isHTTPS(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Scheme == "https" && u.Host != "" && u.User == nil
}

// isDomain reports whether s can be a domain, also one with letters beyond ASCII.
func isDomain(s string) bool {
	return strings.Contains(s, ".") && !strings.ContainsFunc(s, func(r rune) bool {
		return r != '.' && r != '-' && !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
}

// number reads a bound in the notation of its setting.
func number(t reflect.Type, s string) int64 {
	if t == reflect.TypeFor[time.Duration]() {
		d, _ := time.ParseDuration(s)
		return int64(d)
	}
	var n Size
	_ = n.UnmarshalText([]byte(s)) // the bounds are constants; a test reads each
	return int64(n)
}
