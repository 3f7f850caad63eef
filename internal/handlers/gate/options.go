package gate

import (
	"net/netip"
	"time"

	"example.org/cloakroom/internal/models"
)

// CORS says which pages of other sites may use the API (OWASP ASVS 5.0, 3.4.2).
type CORS struct {
	Allows      func(origin string) bool // nil: nobody's
	Methods     []string
	Headers     []string // that a page may send
	Exposed     []string // that a page may read
	MaxAge      time.Duration
	Credentials bool
}

// Options are what the visitor's side must know of the configuration.
type Options struct {
	PublicURL        string   // scheme and host, without a slash at the end
	AllowedHosts     []string // further names of the site, in lower case
	TrustedProxies   []netip.Prefix
	CORS             CORS
	SecurityContacts []string      // mailto: or https addresses for security.txt
	APIDocs          bool          // the description of the API is served
	HSTS             string        // Strict-Transport-Security, once people come by TLS; empty: none
	Secure           bool          // people come by HTTPS: cookies are bound to it
	SessionLifetime  time.Duration // of the cookie
	ReadTimeout      time.Duration // a visitor who sends nothing for so long is let go
	WriteTimeout     time.Duration // and so is one who takes nothing
	ContentOrigin    string        // scheme and host of the content; empty: files come from PublicURL
	ContentKey       models.Secret // signs the links to it
}
