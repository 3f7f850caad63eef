package handlers

import (
	"time"

	"example.org/cloakroom/internal/models"
)

// accountForm is what someone without an account typed. Passwords are never
// sent back.
type accountForm struct {
	Username string
	Email    string
}

// registerPage is the page "register". Its fields are username, email and
// password.
type registerPage struct {
	page
	Form     accountForm
	Problems Problems
}

// setupPage is the page "setup", which creates the first admin. It has the
// fields of "register", and posts to its own address: the secret is in it.
type setupPage struct {
	page
	Form     accountForm
	Problems Problems
}

// loginForm is what someone typed to log in.
type loginForm struct {
	Username string
	Next     string // where to go afterwards; a path of ours, judged by the handler
}

// loginPage is the page "login". Its fields are username, password and next.
type loginPage struct {
	page
	Form     loginForm
	Problems Problems
	Wait     int    // seconds until it may be sent again; zero: at once
	Provider string // by which one can log in too; empty: none
}

// confirmPage is the page "confirm". Its fields are password and next.
type confirmPage struct {
	page
	Next     string // where to go afterwards; a path of ours, judged by the handler
	Passkey  bool   // they have one
	Provider string // by which they can log in again instead; empty: none
	Problems Problems
	Wait     int // seconds until it may be sent again; zero: at once
}

// profileForm is what a user typed about themselves.
type profileForm struct {
	Email   string
	Phone   string
	Website string
	Bio     string
}

// settingsProfilePage is the page "settings_profile". Its fields are email,
// phone, website, bio, and avatar in a form of its own.
type settingsProfilePage struct {
	page
	Form     profileForm
	Unproved bool // the mail address is to be proved
	Problems Problems
}

// settingsSecurityPage is the page "settings_security". Its fields are
// current_password and password.
type settingsSecurityPage struct {
	page
	Problems Problems
	Wait     int // seconds until it may be sent again; zero: at once
}

// sessionRow is one browser that is logged in.
type sessionRow struct {
	models.Session
	Current bool // the one that asks
}

// settingsSessionsPage is the page "settings_sessions". Its field is session,
// the row's Hash; all=1 ends every other.
type settingsSessionsPage struct {
	page
	Sessions []sessionRow
}

// tokenForm is what a user typed to make an API token.
type tokenForm struct {
	Name    string
	Scopes  []string
	Expires string
	Until   string
}

// A choiceRow is one of what a form lets its sender choose from.
type choiceRow struct {
	Value  string
	Words  string
	Chosen bool
}

// A tokenRow is an API token in the list of its user.
type tokenRow struct {
	models.APIToken
	Over bool // it has expired
	Soon bool // it will within a day
}

// settingsTokensPage is the page "settings_tokens". Its fields are name, scope,
// expires and until.
type settingsTokensPage struct {
	page
	Tokens   []tokenRow
	Scopes   []choiceRow
	Expiries []choiceRow
	Secret   string // the token just made, revealed this once; else empty
	Form     tokenForm
	Problems Problems
}

// loginFactorPage is the page "login_factor". Its fields are code and next.
type loginFactorPage struct {
	page
	Next     string // where to go afterwards; a path of ours, judged by the handler
	Passkey  bool   // they have one
	Problems Problems
	Wait     int // seconds until it may be sent again; zero: at once
}

// settingsDataPage is the page "settings_data". Its field is username.
type settingsDataPage struct {
	page
	Used      int64     // bytes of all files
	DeletedAt time.Time // if they ask for it now
	Problems  Problems
}

// settingsKeepPage is the page "settings_keep".
type settingsKeepPage struct {
	page
	DeletedAt time.Time
}

// settingsFactorPage is the page "settings_factor". Its fields are code, and
// name in the form for a passkey.
type settingsFactorPage struct {
	page
	Factor   models.SecondFactor
	Owed     bool     // the policy wants one, and there is none
	Secret   string   // of the one being set up
	Name     string   // typed for a passkey
	Codes    []string // fresh recovery codes: shown this once
	Problems Problems
}
