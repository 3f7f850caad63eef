package site

import (
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/accounts"
	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/handlers/page"
	"example.org/cloakroom/internal/models"
)

// tokenForm is what the user entered to create an API token.
type tokenForm struct {
	Name    string
	Access  string // a choice of tokenAccess
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

// An accessChoice is what a token can do, in the words of users.
type accessChoice struct {
	Value  string // the scopes, or accessChosen
	Name   string
	Words  string
	Chosen bool
}

// accessChosen is the access of a token whose scopes the user ticks.
const accessChosen = "chosen"

// tokenAccess returns the choices for a user. None of them but accessChosen gives the scope admin.
func tokenAccess(user models.User) []accessChoice {
	everything := "Everything you can do"
	if user.IsAdmin() {
		everything = "Everything but administration"
	}
	return []accessChoice{
		{Value: "upload", Name: "Upload and share", Words: "For ShareX, curl and phones. It can upload files and get links to them."},
		{Value: "read", Name: "Read everything", Words: "For backups. It can see and download what you can, and change nothing."},
		{Value: "read write upload", Name: everything, Words: "It can read, upload, post, share, change and delete."},
		{Value: accessChosen, Name: "Choose permissions", Words: "One by one."},
	}
}

// scopesOf returns the scopes that a choice in words gives the user, or none if it is no such choice.
func scopesOf(access string, user models.User) []string {
	for _, choice := range tokenAccess(user) {
		if choice.Value == access {
			return strings.Fields(access)
		}
	}
	return nil
}

// settingsTokensPage is the page "settings_tokens". Its fields are name, access, scope,
// expires and until.
type settingsTokensPage struct {
	page.Frame
	Tokens   []tokenRow
	Access   []accessChoice
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
	return s.showTokens(c, http.StatusOK, settingsTokensPage{Form: s.emptyTokenForm()})
}

func (s *Site) emptyTokenForm() tokenForm {
	return tokenForm{Access: string(models.ScopeUpload), Scopes: []string{string(models.ScopeRead)}, Expires: s.Accounts.TokenChoices()[0]}
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
	data.Access = tokenAccess(gate.Visitor(c))
	chosen := slices.IndexFunc(data.Access, func(a accessChoice) bool { return a.Value == data.Form.Access })
	if chosen < 0 {
		chosen = len(data.Access) - 1
	}
	data.Access[chosen].Chosen = true
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
var TokenFields = []gate.SavedField{
	{Name: "name", Label: "Name"}, {Name: "access"}, {Name: "scope"}, {Name: "expires"}, {Name: "until"},
}

// TokenCreate handles POST /settings/tokens: it creates an API token. The
// answer shows the token, once.
func (s *Site) TokenCreate(c echo.Context) error {
	form, err := gate.ReadForm(c)
	if err != nil {
		return err
	}
	typed := tokenForm{Name: form.Get("name"), Access: form.Get("access"), Scopes: form["scope"], Expires: form.Get("expires"),
		Until: form.Get("until")}
	in := accounts.TokenInput{Name: typed.Name, Scopes: typed.Scopes, Expires: typed.Expires, Until: typed.Until}
	if typed.Access != "" && typed.Access != accessChosen {
		in.Scopes = scopesOf(typed.Access, gate.Visitor(c))
	}
	_, secret, err := s.Accounts.NewToken(c.Request().Context(), gate.Actor(c), in)
	if err != nil {
		return s.ShowForm(err, func(status int, problems page.Problems) error {
			return s.showTokens(c, status, settingsTokensPage{Form: typed, Problems: problems})
		})
	}
	return s.showTokens(c, http.StatusCreated, settingsTokensPage{Secret: secret.Reveal(), Form: s.emptyTokenForm()})
}

// TokenDelete handles POST /settings/tokens/:id/delete: it deletes an API
// token.
func (s *Site) TokenDelete(c echo.Context) error {
	if err := s.Accounts.DeleteToken(c.Request().Context(), gate.Actor(c), models.TokenID(c.Param("id"))); err != nil {
		return err
	}
	return s.Tell(c, "/settings/tokens", "token")
}
