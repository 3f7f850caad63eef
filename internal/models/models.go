// Package models holds the nouns of the application and the values they may
// take: the Parse functions are the only way from raw text to a value that is
// known to be good. It knows neither the database nor the web: struct tags are
// its only trace of either.
package models

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// Identifiers are 130 random bits in base32 (crypto/rand.Text): they cannot be
// guessed or counted, and none comes from a visitor.
type (
	UserID    string
	PostID    string
	CommentID string
	FileID    string
	TokenID   string
	PasskeyID string
	ReportID  string
	BlobKey   string // names bytes in a storage.Store
)

// The constructors mint a fresh identifier each.
func NewUserID() UserID       { return UserID(rand.Text()) }
func NewPostID() PostID       { return PostID(rand.Text()) }
func NewCommentID() CommentID { return CommentID(rand.Text()) }
func NewFileID() FileID       { return FileID(rand.Text()) }
func NewTokenID() TokenID     { return TokenID(rand.Text()) }
func NewPasskeyID() PasskeyID { return PasskeyID(rand.Text()) }
func NewReportID() ReportID   { return ReportID(rand.Text()) }
func NewBlobKey() BlobKey     { return BlobKey(rand.Text()) }

// IsID reports whether s could be an identifier that crypto/rand.Text made.
func IsID(s string) bool {
	return s != "" && len(s) <= 64 && strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") == ""
}

// A Secret opens something to whoever holds it. It is shown once and kept only
// as its hash (OWASP ASVS 5.0, 11.4 and 13.3).
type Secret string

// A SecretHash is the SHA-256 of a Secret in hexadecimal. The secrets are
// random and long, so a plain hash is enough: there is nothing to guess.
type SecretHash string

// Valid reports whether h could be a hash.
func (h SecretHash) Valid() bool {
	return len(h) == 2*sha256.Size && strings.Trim(string(h), "0123456789abcdef") == ""
}

// NewSecret mints a secret of 130 random bits.
func NewSecret() Secret { return Secret(rand.Text()) }

// Hash returns what is kept of s.
func (s Secret) Hash() SecretHash {
	sum := sha256.Sum256([]byte(s))
	return SecretHash(hex.EncodeToString(sum[:]))
}

// String hides the secret from logs and formatted errors.
func (s Secret) String() string { return "[secret]" }

// Reveal returns the text to be shown, once, to the one it is for.
func (s Secret) Reveal() string { return string(s) }
