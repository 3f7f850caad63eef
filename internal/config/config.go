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
// says what it is, allowed what it may hold, and min and max are inclusive bounds;
// group begins a group of them. README.md has the same table for people; a test
// keeps the two alike. What is a models.Secret is never shown.
type Config struct {
	// Where the site is.
	Addr      string  `group:"Where the site is" env:"ADDR" envDefault:"auto" allowed:"an address to listen on, such as :8080 or 127.0.0.1:8080; auto: 127.0.0.1:8080, and with TLS the port of PUBLIC_URL, of this machine alone if self-signed" says:"where the server listens"`
	PublicURL SiteURL `env:"PUBLIC_URL" envDefault:"http://localhost:8080" allowed:"the http or https address people use, without a path, such as https://files.example.org" says:"the address people use; https binds cookies to it"`

	AllowedHosts   []string       `env:"ALLOWED_HOSTS" allowed:"host names, separated by commas, by which the site goes besides that of PUBLIC_URL" says:"further names of the site; another name is refused"`
	TrustedProxies []netip.Prefix `env:"TRUSTED_PROXIES" allowed:"prefixes, separated by commas, such as 10.0.0.0/8,fd00::/8, of the proxies whose X-Forwarded headers are believed" says:"whose word on the visitor is believed; set it when a proxy on another machine speaks TLS for you"`
	HSTSMaxAge     time.Duration  `env:"HSTS_MAX_AGE" envDefault:"17520h" min:"0s" max:"87600h" allowed:"a time from 0s to 87600h" says:"how long browsers are told to come by https only, once they have"`
	HSTSPreload    bool           `env:"HSTS_PRELOAD" envDefault:"false" allowed:"true or false; true binds all subdomains, for years" says:"whether the browsers’ own lists may name the site"`

	SecurityContacts []string `env:"SECURITY_CONTACTS" allowed:"mailto: or https addresses, separated by commas, for security.txt" says:"how to report a weakness; without one there is no security.txt"`
	APIDocs          Switch   `env:"API_DOCS" envDefault:"auto" allowed:"on, off, or auto: off where people come by HTTPS" says:"whether /api/v1/openapi.json is served"`

	// TLS.
	TLSMode      string   `group:"TLS" env:"TLS_MODE" envDefault:"off" allowed:"off, autocert, files or self-signed; but for off PUBLIC_URL must be https, and for autocert all hosts must be names in the DNS" says:"who speaks TLS: a proxy in front (off), this program with certificates by ACME (autocert), from files, or, for development, from a local authority (self-signed)"`
	RedirectAddr string   `env:"REDIRECT_ADDR" envDefault:"auto" allowed:"an address to listen on, such as :80; off; or auto: :80 with autocert and files, else off" says:"where http is answered, with a redirect to https and with what a certificate authority asks for"`
	TLSCertFiles []string `env:"TLS_CERT_FILES" allowed:"files, separated by commas, each with a certificate and its chain in PEM; needed with TLS_MODE=files" says:"taken up when they change, without a restart"`
	TLSKeyFiles  []string `env:"TLS_KEY_FILES" allowed:"files, separated by commas, with the keys of TLS_CERT_FILES in the same order; needed with TLS_MODE=files" says:"the keys to them"`

	ACMEDirectory string        `env:"ACME_DIRECTORY" envDefault:"https://acme-v02.api.letsencrypt.org/directory" allowed:"the https address of an ACME directory" says:"the certificate authority of autocert"`
	ACMEEmail     string        `env:"ACME_EMAIL" allowed:"a mail address" says:"whom it may tell of trouble"`
	ACMECAFile    string        `env:"ACME_CA_FILE" allowed:"a file with certificates in PEM" says:"who signed the certificate of the directory itself, if this machine does not know"`
	ACMEKeyID     string        `env:"ACME_EAB_KEY_ID" allowed:"a key identifier; needed with ACME_EAB_HMAC_KEY" says:"the account there, if the authority wants one (external account binding)"`
	ACMEHMACKey   models.Secret `env:"ACME_EAB_HMAC_KEY" allowed:"a key in base64url; needed with ACME_EAB_KEY_ID" says:"the key of that account"`

	SiteKey     models.Secret `env:"SITE_KEY" allowed:"at least 32 random characters, the same on every server; empty: what is in SITE_KEY_FILE" says:"seals keys and certificates in the database"`
	SiteKeyFile string        `env:"SITE_KEY_FILE" envDefault:"site.key" allowed:"a file that nobody else may read; made if it is missing" says:"where that key is, unless SITE_KEY is set"`

	// Where what users uploaded is shown: a host that no cookie goes to.
	ContentOrigin SiteURL       `group:"Files from a host of their own" env:"CONTENT_ORIGIN" allowed:"the http or https address of a second host of this site, without a path, https where PUBLIC_URL is; empty serves files from PUBLIC_URL" says:"where files are shown from, without cookies; best under another domain, with a proxy that sends both hosts here"`
	ContentKey    models.Secret `env:"CONTENT_KEY" allowed:"at least 32 random characters, the same on every server; needed with CONTENT_ORIGIN" says:"signs the links to it"`

	// Who may use the API from pages of other sites.
	CORSOrigins     []Origin      `group:"The API from other sites" env:"CORS_ORIGINS" allowed:"origins, separated by commas, such as https://app.example.org or https://*.example.org; or * for any" says:"whose pages may use the API; none by default"`
	CORSMethods     []string      `env:"CORS_METHODS" envDefault:"GET,HEAD,POST,PUT,PATCH,DELETE" allowed:"HTTP methods, separated by commas" says:"what those pages may do"`
	CORSHeaders     []string      `env:"CORS_HEADERS" envDefault:"Authorization,Content-Type,Range,If-None-Match,If-Range" allowed:"names of headers, separated by commas, that a page may send" says:"what they may send along"`
	CORSExposed     []string      `env:"CORS_EXPOSED_HEADERS" envDefault:"Link,Location,ETag,Content-Range,Content-Disposition,Retry-After,RateLimit,RateLimit-Policy,X-RateLimit-Limit,X-RateLimit-Remaining,X-RateLimit-Reset,X-Request-Id" allowed:"names of headers, separated by commas, that a page may read" says:"what they may see of an answer"`
	CORSMaxAge      time.Duration `env:"CORS_MAX_AGE" envDefault:"10m" min:"0s" max:"24h" allowed:"a time from 0s to 24h" says:"how long a browser keeps our word on it"`
	CORSCredentials bool          `env:"CORS_CREDENTIALS" envDefault:"false" allowed:"true or false, and not true when CORS_ORIGINS is *" says:"whether cookies and the like may come along; the API needs none"`

	// Where rows and bytes are kept.
	DatabaseURL models.Secret `group:"Where rows and bytes are kept" env:"DATABASE_URL" envDefault:"sqlite://cloakroom.db" allowed:"sqlite://path or postgres://user:password@host/name" says:"the database"`
	UploadDir   string        `env:"UPLOAD_DIR" envDefault:"uploads" allowed:"a directory" says:"where the bytes are, unless S3 is set; made if it is missing"`
	S3Endpoint  SiteURL       `env:"S3_ENDPOINT" allowed:"the http or https address of an S3 service; empty keeps the bytes in UPLOAD_DIR" says:"keep the bytes in an S3 bucket"`
	S3Bucket    string        `env:"S3_BUCKET" allowed:"the name of a bucket that exists; needed with S3_ENDPOINT" says:"where in it"`
	S3Region    string        `env:"S3_REGION" envDefault:"us-east-1" allowed:"the region of the bucket" says:"where it is"`
	S3AccessKey models.Secret `env:"S3_ACCESS_KEY" allowed:"an access key; needed with S3_ENDPOINT" says:"who we are there"`
	S3SecretKey models.Secret `env:"S3_SECRET_KEY" allowed:"its secret; needed with S3_ENDPOINT" says:"how we prove it"`

	// Running.
	MetricsAddr string `group:"Running" env:"METRICS_ADDR" allowed:"an address to listen on for Prometheus, such as 127.0.0.1:9090; empty serves no metrics" says:"a second listener; give it to nobody but your Prometheus"`

	LogLevel        Level         `env:"LOG_LEVEL" envDefault:"info" allowed:"debug, info, warn or error" says:"how much the log says"`
	ShutdownTimeout time.Duration `env:"SHUTDOWN_TIMEOUT" envDefault:"30s" min:"0s" max:"1h" allowed:"a time from 0s to 1h" says:"how long running uploads may go on after a stop"`
	ReadTimeout     time.Duration `env:"READ_TIMEOUT" envDefault:"1m" min:"1s" max:"1h" allowed:"a time from 1s to 1h" says:"a visitor who sends less than 16 KiB of an upload in this time is let go"`
	WriteTimeout    time.Duration `env:"WRITE_TIMEOUT" envDefault:"1m" min:"1s" max:"1h" allowed:"a time from 1s to 1h" says:"and so is one who takes less than 1 MiB in this time"`
	MaxConnections  int           `env:"MAX_CONNECTIONS" envDefault:"10000" min:"10" max:"1000000" allowed:"a number from 10 to 1000000" says:"open connections at once; one more is closed at once"`

	// How much of everything a visitor may do; README has the table of acts.
	Limits    string        `group:"Limits" env:"LIMITS" allowed:"entries, separated by commas, such as upload.free=5-S+100-M, upload-bytes.pro=50GiB-D, uploads-at-once.guest=2 or search=fixed" says:"how often and how much, by act and tier"`
	LimitKeys int           `env:"LIMIT_KEYS" envDefault:"250000" min:"10000" max:"100000000" allowed:"a number from 10000 to 100000000" says:"counters kept in memory; each takes some 200 bytes"`
	RedisURL  models.Secret `env:"REDIS_URL" allowed:"redis://user:password@host:6379/0, or rediss:// for TLS; empty counts in memory" says:"where several servers count together"`

	// Mail.
	SMTPURL           models.Secret `group:"Mail" env:"SMTP_URL" allowed:"smtp://user:password@host:587 for STARTTLS or smtps://user:password@host:465 for TLS; empty sends no mail" says:"without TLS only to this machine itself"`
	MailFrom          string        `env:"MAIL_FROM" allowed:"a mail address; needed with SMTP_URL" says:"whom mails come from"`
	EmailVerification string        `env:"EMAIL_VERIFICATION" envDefault:"optional" allowed:"optional, or required, which needs SMTP_URL" says:"required: who has not proved their address may only read"`

	// Accounts.
	Registration        string   `group:"Accounts" env:"REGISTRATION" envDefault:"open" allowed:"open, invitation or closed" says:"who may become a user; none is ever made an admin"`
	RegistrationDomains []string `env:"REGISTRATION_DOMAINS" allowed:"domains, separated by commas, such as example.org; empty: any" says:"at which mail addresses must be; worth something with EMAIL_VERIFICATION=required"`

	OIDCIssuer       string        `env:"OIDC_ISSUER" allowed:"the https address of a provider of OpenID Connect, or http on this machine; empty: none" says:"by whom people can log in too"`
	OIDCClientID     string        `env:"OIDC_CLIENT_ID" allowed:"what the provider calls this site; needed with OIDC_ISSUER" says:"who we are there"`
	OIDCClientSecret models.Secret `env:"OIDC_CLIENT_SECRET" allowed:"the secret that the provider gave for it; empty: PKCE alone" says:"how we prove it"`
	OIDCName         string        `env:"OIDC_NAME" envDefault:"single sign-on" allowed:"a few words" says:"what the button calls it"`
	OIDCGroupsClaim  string        `env:"OIDC_GROUPS_CLAIM" envDefault:"groups" allowed:"the name of a claim that lists groups" says:"where the provider says who is in which group"`
	OIDCRoles        []string      `env:"OIDC_ROLES" allowed:"entries, separated by commas, such as staff=moderator,ops=admin; empty: roles are given here alone" says:"the role follows the provider at each log-in; who is in none of the groups is a user"`

	SessionIdle     time.Duration `env:"SESSION_IDLE" envDefault:"168h" min:"5m" max:"8760h" allowed:"a time from 5m to 8760h" says:"a session unused for so long is over"`
	SessionLifetime time.Duration `env:"SESSION_LIFETIME" envDefault:"720h" min:"5m" max:"8760h" allowed:"a time from 5m to 8760h" says:"and so is any session after this"`
	ConfirmedFor    time.Duration `env:"CONFIRMED_FOR" envDefault:"30m" min:"1m" max:"24h" allowed:"a time from 1m to 24h" says:"after typing the password, dangerous acts need it no more for so long"`
	TokenLifetime   time.Duration `env:"TOKEN_LIFETIME_MAX" envDefault:"8760h" min:"0s" max:"87600h" allowed:"a time from 0s to 87600h; 0s lets tokens be good for ever" says:"how long an API token may be good; 0s lets some be good for ever"`
	SecondFactor    []string      `env:"SECOND_FACTOR_ROLES" allowed:"a list of user, moderator and admin, separated by commas" says:"who must have a second factor, and may do nothing else until they do"`
	AuditRetention  time.Duration `env:"AUDIT_RETENTION" envDefault:"17520h" min:"0s" max:"175200h" allowed:"a time from 0s to 175200h; 0s keeps them for ever" says:"events of the audit log are removed after this, with a signed note of it"`
	ReportClaim     time.Duration `env:"REPORT_CLAIM" envDefault:"30m" min:"1m" max:"24h" allowed:"a time from 1m to 24h" says:"how long a report is a moderator’s alone, once they have claimed it"`
	BreakGlass      time.Duration `env:"BREAK_GLASS" envDefault:"15m" min:"1m" max:"8h" allowed:"a time from 1m to 8h" says:"how long an admin sees what is private, once they have said why"`
	DeletionGrace   time.Duration `env:"DELETION_GRACE" envDefault:"720h" min:"1h" max:"2160h" allowed:"a time from 1h to 2160h" says:"how long who asked to be deleted can repent"`
	Argon2Memory    Size          `env:"ARGON2_MEMORY" envDefault:"19MiB" min:"8MiB" max:"1GiB" allowed:"a size from 8MiB to 1GiB" says:"memory of one password hash"`
	Argon2Passes    int           `env:"ARGON2_PASSES" envDefault:"2" min:"1" max:"10" allowed:"a number from 1 to 10" says:"passes over it"`
	Argon2Workers   int           `env:"ARGON2_WORKERS" envDefault:"2" min:"1" max:"64" allowed:"a number from 1 to 64" says:"password hashes at once"`

	// Files.
	UploadTypes         string `group:"Files" env:"UPLOAD_TYPES" envDefault:"images,audio,video,pdf,office,text,archives" allowed:"a list of images, audio, video, pdf, office, text, archives; or * for anything, as a download" says:"which files are taken"`
	MaxFileSizeFree     Size   `env:"MAX_FILE_SIZE_FREE" envDefault:"1GiB" min:"1KiB" max:"1TiB" allowed:"a size from 1KiB to 1TiB" says:"largest file of the tier free"`
	MaxFileSizePro      Size   `env:"MAX_FILE_SIZE_PRO" envDefault:"5GiB" min:"1KiB" max:"1TiB" allowed:"a size from 1KiB to 1TiB" says:"largest file of the tier pro"`
	MaxFileSizePremium  Size   `env:"MAX_FILE_SIZE_PREMIUM" envDefault:"20GiB" min:"1KiB" max:"1TiB" allowed:"a size from 1KiB to 1TiB" says:"largest file of the tier premium"`
	StorageFree         Size   `env:"STORAGE_FREE" envDefault:"5GiB" min:"0B" max:"1PiB" allowed:"a size from 0B to 1PiB" says:"all files of a user of the tier free together"`
	StoragePro          Size   `env:"STORAGE_PRO" envDefault:"50GiB" min:"0B" max:"1PiB" allowed:"a size from 0B to 1PiB" says:"all files of a user of the tier pro together"`
	StoragePremium      Size   `env:"STORAGE_PREMIUM" envDefault:"500GiB" min:"0B" max:"1PiB" allowed:"a size from 0B to 1PiB" says:"all files of a user of the tier premium together"`
	MaxPostFilesFree    int    `env:"MAX_POST_FILES_FREE" envDefault:"10" min:"1" max:"100" allowed:"a number from 1 to 100" says:"files of one post, tier free"`
	MaxPostFilesPro     int    `env:"MAX_POST_FILES_PRO" envDefault:"20" min:"1" max:"100" allowed:"a number from 1 to 100" says:"files of one post, tier pro"`
	MaxPostFilesPremium int    `env:"MAX_POST_FILES_PREMIUM" envDefault:"50" min:"1" max:"100" allowed:"a number from 1 to 100" says:"files of one post, tier premium"`
	MaxSideFree         int    `env:"MAX_IMAGE_SIDE_FREE" envDefault:"4096" min:"1" max:"65535" allowed:"a number of pixels from 1 to 65535" says:"width and height of a picture, tier free"`
	MaxSidePro          int    `env:"MAX_IMAGE_SIDE_PRO" envDefault:"8192" min:"1" max:"65535" allowed:"a number of pixels from 1 to 65535" says:"width and height of a picture, tier pro"`
	MaxSidePremium      int    `env:"MAX_IMAGE_SIDE_PREMIUM" envDefault:"12288" min:"1" max:"65535" allowed:"a number of pixels from 1 to 65535" says:"width and height of a picture, tier premium"`
	MaxImagePixels      int64  `env:"MAX_IMAGE_PIXELS" envDefault:"50000000" min:"1" max:"1000000000" allowed:"a number of pixels from 1 to 1000000000" says:"width × height of a picture"`
	MaxFrames           int    `env:"MAX_IMAGE_FRAMES" envDefault:"500" min:"1" max:"10000" allowed:"a number from 1 to 10000" says:"frames of an animation"`
	MaxFramePixels      int64  `env:"MAX_FRAME_PIXELS" envDefault:"200000000" min:"1" max:"1000000000" allowed:"a number of pixels, of all frames together, from 1 to 1000000000" says:"width × height × frames"`

	ImageWorkers int           `env:"IMAGE_WORKERS" envDefault:"2" min:"1" max:"64" allowed:"a number from 1 to 64" says:"pictures decoded at once"`
	ImageTimeout time.Duration `env:"IMAGE_TIMEOUT" envDefault:"30s" min:"1s" max:"10m" allowed:"a time from 1s to 10m" says:"time for one picture"`
	SweepAfter   time.Duration `env:"SWEEP_AFTER" envDefault:"24h" min:"10m" max:"720h" allowed:"a time from 10m to 720h" says:"bytes without a record are removed after this"`

	from *source
}

// A source is what a Config was made of. It hangs on a pointer, so that whoever
// prints a Config prints none of it.
type source struct {
	named map[string]bool   // what the environment names
	given map[string]string // and what it says, under what admins changed
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
