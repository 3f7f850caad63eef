package gate

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/problem"
)

// A pagePolicy is the Content-Security-Policy of our own pages (OWASP ASVS 5.0,
// 3.4.3): only what the site itself serves, nothing inline. Its fields name the
// one origin each that is allowed beside it, or are empty.
type pagePolicy struct {
	media      string // players play from there
	formAction string // forms may be redirected there
}

// String writes the policy as the value of its header.
func (p pagePolicy) String() string {
	beside := func(origin string) string {
		if origin == "" {
			return "'self'"
		}
		return "'self' " + origin
	}
	return "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src " + beside(p.media) + "; font-src 'self'; " +
		"connect-src 'self'; form-action " + beside(p.formAction) + "; frame-ancestors 'none'; base-uri 'none'; object-src 'none'; " +
		"require-trusted-types-for 'script'; trusted-types 'none'; report-to default; report-uri " + BrowserReportsPath
}

// BytesPolicy is the Content-Security-Policy of what a user uploaded: should it
// turn out to be active after all, it runs as nobody and reaches nothing (OWASP
// ASVS 5.0, 3.2.1).
const BytesPolicy = "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox"

// AllowFormRedirectTo lets the forms of a page be redirected to an origin:
// browsers check where a form ends up.
func (g *Gate) AllowFormRedirectTo(c echo.Context, origin string) {
	c.Response().Header().Set(HeaderPolicy, pagePolicy{media: g.Options.ContentOrigin, formAction: origin}.String())
}

const HeaderPolicy = "Content-Security-Policy"

// permissions turns off what no page of ours asks a browser for.
const permissions = "accelerometer=(), autoplay=(), browsing-topics=(), camera=(), display-capture=(), encrypted-media=(), geolocation=(), " +
	"gyroscope=(), identity-credentials-get=(), local-fonts=(), magnetometer=(), microphone=(), midi=(), payment=(), screen-wake-lock=(), " +
	"serial=(), storage-access=(), usb=(), xr-spatial-tracking=()"

// SecureHeaders sets the headers that every response carries. The players of our
// pages may play from the content origin.
func (g *Gate) SecureHeaders(next echo.HandlerFunc) echo.HandlerFunc {
	policy := pagePolicy{media: g.Options.ContentOrigin, formAction: ""}.String()
	return func(c echo.Context) error {
		h := c.Response().Header()
		h.Set(HeaderPolicy, policy)
		h.Set("Reporting-Endpoints", `default="`+BrowserReportsPath+`"`)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "same-origin")
		// Old browsers had a filter against XSS that could be turned against the
		// page it was to protect; it is off (OWASP Secure Headers).
		h.Set("X-XSS-Protection", "0")
		h.Set("Permissions-Policy", permissions)
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Embedder-Policy", "require-corp") // all we embed is our own
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		return next(c)
	}
}

// SameOrigin refuses what another site makes a browser send: what is not a
// plain read must come from a page of ours (OWASP ASVS 5.0, 3.5.1 and 3.5.3).
func SameOrigin() echo.MiddlewareFunc {
	protection := http.NewCrossOriginProtection()
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			if AllowedByCORS(c) {
				return next(c)
			}
			if err := protection.Check(c.Request()); err != nil {
				return problem.New(problem.Forbidden, "This request came from another site and was blocked. Open the page on this site and try again.")
			}
			return next(c)
		}
	}
}

// BrowserReportsPath is where browsers report violations of our policies.
const BrowserReportsPath = "/reports"
