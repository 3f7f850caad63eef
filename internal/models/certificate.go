package models

import "time"

// A CertificateEntry is one encrypted item of the TLS store: a certificate with
// its key, an account key, or the response to a challenge.
type CertificateEntry struct {
	Authority string `gorm:"primaryKey"` // the certificate authority that it belongs to
	Name      string `gorm:"primaryKey"`
	Sealed    []byte // encrypted with the site key
	UpdatedAt time.Time
}

// A CertificateFailure records the last failed attempt to obtain a certificate.
type CertificateFailure struct {
	Authority string `gorm:"primaryKey"`
	Name      string `gorm:"primaryKey"`
	Message   string // the cause, shown to admins
	Tries     int    // consecutive failed attempts
	Ordered   bool   // NextAt comes from the authority's Retry-After
	FailedAt  time.Time
	NextAt    time.Time // earliest next attempt
}
