package gate

import (
	"cmp"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/models"
)

// A Cookie is a cookie of this site. Scripts cannot read it, and with HTTPS the
// browser sends it to this host alone (RFC 6265bis, 4.1.3.2; OWASP ASVS 5.0, 3.3.1
// to 3.3.4). It is Lax, because people arrive from links on other sites.
type Cookie struct {
	Name   string
	Path   string        // empty: the whole site; else the only paths below which it is sent
	Life   time.Duration // zero: until the browser closes
	Secure bool          // the site is served over HTTPS
}

// fullName returns the name that the browser knows, with a prefix over HTTPS. A cookie
// with a path of its own cannot have the prefix __Host-.
func (k Cookie) fullName() string {
	switch {
	case k.Secure && k.Path == "":
		return "__Host-" + k.Name
	case k.Secure:
		return "__Secure-" + k.Name
	}
	return k.Name
}

// Get returns the value that the browser sent, or "".
func (k Cookie) Get(c echo.Context) models.Secret {
	sent, err := c.Cookie(k.fullName())
	if err != nil {
		return ""
	}
	return models.Secret(sent.Value)
}

// Set stores value in the browser, or clears the cookie if value is "".
func (k Cookie) Set(c echo.Context, value models.Secret) {
	sent := &http.Cookie{ //nolint:gosec // Secure follows PUBLIC_URL, which may be http on one machine
		Name: k.fullName(), Value: value.Reveal(), Path: cmp.Or(k.Path, "/"), MaxAge: int(k.Life.Seconds()),
		HttpOnly: true, Secure: k.Secure, SameSite: http.SameSiteLaxMode,
	}
	if value == "" {
		sent.MaxAge = -1
	}
	c.SetCookie(sent)
}
