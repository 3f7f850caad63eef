package gate

import (
	"strings"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// identifyToken identifies the visitor by an API token. An invalid token is an error
// even on public routes, because its holder expects to be signed in.
func (g *Gate) identifyToken(c echo.Context) error {
	header := c.Request().Header.Get("Authorization")
	if header == "" {
		return nil
	}
	scheme, text, _ := strings.Cut(header, " ")
	if !strings.EqualFold(scheme, "Bearer") {
		c.Response().Header().Set("WWW-Authenticate", `Bearer realm="cloakroom"`)
		return problem.New(problem.Unauthenticated, "Send an API token as a bearer token.")
	}
	token, user, err := g.Accounts.ByToken(c.Request().Context(), models.Secret(strings.TrimSpace(text)))
	if err != nil {
		c.Response().Header().Set("WWW-Authenticate", `Bearer realm="cloakroom", error="invalid_token"`)
		return err
	}
	if g.Accounts.OwesFactor(user) {
		return problem.New(problem.Forbidden,
			"Your role requires two-factor authentication. Set it up in your settings, and this token works again.")
	}
	v := VisitOf(c)
	v.User, v.Token, v.Scopes = user, token.Hash, token.Scopes
	return nil
}
