package handlers

import "example.org/cloakroom/internal/models"

// forgotPage is the page "forgot". Its field is account.
type forgotPage struct {
	page
	Mails    bool // there is a mail server; else an admin has to help
	Account  string
	Problems Problems
}

// verifyPage is the page "verify".
type verifyPage struct {
	page
	Username models.Username
	Email    models.Email
}
