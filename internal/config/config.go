// Package config reads the settings from the environment, once, and reports
// all that are wrong together. It alone knows the names of the variables.
package config

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/publicsuffix"

	"example.org/cloakroom/internal/models"
)

// Config holds every setting. Its tags are the manual, from which docs/settings.md,
// .env.example and the table of README.md are made (go test ./internal/config -update):
//
//   - env is the variable and envDefault its default
//   - says is what it does
//   - min and max are inclusive bounds, one the words of which it is one, some those of which it is a list; allowed adds to them
//   - group begins a group, and use says who looks at it: needed, usual or rare
//
// What is a models.Secret is never shown.
type Config struct {
	Addr      string  `group:"Site" use:"needed" env:"ADDR" envDefault:"auto" allowed:"an address to listen on, such as :8080; auto is 127.0.0.1:8080, or with TLS the port of PUBLIC_URL (on loopback only if self-signed)" says:"Address that the server listens on."`
	PublicURL SiteURL `use:"needed" env:"PUBLIC_URL" envDefault:"http://localhost:8080" allowed:"an http or https URL without a path, such as https://files.example.org" says:"URL that visitors use. With https, cookies are bound to it."`

	AllowedHosts   []string       `use:"usual" env:"ALLOWED_HOSTS" allowed:"host names" says:"Host names of the site besides that of PUBLIC_URL. Requests for other hosts are rejected."`
	TrustedProxies []netip.Prefix `use:"needed" env:"TRUSTED_PROXIES" allowed:"prefixes such as 10.0.0.0/8" says:"Proxies whose X-Forwarded headers are trusted. Set it if a proxy on another machine terminates TLS."`
	HSTSMaxAge     time.Duration  `use:"rare" env:"HSTS_MAX_AGE" envDefault:"17520h" min:"0s" max:"87600h" says:"How long browsers insist on https after a visit (HSTS)."`
	HSTSSubdomains string         `use:"rare" env:"HSTS_SUBDOMAINS" envDefault:"auto" one:"on,off,auto" allowed:"auto is on unless a host of the site is a whole domain, such as example.org, whose subdomains may be other sites" says:"Make browsers insist on https for all subdomains of the site's hosts too."`
	HSTSPreload    bool           `use:"rare" env:"HSTS_PRELOAD" envDefault:"false" says:"Allow browsers to preload HSTS. This binds all subdomains, for years."`

	SecurityContacts []string `use:"usual" env:"SECURITY_CONTACTS" allowed:"mailto: or https addresses" says:"Contacts for security reports, published in security.txt. Without one there is no security.txt."`
	APIDocs          string   `use:"rare" env:"API_DOCS" envDefault:"auto" one:"on,off,auto" allowed:"auto is off if PUBLIC_URL is https" says:"Serve /api/v1/openapi.json."`

	TLSMode      string   `group:"TLS" use:"needed" env:"TLS_MODE" envDefault:"off" one:"off,autocert,files,self-signed" allowed:"all but off need an https PUBLIC_URL, and autocert needs public host names" says:"How TLS is handled: off (a reverse proxy does it), autocert (certificates from Let’s Encrypt or another ACME authority), files, or self-signed (for development)."`
	RedirectAddr string   `use:"usual" env:"REDIRECT_ADDR" envDefault:"auto" allowed:"an address to listen on, such as :80, or off; auto is :80 with autocert and files, otherwise off" says:"Second listener, which redirects http to https and answers ACME challenges."`
	TLSCertFiles []string `use:"usual" env:"TLS_CERT_FILES" allowed:"PEM files, each with a certificate and its chain; needed with TLS_MODE=files" says:"Certificates. They are reloaded when they change."`
	TLSKeyFiles  []string `use:"usual" env:"TLS_KEY_FILES" allowed:"PEM files in the order of TLS_CERT_FILES; needed with TLS_MODE=files" says:"Private keys of the certificates."`

	ACMEDirectory string        `use:"rare" env:"ACME_DIRECTORY" envDefault:"https://acme-v02.api.letsencrypt.org/directory" allowed:"an https URL" says:"Directory of the ACME authority that autocert uses."`
	ACMEEmail     string        `use:"usual" env:"ACME_EMAIL" allowed:"an email address" says:"Address to which the ACME authority sends warnings."`
	ACMECAFile    string        `use:"rare" env:"ACME_CA_FILE" allowed:"a PEM file" says:"Root certificates for ACME_DIRECTORY itself, if this machine does not trust them."`
	ACMEKeyID     string        `use:"rare" env:"ACME_EAB_KEY_ID" allowed:"a key identifier; needed with ACME_EAB_HMAC_KEY" says:"Account at the ACME authority, if it requires one (external account binding)."`
	ACMEHMACKey   models.Secret `use:"rare" env:"ACME_EAB_HMAC_KEY" allowed:"a key in base64url; needed with ACME_EAB_KEY_ID" says:"Key of that ACME account."`

	SiteKey     models.Secret `use:"needed" env:"SITE_KEY" allowed:"at least 32 random characters; if empty, the key is in SITE_KEY_FILE" says:"Key that encrypts secrets in the database. Use the same key on every server."`
	SiteKeyFile string        `use:"usual" env:"SITE_KEY_FILE" envDefault:"site.key" allowed:"a file that only the server can read; it is created if it is missing" says:"File with the site key, if SITE_KEY is not set."`

	ContentOrigin SiteURL       `group:"Content from a second host" use:"usual" env:"CONTENT_ORIGIN" allowed:"an http or https URL without a path, on another host than PUBLIC_URL; https if PUBLIC_URL is; if empty, files come from PUBLIC_URL" says:"Host that serves uploaded files, without cookies. Use another domain, and send both hosts to this server."`
	ContentKey    models.Secret `use:"usual" env:"CONTENT_KEY" allowed:"at least 32 random characters; needed with CONTENT_ORIGIN" says:"Key that signs links to CONTENT_ORIGIN. Use the same key on every server. Changing it invalidates the links; pages issue new ones."`

	CORSOrigins     []Origin      `group:"API access from other sites (CORS)" use:"usual" env:"CORS_ORIGINS" allowed:"origins such as https://app.example.org or https://*.example.org; or * for any" says:"Sites whose pages can use the API."`
	CORSMethods     []string      `use:"rare" env:"CORS_METHODS" envDefault:"GET,HEAD,POST,PUT,PATCH,DELETE" allowed:"HTTP methods" says:"Methods that those pages can use."`
	CORSHeaders     []string      `use:"rare" env:"CORS_HEADERS" envDefault:"Authorization,Content-Type,Range,If-None-Match,If-Range" allowed:"header names" says:"Request headers that those pages can send."`
	CORSExposed     []string      `use:"rare" env:"CORS_EXPOSED_HEADERS" envDefault:"Link,Location,ETag,Content-Range,Content-Disposition,Retry-After,RateLimit,RateLimit-Policy,X-RateLimit-Limit,X-RateLimit-Remaining,X-RateLimit-Reset,X-Request-Id" allowed:"header names" says:"Response headers that those pages can read."`
	CORSMaxAge      time.Duration `use:"rare" env:"CORS_MAX_AGE" envDefault:"10m" min:"0s" max:"24h" says:"How long browsers cache these permissions."`
	CORSCredentials bool          `use:"rare" env:"CORS_CREDENTIALS" envDefault:"false" allowed:"not true if CORS_ORIGINS is *" says:"Allow those pages to send cookies. The API does not need them."`

	DatabaseURL models.Secret `group:"Database and storage" use:"needed" env:"DATABASE_URL" envDefault:"sqlite://cloakroom.db" allowed:"sqlite://path or postgres://user:password@host/name; on another machine with ?sslmode=verify-full, or verify-ca, or disable in a private network" says:"Database: SQLite or PostgreSQL."`
	UploadDir   string        `use:"needed" env:"UPLOAD_DIR" envDefault:"uploads" allowed:"a directory; it is created if it is missing" says:"Directory for uploaded files, unless S3_ENDPOINT is set."`
	S3Endpoint  SiteURL       `use:"usual" env:"S3_ENDPOINT" allowed:"an http or https URL; if empty, files are in UPLOAD_DIR" says:"S3 service that stores uploaded files."`
	S3Bucket    string        `use:"usual" env:"S3_BUCKET" allowed:"an existing bucket; needed with S3_ENDPOINT" says:"Bucket name."`
	S3Region    string        `use:"usual" env:"S3_REGION" envDefault:"us-east-1" allowed:"a region" says:"Region of the bucket."`
	S3AccessKey models.Secret `use:"usual" env:"S3_ACCESS_KEY" allowed:"an access key; needed with S3_ENDPOINT" says:"Access key of the bucket."`
	S3SecretKey models.Secret `use:"usual" env:"S3_SECRET_KEY" allowed:"a secret key; needed with S3_ENDPOINT" says:"Secret key that belongs to S3_ACCESS_KEY."`

	MetricsAddr string `group:"Operation" use:"usual" env:"METRICS_ADDR" allowed:"an address to listen on, such as 127.0.0.1:9090; if empty, there are no metrics" says:"Second listener, with metrics for Prometheus and profiles of the process. Do not expose it."`

	LogLevel        Level         `use:"usual" env:"LOG_LEVEL" envDefault:"info" one:"debug,info,warn,error" says:"Lowest level that is logged."`
	ShutdownTimeout time.Duration `use:"rare" env:"SHUTDOWN_TIMEOUT" envDefault:"30s" min:"0s" max:"1h" says:"How long running requests can take to finish when the server stops."`
	ReadTimeout     time.Duration `use:"rare" env:"READ_TIMEOUT" envDefault:"1m" min:"1s" max:"1h" says:"Uploads slower than 16 KiB per this time are closed."`
	WriteTimeout    time.Duration `use:"rare" env:"WRITE_TIMEOUT" envDefault:"1m" min:"1s" max:"1h" says:"Downloads slower than 1 MiB per this time are closed."`
	MaxConnections  int           `use:"rare" env:"MAX_CONNECTIONS" envDefault:"10000" min:"10" max:"1000000" says:"Open connections at the same time. When all are open, the one that waits longest for a request is closed for a new one."`
	ConnectionShare int           `use:"rare" env:"MAX_CONNECTIONS_PER_ADDRESS" envDefault:"256" min:"8" max:"1000000" says:"Open connections of one IPv4 address, or one /64 of IPv6. Proxies in TRUSTED_PROXIES are not limited."`

	Tiers    Tiers         `group:"Tiers and limits" use:"needed" env:"TIERS" envDefault:"free.file=1GiB,free.storage=5GiB,free.image-side=16384,free.post-files=10,free.share-days=365,pro.file=5GiB,pro.storage=50GiB,pro.image-side=16384,pro.post-files=20,pro.share-days=0,premium.file=20GiB,premium.storage=500GiB,premium.image-side=16384,premium.post-files=50,premium.share-days=0" allowed:"entries such as free.file=1GiB, where free is a tier" says:"What users of a tier get. Entries that are missing keep their defaults."`
	Limits   string        `use:"needed" env:"LIMITS" allowed:"entries such as upload.free=5-S+100-M, upload-bytes.pro=50GiB-D, uploads-at-once.guest=2 or search=fixed" says:"Rate limits that differ from the defaults, by action and tier."`
	RedisURL models.Secret `use:"usual" env:"REDIS_URL" allowed:"redis://user:password@host:6379/0, or rediss:// for TLS; if empty, each server counts in its memory" says:"Redis in which several servers count rate limits together."`

	SMTPURL           models.Secret `group:"Email" use:"needed" env:"SMTP_URL" allowed:"smtp://user:password@host:587 (STARTTLS) or smtps://user:password@host:465 (TLS); if empty, no email is sent" says:"Mail server. Without TLS, email is only sent to localhost."`
	MailFrom          string        `use:"needed" env:"MAIL_FROM" allowed:"an email address; needed with SMTP_URL" says:"Sender of emails."`
	EmailVerification string        `use:"usual" env:"EMAIL_VERIFICATION" envDefault:"optional" one:"optional,required" allowed:"required needs a mail server (SMTP_URL)" says:"If required, users can only read until they verify their email address."`

	Registration        string   `group:"Accounts" use:"needed" env:"REGISTRATION" envDefault:"open" one:"open,invitation,closed" says:"Who can sign up. Nobody becomes an admin by signing up."`
	RegistrationDomains []string `use:"usual" env:"REGISTRATION_DOMAINS" allowed:"domains such as example.org; if empty, any" says:"Email domains that can sign up. Only effective with EMAIL_VERIFICATION=required."`

	OIDCIssuer       string        `use:"usual" env:"OIDC_ISSUER" allowed:"an https URL, or http on this machine" says:"OpenID Connect provider that users can sign in with."`
	OIDCClientID     string        `use:"usual" env:"OIDC_CLIENT_ID" allowed:"a client ID; needed with OIDC_ISSUER" says:"Client ID of this site at the provider."`
	OIDCClientSecret models.Secret `use:"usual" env:"OIDC_CLIENT_SECRET" allowed:"a client secret; if empty, PKCE only" says:"Client secret of this site at the provider."`
	OIDCName         string        `use:"usual" env:"OIDC_NAME" envDefault:"single sign-on" allowed:"a few words" says:"Name of the provider on the sign-in button."`
	OIDCGroupsClaim  string        `use:"rare" env:"OIDC_GROUPS_CLAIM" envDefault:"groups" allowed:"the name of a claim" says:"Claim that lists the groups of a user."`
	OIDCRoles        []string      `use:"usual" env:"OIDC_ROLES" allowed:"entries such as staff=moderator; if empty, roles are only set here" says:"Roles by group. They are updated at each sign-in; members of none of the groups are users."`

	SessionIdle     time.Duration `use:"usual" env:"SESSION_IDLE" envDefault:"168h" min:"5m" max:"8760h" allowed:"at most SESSION_LIFETIME" says:"Sessions that are unused for this time expire."`
	SessionLifetime time.Duration `use:"usual" env:"SESSION_LIFETIME" envDefault:"720h" min:"5m" max:"8760h" says:"Every session expires after this time."`
	ConfirmedFor    time.Duration `use:"usual" env:"CONFIRMED_FOR" envDefault:"30m" min:"1m" max:"24h" says:"Critical actions do not ask for the password again for this time."`
	TokenLifetime   time.Duration `use:"usual" env:"TOKEN_LIFETIME_MAX" envDefault:"8760h" min:"0s" max:"87600h" allowed:"0s allows tokens that never expire" says:"Longest lifetime of an API token."`
	SecondFactor    []string      `use:"usual" env:"SECOND_FACTOR_ROLES" some:"user,moderator,admin" says:"Roles that must use two-factor authentication. Until they set it up, they can do nothing else."`
	AuditRetention  time.Duration `use:"usual" env:"AUDIT_RETENTION" envDefault:"17520h" min:"0s" max:"175200h" allowed:"0s keeps them" says:"Events of the audit log are removed after this time. A signed note remains."`
	BreakGlass      time.Duration `use:"rare" env:"BREAK_GLASS" envDefault:"15m" min:"1m" max:"8h" says:"How long an admin can see private content after giving a reason."`
	DeletionGrace   time.Duration `use:"rare" env:"DELETION_GRACE" envDefault:"720h" min:"1h" max:"2160h" says:"Grace period before a deleted account is erased."`
	Argon2          Argon2        `use:"rare" env:"ARGON2" envDefault:"19MiB,2,2" allowed:"memory up to 1GiB, passes from 1 to 10, and hashes at the same time from 1 to 64; the least memory is 46MiB with 1 pass, 19MiB with 2, 12MiB with 3, 9MiB with 4, and 7MiB with 5 or more (OWASP)" says:"Cost of a password hash (argon2id)."`

	SiteName    string `group:"Your site" use:"usual" env:"SITE_NAME" envDefault:"Cloakroom" allowed:"one line of up to 40 characters" says:"Name of the site, in its header, titles and emails."`
	WelcomeText string `use:"usual" env:"WELCOME_TEXT" allowed:"up to 500 characters" says:"What guests read on the first page, below one sentence that says what the site does."`
	Contact     string `use:"usual" env:"CONTACT" allowed:"an email address, or an http or https URL; if empty, no link" says:"Address for questions. The footer of every page links to it."`
	ImprintURL  string `use:"usual" env:"IMPRINT_URL" allowed:"an http or https URL; if empty, no link" says:"Page that says who runs the site. The footer of every page links to it."`
	PrivacyURL  string `use:"usual" env:"PRIVACY_URL" allowed:"an http or https URL; if empty, no link" says:"Page that says what happens with personal data. The footer of every page links to it."`
	TermsURL    string `use:"usual" env:"TERMS_URL" allowed:"an http or https URL; if empty, no link" says:"Page with the terms of use. The footer of every page links to it."`

	DefaultVisibility string `group:"Posts" use:"usual" env:"DEFAULT_VISIBILITY" envDefault:"unlisted" one:"private,unlisted,public" says:"Who can see a new post, until its author chooses otherwise: the author, anyone with the link, or everyone."`

	ShareExpiry time.Duration `group:"Sharing" use:"usual" env:"SHARE_EXPIRY" envDefault:"168h" min:"1h" max:"87600h" says:"Life of a link or file request whose owner chooses none. A tier can allow less."`
	DownloadLog time.Duration `use:"usual" env:"DOWNLOAD_LOG" envDefault:"2160h" min:"24h" max:"87600h" says:"Entries of the download log, and networks of guests who left files, are removed after this time."`

	UploadTypes    []string `group:"Files" use:"usual" env:"UPLOAD_TYPES" envDefault:"*" some:"*,images,audio,video,pdf,office,text,archives" allowed:"* is any file" says:"File types that can be uploaded. What browsers cannot show safely is a download."`
	MaxImagePixels int64    `use:"rare" env:"MAX_IMAGE_PIXELS" envDefault:"67108864" min:"1" max:"1000000000" says:"Largest image that gets a thumbnail, as width × height in pixels. Larger ones are downloads."`
	ImageWorkers   int      `use:"rare" env:"IMAGE_WORKERS" envDefault:"2" min:"1" max:"64" says:"Images decoded at the same time. Together they take up to 1 GiB, or 16 bytes for each of MAX_IMAGE_PIXELS if that is more."`

	from *source
}

// A source is what a Config was made of. It hangs on a pointer, so that printing
// a Config prints none of it.
type source struct {
	named map[string]bool   // what the environment names
	given map[string]string // what it says, and what admins changed
}

// Secure reports whether visitors reach the site by HTTPS, so that cookies can
// be bound to it.
func (c Config) Secure() bool { return c.PublicURL.Scheme == "https" }

// FactorRoles returns the roles that must use two-factor authentication.
func (c Config) FactorRoles() (roles []models.Role) {
	for _, name := range c.SecondFactor {
		role, _ := models.ParseRole(strings.TrimSpace(name)) // it was checked when it was loaded
		roles = append(roles, role)
	}
	return roles
}

// ServesAPIDocs reports whether the description of the API is public.
func (c Config) ServesAPIDocs() bool {
	return c.APIDocs == "on" || c.APIDocs == auto && !c.Secure()
}

// HSTS is the Strict-Transport-Security header (RFC 6797). It is empty with a
// self-signed certificate: that is for development, on a host that other sites use.
func (c Config) HSTS() string {
	if c.TLSMode == tlsSelfSigned {
		return ""
	}
	header := fmt.Sprintf("max-age=%d", int(c.HSTSMaxAge.Seconds()))
	if c.HSTSPreload {
		return header + "; includeSubDomains; preload"
	}
	if c.HSTSSubdomains == "on" || c.HSTSSubdomains == auto && !slices.ContainsFunc(c.Hosts(), isWholeDomain) {
		header += "; includeSubDomains"
	}
	return header
}

// isWholeDomain reports whether host, a key of hostKey, is what people register, such as
// example.org or example.co.uk, and not a host below that. An IP address has no
// subdomains.
func isWholeDomain(host string) bool {
	domain, err := publicsuffix.EffectiveTLDPlusOne(host)
	return err != nil || domain == host || net.ParseIP(host) != nil
}

// A Size is a number of bytes.
type Size = models.Size

// A SiteURL is an http or https address without path, query or user.
type SiteURL struct{ url.URL }

// IsZero reports whether no address was given.
func (u SiteURL) IsZero() bool { return u.Host == "" }
