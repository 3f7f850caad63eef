package models

import "time"

// A CertificateEntry is something that is kept for TLS: a certificate with its
// key, the key of an account, the answer to a challenge.
type CertificateEntry struct {
	Authority string `gorm:"primaryKey"` // who gave it
	Name      string `gorm:"primaryKey"`
	Sealed    []byte // nobody reads it without the site key
	UpdatedAt time.Time
}

// A CertificateFailure is the last try to get a certificate, which failed.
type CertificateFailure struct {
	Authority string `gorm:"primaryKey"`
	Name      string `gorm:"primaryKey"`
	Message   string // why, for a person
	Tries     int    // that failed, one after the other
	Ordered   bool   // it is the authority who said when to come again
	FailedAt  time.Time
	NextAt    time.Time // the earliest next try
}
