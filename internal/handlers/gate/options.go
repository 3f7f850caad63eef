package gate

import (
	"net/netip"
	"time"

	"example.org/cloakroom/internal/models"
)

// CORS says which pages of other sites can use the API (OWASP ASVS 5.0, 3.4.2).
type CORS struct {
	Allows      func(origin string) bool // nil: no other origin
	Methods     []string
	Headers     []string // that a page can send
	Exposed     []string // that a page can read
	MaxAge      time.Duration
	Credentials bool
}

// Options are the part of the configuration that handlers need.
type Options struct {
	PublicURL        string   // scheme and host, without a slash at the end
	AllowedHosts     []string // more names of the site, in lower case
	TrustedProxies   []netip.Prefix
	CORS             CORS
	SecurityContacts []string      // mailto: or https addresses for security.txt
	APIDocs          bool          // the description of the API is served
	HSTS             string        // value of Strict-Transport-Security over HTTPS; empty: not sent
	Secure           bool          // the site is served over HTTPS, and so are its cookies
	SessionLifetime  time.Duration // of the cookie
	ReadTimeout      time.Duration // a visitor who sends nothing for this time is disconnected
	WriteTimeout     time.Duration // a visitor who reads nothing for this time is disconnected
	ContentOrigin    string        // scheme and host of uploaded files; empty: PublicURL
	ContentKey       models.Secret // signs content tickets
}
