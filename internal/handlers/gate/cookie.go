package gate

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/models"
)

// A cookie is one of ours. All are hidden from scripts, and sent to this host
// alone where the site has HTTPS (RFC 6265bis, 4.1.3.2; OWASP ASVS 5.0, 3.3.1
// to 3.3.4). They are Lax: people arrive from links of other sites.
type Cookie struct {
	Name   string
	Life   time.Duration // zero: until the browser closes
	Secure bool
}

func (k Cookie) fullName() string {
	if k.Secure {
		return "__Host-" + k.Name
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

// Set gives the browser a value, or clears the cookie when it is "".
func (k Cookie) Set(c echo.Context, value models.Secret) {
	sent := &http.Cookie{ //nolint:gosec // Secure follows PUBLIC_URL, which may be http on one machine
		Name: k.fullName(), Value: value.Reveal(), Path: "/", MaxAge: int(k.Life.Seconds()),
		HttpOnly: true, Secure: k.Secure, SameSite: http.SameSiteLaxMode,
	}
	if value == "" {
		sent.MaxAge = -1
	}
	c.SetCookie(sent)
}
