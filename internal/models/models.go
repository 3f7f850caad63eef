// Package models holds the nouns of the application and the values that they can
// take. The Parse functions are the only way from raw text to a validated value.
// The package depends on neither the database nor the web; struct tags are its
// only trace of either.
package models

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"strconv"
	"strings"
)

// Identifiers are 130 random bits in base32 (crypto/rand.Text), so they cannot
// be guessed or enumerated. None comes from a visitor.
type (
	UserID         string
	PostID         string
	CommentID      string
	FileID         string
	TokenID        string
	PasskeyID      string
	ReportID       string
	ShareID        string
	PickupID       string
	FileRequestID  string
	ReceivedFileID string
	BlobKey        string // names a blob in a storage.Store
)

// Each constructor returns a new random identifier.
func NewUserID() UserID                 { return UserID(rand.Text()) }
func NewPostID() PostID                 { return PostID(rand.Text()) }
func NewCommentID() CommentID           { return CommentID(rand.Text()) }
func NewFileID() FileID                 { return FileID(rand.Text()) }
func NewTokenID() TokenID               { return TokenID(rand.Text()) }
func NewPasskeyID() PasskeyID           { return PasskeyID(rand.Text()) }
func NewReportID() ReportID             { return ReportID(rand.Text()) }
func NewShareID() ShareID               { return ShareID(rand.Text()) }
func NewPickupID() PickupID             { return PickupID(rand.Text()) }
func NewFileRequestID() FileRequestID   { return FileRequestID(rand.Text()) }
func NewReceivedFileID() ReceivedFileID { return ReceivedFileID(rand.Text()) }
func NewBlobKey() BlobKey               { return BlobKey(rand.Text()) }

// idOf returns the identifier of what parts describe. The first is a key that a page made,
// so that sending its form twice gives the same identifier. Without a key it is "".
func idOf(key string, parts ...string) string {
	if len(key) != len(rand.Text()) {
		return ""
	}
	hash := sha256.New()
	for _, part := range append(parts, key) {
		hash.Write([]byte(strconv.Itoa(len(part)) + ":" + part)) // a hash never fails to write
	}
	return base32.StdEncoding.EncodeToString(hash.Sum(nil))[:len(key)]
}

// PostIDOf returns the ID of the post that author writes with a form with this key, or ""
// for a form without one. The parts are what the author typed: with other words it is
// another post.
func PostIDOf(author UserID, key string, parts ...string) PostID {
	return PostID(idOf(key, append(parts, "post", string(author))...))
}

// CommentIDOf is PostIDOf for a comment on post.
func CommentIDOf(author UserID, post PostID, key, body string) CommentID {
	return CommentID(idOf(key, body, "comment", string(post), string(author)))
}

// IsID reports whether s has the form of an identifier.
func IsID(s string) bool {
	return s != "" && len(s) <= 64 && strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") == ""
}

// A Secret is a bearer credential. It is shown once, and only its hash is
// stored (OWASP ASVS 5.0, 11.4 and 13.3).
type Secret string

// A SecretHash is the SHA-256 of a Secret in hexadecimal. Secrets are random and
// long, so an unsalted hash is sufficient.
type SecretHash string

// Valid reports whether h has the form of a hash.
func (h SecretHash) Valid() bool {
	return len(h) == 2*sha256.Size && strings.Trim(string(h), "0123456789abcdef") == ""
}

// NewSecret returns a new secret of 130 random bits.
func NewSecret() Secret { return Secret(rand.Text()) }

// Hash returns the hash under which s is stored.
func (s Secret) Hash() SecretHash {
	sum := sha256.Sum256([]byte(s))
	return SecretHash(hex.EncodeToString(sum[:]))
}

// String keeps the secret out of logs and formatted errors.
func (s Secret) String() string { return "[secret]" }

// Reveal returns the secret in clear, to be shown once to its holder.
func (s Secret) Reveal() string { return string(s) }
