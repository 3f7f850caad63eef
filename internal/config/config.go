// Package config reads the settings from the environment, once, and reports
// all that are wrong together. It alone knows the names of the variables.
package config

import (
	"fmt"
	"net/netip"
	"net/url"
	"time"

	"example.org/cloakroom/internal/models"
)

// Config holds every setting. The tags are the manual: env names the variable,
// allowed says what it may hold, and min and max are inclusive bounds. README.md has
// the same table for people; a test keeps the two alike.
type Config struct {
	// Where the site is.
	Addr      string  `env:"ADDR" envDefault:"auto" allowed:"an address to listen on, such as :8080 or 127.0.0.1:8080; auto: 127.0.0.1:8080, and with TLS the port of PUBLIC_URL, of this machine alone if self-signed"`
	PublicURL SiteURL `env:"PUBLIC_URL" envDefault:"http://localhost:8080" allowed:"the http or https address people use, without a path, such as https://files.example.org"`

	AllowedHosts   []string       `env:"ALLOWED_HOSTS" allowed:"host names, separated by commas, by which the site goes besides that of PUBLIC_URL"`
	TrustedProxies []netip.Prefix `env:"TRUSTED_PROXIES" allowed:"prefixes, separated by commas, such as 10.0.0.0/8,fd00::/8, of the proxies whose X-Forwarded headers are believed"`
	HSTSMaxAge     time.Duration  `env:"HSTS_MAX_AGE" envDefault:"17520h" min:"0s" max:"87600h" allowed:"a time from 0s to 87600h"`
	HSTSPreload    bool           `env:"HSTS_PRELOAD" envDefault:"false" allowed:"true or false; true binds all subdomains, for years"`

	SecurityContacts []string `env:"SECURITY_CONTACTS" allowed:"mailto: or https addresses, separated by commas, for security.txt"`
	APIDocs          Switch   `env:"API_DOCS" envDefault:"auto" allowed:"on, off, or auto: off where people come by HTTPS"`

	// TLS.
	TLSMode      string   `env:"TLS_MODE" envDefault:"off" allowed:"off, autocert, files or self-signed; but for off PUBLIC_URL must be https, and for autocert all hosts must be names in the DNS"`
	RedirectAddr string   `env:"REDIRECT_ADDR" envDefault:"auto" allowed:"an address to listen on, such as :80; off; or auto: :80 with autocert and files, else off"`
	TLSCertFiles []string `env:"TLS_CERT_FILES" allowed:"files, separated by commas, each with a certificate and its chain in PEM; needed with TLS_MODE=files"`
	TLSKeyFiles  []string `env:"TLS_KEY_FILES" allowed:"files, separated by commas, with the keys of TLS_CERT_FILES in the same order; needed with TLS_MODE=files"`

	ACMEDirectory string        `env:"ACME_DIRECTORY" envDefault:"https://acme-v02.api.letsencrypt.org/directory" allowed:"the https address of an ACME directory"`
	ACMEEmail     string        `env:"ACME_EMAIL" allowed:"a mail address"`
	ACMECAFile    string        `env:"ACME_CA_FILE" allowed:"a file with certificates in PEM"`
	ACMEKeyID     string        `env:"ACME_EAB_KEY_ID" allowed:"a key identifier; needed with ACME_EAB_HMAC_KEY"`
	ACMEHMACKey   models.Secret `env:"ACME_EAB_HMAC_KEY" allowed:"a key in base64url; needed with ACME_EAB_KEY_ID"`

	SiteKey     models.Secret `env:"SITE_KEY" allowed:"at least 32 random characters, the same on every server; empty: what is in SITE_KEY_FILE"`
	SiteKeyFile string        `env:"SITE_KEY_FILE" envDefault:"site.key" allowed:"a file that nobody else may read; made if it is missing"`

	// Where what users uploaded is shown: a host that no cookie goes to.
	ContentOrigin SiteURL       `env:"CONTENT_ORIGIN" allowed:"the http or https address of a second host of this site, without a path, https where PUBLIC_URL is; empty serves files from PUBLIC_URL"`
	ContentKey    models.Secret `env:"CONTENT_KEY" allowed:"at least 32 random characters, the same on every server; needed with CONTENT_ORIGIN"`

	// Who may use the API from pages of other sites.
	CORSOrigins     []Origin      `env:"CORS_ORIGINS" allowed:"origins, separated by commas, such as https://app.example.org or https://*.example.org; or * for any"`
	CORSMethods     []string      `env:"CORS_METHODS" envDefault:"GET,HEAD,POST,PUT,PATCH,DELETE" allowed:"HTTP methods, separated by commas"`
	CORSHeaders     []string      `env:"CORS_HEADERS" envDefault:"Authorization,Content-Type,Range,If-None-Match,If-Range" allowed:"names of headers, separated by commas, that a page may send"`
	CORSExposed     []string      `env:"CORS_EXPOSED_HEADERS" envDefault:"Link,Location,ETag,Content-Range,Content-Disposition,Retry-After,RateLimit,RateLimit-Policy,X-RateLimit-Limit,X-RateLimit-Remaining,X-RateLimit-Reset,X-Request-Id" allowed:"names of headers, separated by commas, that a page may read"`
	CORSMaxAge      time.Duration `env:"CORS_MAX_AGE" envDefault:"10m" min:"0s" max:"24h" allowed:"a time from 0s to 24h"`
	CORSCredentials bool          `env:"CORS_CREDENTIALS" envDefault:"false" allowed:"true or false, and not true when CORS_ORIGINS is *"`

	// Where rows and bytes are kept.
	DatabaseURL string  `env:"DATABASE_URL" envDefault:"sqlite://cloakroom.db" allowed:"sqlite://path or postgres://user:password@host/name"`
	UploadDir   string  `env:"UPLOAD_DIR" envDefault:"uploads" allowed:"a directory"`
	S3Endpoint  SiteURL `env:"S3_ENDPOINT" allowed:"the http or https address of an S3 service; empty keeps the bytes in UPLOAD_DIR"`
	S3Bucket    string  `env:"S3_BUCKET" allowed:"the name of a bucket that exists; needed with S3_ENDPOINT"`
	S3Region    string  `env:"S3_REGION" envDefault:"us-east-1" allowed:"the region of the bucket"`
	S3AccessKey string  `env:"S3_ACCESS_KEY" allowed:"an access key; needed with S3_ENDPOINT"`
	S3SecretKey string  `env:"S3_SECRET_KEY" allowed:"its secret; needed with S3_ENDPOINT"`

	// Running.
	MetricsAddr string `env:"METRICS_ADDR" allowed:"an address to listen on for Prometheus, such as 127.0.0.1:9090; empty serves no metrics"`

	LogLevel        Level         `env:"LOG_LEVEL" envDefault:"info" allowed:"debug, info, warn or error"`
	ShutdownTimeout time.Duration `env:"SHUTDOWN_TIMEOUT" envDefault:"30s" min:"0s" max:"1h" allowed:"a time from 0s to 1h"`
	ReadTimeout     time.Duration `env:"READ_TIMEOUT" envDefault:"1m" min:"1s" max:"1h" allowed:"a time from 1s to 1h"`
	WriteTimeout    time.Duration `env:"WRITE_TIMEOUT" envDefault:"1m" min:"1s" max:"1h" allowed:"a time from 1s to 1h"`
	MaxConnections  int           `env:"MAX_CONNECTIONS" envDefault:"10000" min:"10" max:"1000000" allowed:"a number from 10 to 1000000"`

	// How much of everything a visitor may do; README has the table of acts.
	Limits    string        `env:"LIMITS" allowed:"entries, separated by commas, such as upload.free=5-S+100-M, upload-bytes.pro=50GiB-D, uploads-at-once.guest=2 or search=fixed"`
	LimitKeys int           `env:"LIMIT_KEYS" envDefault:"250000" min:"10000" max:"100000000" allowed:"a number from 10000 to 100000000"`
	RedisURL  models.Secret `env:"REDIS_URL" allowed:"redis://user:password@host:6379/0, or rediss:// for TLS; empty counts in memory"`

	// Mail.
	SMTPURL           models.Secret `env:"SMTP_URL" allowed:"smtp://user:password@host:587 for STARTTLS or smtps://user:password@host:465 for TLS; empty sends no mail"`
	MailFrom          string        `env:"MAIL_FROM" allowed:"a mail address; needed with SMTP_URL"`
	EmailVerification string        `env:"EMAIL_VERIFICATION" envDefault:"optional" allowed:"optional, or required, which needs SMTP_URL"`

	// Accounts.
	Registration        string   `env:"REGISTRATION" envDefault:"open" allowed:"open, invitation or closed"`
	RegistrationDomains []string `env:"REGISTRATION_DOMAINS" allowed:"domains, separated by commas, such as example.org; empty: any"`

	OIDCIssuer       string        `env:"OIDC_ISSUER" allowed:"the https address of a provider of OpenID Connect, or http on this machine; empty: none"`
	OIDCClientID     string        `env:"OIDC_CLIENT_ID" allowed:"what the provider calls this site; needed with OIDC_ISSUER"`
	OIDCClientSecret models.Secret `env:"OIDC_CLIENT_SECRET" allowed:"the secret that the provider gave for it; empty: PKCE alone"`
	OIDCName         string        `env:"OIDC_NAME" envDefault:"single sign-on" allowed:"a few words"`
	OIDCGroupsClaim  string        `env:"OIDC_GROUPS_CLAIM" envDefault:"groups" allowed:"the name of a claim that lists groups"`
	OIDCRoles        []string      `env:"OIDC_ROLES" allowed:"entries, separated by commas, such as staff=moderator,ops=admin; empty: roles are given here alone"`

	SessionIdle     time.Duration `env:"SESSION_IDLE" envDefault:"168h" min:"5m" max:"8760h" allowed:"a time from 5m to 8760h"`
	SessionLifetime time.Duration `env:"SESSION_LIFETIME" envDefault:"720h" min:"5m" max:"8760h" allowed:"a time from 5m to 8760h"`
	ConfirmedFor    time.Duration `env:"CONFIRMED_FOR" envDefault:"30m" min:"1m" max:"24h" allowed:"a time from 1m to 24h"`
	TokenLifetime   time.Duration `env:"TOKEN_LIFETIME_MAX" envDefault:"8760h" min:"0s" max:"87600h" allowed:"a time from 0s to 87600h; 0s lets tokens be good for ever"`
	SecondFactor    []string      `env:"SECOND_FACTOR_ROLES" allowed:"a list of user, moderator and admin, separated by commas"`
	AuditRetention  time.Duration `env:"AUDIT_RETENTION" envDefault:"17520h" min:"0s" max:"175200h" allowed:"a time from 0s to 175200h; 0s keeps them for ever"`
	DeletionGrace   time.Duration `env:"DELETION_GRACE" envDefault:"720h" min:"1h" max:"2160h" allowed:"a time from 1h to 2160h"`
	Argon2Memory    Size          `env:"ARGON2_MEMORY" envDefault:"19MiB" min:"8MiB" max:"1GiB" allowed:"a size from 8MiB to 1GiB"`
	Argon2Passes    int           `env:"ARGON2_PASSES" envDefault:"2" min:"1" max:"10" allowed:"a number from 1 to 10"`
	Argon2Workers   int           `env:"ARGON2_WORKERS" envDefault:"2" min:"1" max:"64" allowed:"a number from 1 to 64"`

	// Files.
	UploadTypes         string `env:"UPLOAD_TYPES" envDefault:"images,audio,video,pdf,office,text,archives" allowed:"a list of images, audio, video, pdf, office, text, archives; or * for anything, as a download"`
	MaxFileSizeFree     Size   `env:"MAX_FILE_SIZE_FREE" envDefault:"1GiB" min:"1KiB" max:"1TiB" allowed:"a size from 1KiB to 1TiB"`
	MaxFileSizePro      Size   `env:"MAX_FILE_SIZE_PRO" envDefault:"5GiB" min:"1KiB" max:"1TiB" allowed:"a size from 1KiB to 1TiB"`
	MaxFileSizePremium  Size   `env:"MAX_FILE_SIZE_PREMIUM" envDefault:"20GiB" min:"1KiB" max:"1TiB" allowed:"a size from 1KiB to 1TiB"`
	StorageFree         Size   `env:"STORAGE_FREE" envDefault:"5GiB" min:"0B" max:"1PiB" allowed:"a size from 0B to 1PiB"`
	StoragePro          Size   `env:"STORAGE_PRO" envDefault:"50GiB" min:"0B" max:"1PiB" allowed:"a size from 0B to 1PiB"`
	StoragePremium      Size   `env:"STORAGE_PREMIUM" envDefault:"500GiB" min:"0B" max:"1PiB" allowed:"a size from 0B to 1PiB"`
	MaxPostFilesFree    int    `env:"MAX_POST_FILES_FREE" envDefault:"10" min:"1" max:"100" allowed:"a number from 1 to 100"`
	MaxPostFilesPro     int    `env:"MAX_POST_FILES_PRO" envDefault:"20" min:"1" max:"100" allowed:"a number from 1 to 100"`
	MaxPostFilesPremium int    `env:"MAX_POST_FILES_PREMIUM" envDefault:"50" min:"1" max:"100" allowed:"a number from 1 to 100"`
	MaxSideFree         int    `env:"MAX_IMAGE_SIDE_FREE" envDefault:"4096" min:"1" max:"65535" allowed:"a number of pixels from 1 to 65535"`
	MaxSidePro          int    `env:"MAX_IMAGE_SIDE_PRO" envDefault:"8192" min:"1" max:"65535" allowed:"a number of pixels from 1 to 65535"`
	MaxSidePremium      int    `env:"MAX_IMAGE_SIDE_PREMIUM" envDefault:"12288" min:"1" max:"65535" allowed:"a number of pixels from 1 to 65535"`
	MaxImagePixels      int64  `env:"MAX_IMAGE_PIXELS" envDefault:"50000000" min:"1" max:"1000000000" allowed:"a number of pixels from 1 to 1000000000"`
	MaxFrames           int    `env:"MAX_IMAGE_FRAMES" envDefault:"500" min:"1" max:"10000" allowed:"a number from 1 to 10000"`
	MaxFramePixels      int64  `env:"MAX_FRAME_PIXELS" envDefault:"200000000" min:"1" max:"1000000000" allowed:"a number of pixels, of all frames together, from 1 to 1000000000"`

	ImageWorkers int           `env:"IMAGE_WORKERS" envDefault:"2" min:"1" max:"64" allowed:"a number from 1 to 64"`
	ImageTimeout time.Duration `env:"IMAGE_TIMEOUT" envDefault:"30s" min:"1s" max:"10m" allowed:"a time from 1s to 10m"`
	SweepAfter   time.Duration `env:"SWEEP_AFTER" envDefault:"24h" min:"10m" max:"720h" allowed:"a time from 10m to 720h"`
}

// Secure reports whether people reach the site by HTTPS, so that cookies may
// be bound to it.
func (c Config) Secure() bool { return c.PublicURL.Scheme == "https" }

// FactorRoles returns the roles of whom a second factor is wanted.
func (c Config) FactorRoles() (roles []models.Role) {
	for _, name := range c.SecondFactor {
		role, _ := models.ParseRole(name) // it was judged when it was loaded
		roles = append(roles, role)
	}
	return roles
}

// ServesAPIDocs reports whether the description of the API is for everyone.
func (c Config) ServesAPIDocs() bool {
	return c.APIDocs == "on" || c.APIDocs == "auto" && !c.Secure()
}

// HSTS is the Strict-Transport-Security header (RFC 6797), or empty where a
// browser must be able to come back to http: a certificate of our own making is
// for development, on a host that other sites use too.
func (c Config) HSTS() string {
	if c.TLSMode == tlsSelfSigned {
		return ""
	}
	header := fmt.Sprintf("max-age=%d", int(c.HSTSMaxAge.Seconds()))
	if c.HSTSPreload {
		header += "; includeSubDomains; preload"
	}
	return header
}

// A Size is a number of bytes.
type Size = models.Size

// A SiteURL is an http or https address without path, query or user.
type SiteURL struct{ url.URL }

// IsZero reports whether no address was given.
func (u SiteURL) IsZero() bool { return u.Host == "" }
