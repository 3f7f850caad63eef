package models

import (
	"encoding/base64"
	"strconv"
	"strings"
	"time"

	"example.org/cloakroom/internal/problem"
)

// A Cursor marks a place in a list ordered newest first: the list goes on with
// what is older than it. The zero Cursor is the start.
type Cursor struct {
	At time.Time
	ID string
}

// IsZero reports whether c is the start of the list.
func (c Cursor) IsZero() bool { return c.ID == "" }

// String returns c as it stands in an address, or "" for the start.
func (c Cursor) String() string {
	if c.IsZero() {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString([]byte(strconv.FormatInt(c.At.UnixMicro(), 36) + "." + c.ID))
}

// ParseCursor is the inverse of Cursor.String. It returns a problem at the
// field "before" for what no Cursor has printed.
func ParseCursor(s string) (Cursor, error) {
	if s == "" {
		return Cursor{}, nil
	}
	invalid := problem.OnField("before", "That page of the list does not exist. Start again at the first.")
	raw, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err != nil || len(raw) > 100 {
		return Cursor{}, invalid
	}
	at, id, _ := strings.Cut(string(raw), ".")
	micros, err := strconv.ParseInt(at, 36, 64)
	if err != nil || micros < 0 || micros > 1<<53 || id == "" || strings.Trim(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") != "" {
		return Cursor{}, invalid
	}
	c := Cursor{At: time.UnixMicro(micros).UTC(), ID: id}
	if c.String() != s {
		return Cursor{}, invalid
	}
	return c, nil
}

// A Page is one stretch of a list.
type Page[T any] struct {
	Items []T
	Next  Cursor // where the list goes on; zero: this is its end
}

// PageOf cuts items, of which one more than limit was asked for, to a page.
func PageOf[T any](items []T, limit int, cursor func(T) Cursor) Page[T] {
	if len(items) <= limit {
		return Page[T]{Items: items}
	}
	items = items[:limit]
	return Page[T]{Items: items, Next: cursor(items[limit-1])}
}
