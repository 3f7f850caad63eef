package site

import (
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/accounts"
	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/handlers/page"
	"example.org/cloakroom/internal/models"
)

// tokenForm is what the user entered to create an API token.
type tokenForm struct {
	Name    string
	Scopes  []string
	Expires string
	Until   string
}

// A tokenRow is an API token in the list.
type tokenRow struct {
	models.APIToken
	Over bool // expired
	Soon bool // expires within a day
}

// settingsTokensPage is the page "settings_tokens". Its fields are name, scope,
// expires and until.
type settingsTokensPage struct {
	page.Frame
	Tokens   []tokenRow
	Scopes   []page.Choice
	Expiries []page.Choice
	Secret   string // a new token, shown once; otherwise empty
	Lines    programLines
	Form     tokenForm
	Problems page.Problems
}

// TokenList handles GET /settings/tokens: the user's API tokens, with a form
// for a new one.
func (s *Site) TokenList(c echo.Context) error {
	form := tokenForm{Scopes: []string{string(models.ScopeRead)}, Expires: s.Accounts.TokenChoices()[0]}
	return s.showTokens(c, http.StatusOK, settingsTokensPage{Form: form})
}

func (s *Site) showTokens(c echo.Context, status int, data settingsTokensPage) error {
	data.Frame = s.Frame(c, "API tokens")
	tokens, err := s.Accounts.Tokens(c.Request().Context(), gate.Visitor(c))
	if err != nil {
		return err
	}
	if data.Lines, err = s.programLines(data.Secret); err != nil {
		return err
	}
	now := s.Now()
	for _, token := range tokens {
		data.Tokens = append(data.Tokens, tokenRow{token, token.Expired(now), token.ExpiresSoon(now)})
	}
	for _, choice := range s.Accounts.TokenChoices() {
		data.Expiries = append(data.Expiries, page.Choice{Value: choice, Words: expiryWords[choice], Chosen: choice == data.Form.Expires})
	}
	for _, scope := range models.AllScopes() {
		if scope != models.ScopeAdmin || gate.Visitor(c).IsAdmin() {
			chosen := slices.Contains(data.Form.Scopes, string(scope))
			data.Scopes = append(data.Scopes, page.Choice{Value: string(scope), Words: scopeWords[scope], Chosen: chosen})
		}
	}
	return s.Show(c, status, "settings_tokens", data)
}

// The labels of the choices in the form.
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

// TokenFields are the fields of a new token that come back when the gate refuses the form.
var TokenFields = []gate.SavedField{{Name: "name", Label: "Name"}, {Name: "scope"}, {Name: "expires"}, {Name: "until"}}

// TokenCreate handles POST /settings/tokens: it creates an API token. The
// answer shows the token, once.
func (s *Site) TokenCreate(c echo.Context) error {
	form, err := gate.ReadForm(c)
	if err != nil {
		return err
	}
	in := accounts.TokenInput{Name: form.Get("name"), Scopes: form["scope"], Expires: form.Get("expires"), Until: form.Get("until")}
	_, secret, err := s.Accounts.NewToken(c.Request().Context(), gate.Actor(c), in)
	if err != nil {
		return s.ShowForm(err, func(status int, problems page.Problems) error {
			return s.showTokens(c, status, settingsTokensPage{Form: tokenForm(in), Problems: problems})
		})
	}
	return s.showTokens(c, http.StatusCreated, settingsTokensPage{Secret: secret.Reveal()})
}

// TokenDelete handles POST /settings/tokens/:id/delete: it deletes an API
// token.
func (s *Site) TokenDelete(c echo.Context) error {
	if err := s.Accounts.DeleteToken(c.Request().Context(), gate.Actor(c), models.TokenID(c.Param("id"))); err != nil {
		return err
	}
	return s.Tell(c, "/settings/tokens", "token")
}
