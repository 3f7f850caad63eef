package handlers

import "example.org/cloakroom/internal/models"

// A linkRow is an identity that opens the viewer's account.
type linkRow struct {
	models.Link
	Name string // of its provider
}

// settingsSignInPage is the page "settings_sign_in". Its fields are issuer and
// subject, those of a row.
type settingsSignInPage struct {
	page
	Links      []linkRow
	Provider   string // to which one can be linked; empty: there is none
	NoPassword bool   // nobody knows that of the account
	Mails      bool   // a link that sets one can be sent
	Problems   Problems
}
