package gate

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/problem"
)

// A pagePolicy is the Content-Security-Policy of the pages (OWASP ASVS 5.0, 3.4.3):
// it allows what the site itself serves and nothing inline. Each field can name one
// more allowed origin.
type pagePolicy struct {
	media      string // media players can load from it
	formAction string // forms can be redirected to it
	frames     bool   // a frame can show an uploaded file, from here or from media
}

// String returns the policy as the value of its header.
func (p pagePolicy) String() string {
	selfAnd := func(origin string) string {
		if origin == "" {
			return "'self'"
		}
		return "'self' " + origin
	}
	frames := ""
	if p.frames {
		frames = "frame-src " + selfAnd(p.media) + "; "
	}
	return "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; " + frames +
		"media-src " + selfAnd(p.media) + "; font-src 'self'; connect-src 'self'; manifest-src 'self'; " +
		"form-action " + selfAnd(p.formAction) + "; " +
		"frame-ancestors 'none'; base-uri 'none'; object-src 'none'; " +
		"require-trusted-types-for 'script'; trusted-types 'none'; report-to default; report-uri " + BrowserReportsPath
}

// BytesPolicy is the Content-Security-Policy of uploaded files: active content runs
// in a sandbox without an origin and can load nothing (OWASP ASVS 5.0, 3.2.1).
const BytesPolicy = "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox"

// FramedBytesPolicy returns the policy of uploaded files that a frame on a page of the site
// shows: it allows nothing more to what is in the frame.
func (g *Gate) FramedBytesPolicy() string {
	by := "'self'"
	if g.Options.ContentOrigin != "" {
		by = g.Options.PublicURL
	}
	return strings.Replace(BytesPolicy, "frame-ancestors 'none'", "frame-ancestors "+by, 1)
}

// CanFrame reports whether a page can show an uploaded file in a frame. The file would refuse
// that on a name of the site that is not the one in PUBLIC_URL, if files come from the content
// host.
func (g *Gate) CanFrame(c echo.Context) bool {
	return g.Options.ContentOrigin == "" || Hostname(originOf(c).Host) == hostOf(g.Options.PublicURL)
}

// AllowFrame allows this page to show an uploaded file in a frame.
func (g *Gate) AllowFrame(c echo.Context) {
	c.Response().Header().Set(HeaderPolicy, pagePolicy{media: g.Options.ContentOrigin, formAction: "", frames: true}.String())
}

// AllowFormRedirectTo allows the forms of this page to be redirected to origin,
// because browsers apply form-action to redirects too.
func (g *Gate) AllowFormRedirectTo(c echo.Context, origin string) {
	c.Response().Header().Set(HeaderPolicy, pagePolicy{media: g.Options.ContentOrigin, formAction: origin, frames: false}.String())
}

// HeaderPolicy is the name of the header with the Content-Security-Policy.
const HeaderPolicy = "Content-Security-Policy"

// permissions disables the browser features that no page of this site uses.
const permissions = "accelerometer=(), autoplay=(), browsing-topics=(), camera=(), display-capture=(), encrypted-media=(), " +
	"geolocation=(), gyroscope=(), identity-credentials-get=(), local-fonts=(), magnetometer=(), microphone=(), " +
	"midi=(), payment=(), screen-wake-lock=(), serial=(), storage-access=(), usb=(), xr-spatial-tracking=()"

// SecureHeaders sets the security headers of every response: HSTS over HTTPS alone.
// Media players can load from the content origin.
func (g *Gate) SecureHeaders() echo.MiddlewareFunc {
	fixed := fixedHeaders(map[string]string{
		HeaderPolicy:             pagePolicy{media: g.Options.ContentOrigin, formAction: "", frames: false}.String(),
		"Reporting-Endpoints":    `default="` + BrowserReportsPath + `"`,
		"X-Content-Type-Options": "nosniff",
		"X-Frame-Options":        "DENY",
		"Referrer-Policy":        "same-origin",
		// Attackers could use the XSS filter of old browsers against the page that
		// it protected, so it is off (OWASP Secure Headers).
		"X-XSS-Protection":             "0",
		"Permissions-Policy":           permissions,
		"Cross-Origin-Opener-Policy":   "same-origin",
		"Cross-Origin-Embedder-Policy": "require-corp", // pages embed nothing of other sites
		"Cross-Origin-Resource-Policy": "same-origin",
	})
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			h := c.Response().Header()
			for _, one := range fixed {
				h[one.name] = one.values
			}
			if g.Options.Secure && g.Options.HSTS != "" && originOf(c).HTTPS {
				h.Set("Strict-Transport-Security", g.Options.HSTS)
			}
			return next(c)
		}
	}
}

// A fixedHeader is a header with the same value in every response. Its slice is full, so
// that http.Header.Add copies it.
type fixedHeader struct {
	name   string // in the spelling of http.Header
	values []string
}

func fixedHeaders(values map[string]string) []fixedHeader {
	fixed := make([]fixedHeader, 0, len(values))
	for name, value := range values {
		fixed = append(fixed, fixedHeader{http.CanonicalHeaderKey(name), []string{value}})
	}
	return fixed
}

// RequireSameOrigin rejects requests that a page of another site made the browser
// send, except GET, HEAD, OPTIONS and what CORS allows (OWASP ASVS 5.0, 3.5.1 and
// 3.5.3).
func RequireSameOrigin() echo.MiddlewareFunc {
	protection := http.NewCrossOriginProtection()
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			if AllowedByCORS(c) {
				return next(c)
			}
			if err := protection.Check(c.Request()); err != nil {
				return problem.New(problem.Forbidden,
					"This request came from another site and was blocked. Open the page on this site and try again.")
			}
			return next(c)
		}
	}
}

// BrowserReportsPath is the path to which browsers report policy violations.
const BrowserReportsPath = "/reports"
