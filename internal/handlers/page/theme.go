package page

import (
	"time"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/models"
)

// A Theme is the choice between light and dark pages. The zero Theme follows the system.
type Theme string

// The themes other than the system's.
const (
	Light Theme = "light"
	Dark  Theme = "dark"
)

// ParseTheme returns the theme that a form or a cookie names, where "system" is the zero
// Theme, and whether there is such a theme.
func ParseTheme(s string) (Theme, bool) {
	switch theme := Theme(s); theme {
	case Light, Dark:
		return theme, true
	case "system":
		return "", true
	}
	return "", false
}

// themeLife is how long a browser keeps the choice.
const themeLife = 365 * 24 * time.Hour

func (re *Renderer) themeCookie() gate.Cookie {
	return gate.Cookie{Name: "theme", Life: themeLife, Secure: re.Options.Secure}
}

// KeepTheme keeps the visitor's choice in a cookie. The server puts it into each page, so
// that no page is first drawn in the wrong theme.
func (re *Renderer) KeepTheme(c echo.Context, theme Theme) {
	re.themeCookie().Set(c, models.Secret(theme))
}

// theme returns the visitor's choice.
func (re *Renderer) theme(c echo.Context) Theme {
	theme, _ := ParseTheme(re.themeCookie().Get(c).Reveal())
	return theme
}
