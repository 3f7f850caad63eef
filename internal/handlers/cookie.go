package handlers

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/models"
)

// A cookie is one of ours. All are hidden from scripts, and sent to this host
// alone where the site has HTTPS (RFC 6265bis, 4.1.3.2; OWASP ASVS 5.0, 3.3.1
// to 3.3.4). They are Lax: people arrive from links of other sites.
type cookie struct {
	name   string
	life   time.Duration // zero: until the browser closes
	secure bool
}

func (k cookie) fullName() string {
	if k.secure {
		return "__Host-" + k.name
	}
	return k.name
}

// get returns the value that the browser sent, or "".
func (k cookie) get(c echo.Context) models.Secret {
	sent, err := c.Cookie(k.fullName())
	if err != nil {
		return ""
	}
	return models.Secret(sent.Value)
}

// set gives the browser a value, or clears the cookie when it is "".
func (k cookie) set(c echo.Context, value models.Secret) {
	sent := &http.Cookie{ //nolint:gosec // Secure follows PUBLIC_URL, which may be http on one machine
		Name: k.fullName(), Value: value.Reveal(), Path: "/", MaxAge: int(k.life.Seconds()),
		HttpOnly: true, Secure: k.secure, SameSite: http.SameSiteLaxMode,
	}
	if value == "" {
		sent.MaxAge = -1
	}
	c.SetCookie(sent)
}
