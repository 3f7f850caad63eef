package handlers

import (
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/accounts"
	"example.org/cloakroom/internal/models"
)

// settingsTokens handles GET /settings/tokens.
func (s *Server) settingsTokens(c echo.Context) error {
	form := tokenForm{Scopes: []string{string(models.ScopeRead)}, Expires: s.Accounts.TokenChoices()[0]}
	return s.showTokens(c, http.StatusOK, settingsTokensPage{Form: form})
}

func (s *Server) showTokens(c echo.Context, status int, data settingsTokensPage) error {
	data.page = s.page(c, "API tokens")
	tokens, err := s.Accounts.Tokens(c.Request().Context(), visitor(c))
	if err != nil {
		return err
	}
	now := s.Now()
	for _, token := range tokens {
		data.Tokens = append(data.Tokens, tokenRow{token, token.Expired(now), token.ExpiresSoon(now)})
	}
	for _, choice := range s.Accounts.TokenChoices() {
		data.Expiries = append(data.Expiries, choiceRow{choice, expiryWords[choice], choice == data.Form.Expires})
	}
	for _, scope := range models.AllScopes() {
		if scope != models.ScopeAdmin || visitor(c).IsAdmin() {
			data.Scopes = append(data.Scopes, choiceRow{string(scope), scopeWords[scope], slices.Contains(data.Form.Scopes, string(scope))})
		}
	}
	return s.show(c, status, "settings_tokens", data)
}

// What the choices of the form are called.
var (
	expiryWords = map[string]string{
		"7": "7 days", "30": "30 days", "90": "90 days", "365": "1 year",
		accounts.ExpiresOnDate: "On the date below", accounts.ExpiresNever: "Never",
	}
	scopeWords = map[models.Scope]string{
		models.ScopeRead: "Read", models.ScopeWrite: "Write: post, change and delete",
		models.ScopeUpload: "Upload files", models.ScopeAdmin: "Administer the site",
	}
)

// tokenCreate handles POST /settings/tokens. The answer is the one page that
// ever shows the token.
func (s *Server) tokenCreate(c echo.Context) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	in := accounts.TokenRequest{Name: form.Get("name"), Scopes: form["scope"], Expires: form.Get("expires"), Until: form.Get("until")}
	_, secret, err := s.Accounts.NewToken(c.Request().Context(), actor(c), in)
	if err != nil {
		return s.showForm(err, func(status int, problems Problems) error {
			return s.showTokens(c, status, settingsTokensPage{Form: tokenForm(in), Problems: problems})
		})
	}
	return s.showTokens(c, http.StatusCreated, settingsTokensPage{Secret: secret.Reveal()})
}

// tokenDelete handles POST /settings/tokens/:id/delete.
func (s *Server) tokenDelete(c echo.Context) error {
	if err := s.Accounts.DeleteToken(c.Request().Context(), actor(c), models.TokenID(c.Param("id"))); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/settings/tokens?notice=token")
}
