package handlers

import "example.org/cloakroom/internal/certificates"

// certificateRow is how a certificate is, in words.
type certificateRow struct {
	certificates.State
	Says     string
	Needy    bool // somebody must look after it
	DaysLeft int
	MayRetry bool
}

// adminCertificatesPage is the page "admin_certificates".
type adminCertificatesPage struct {
	page
	Here         bool // this program speaks TLS
	Certificates []certificateRow
}
