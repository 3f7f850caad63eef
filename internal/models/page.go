package models

import (
	"encoding/base64"
	"strconv"
	"strings"
	"time"

	"example.org/cloakroom/internal/problem"
)

// A Cursor is a position in a list ordered newest first: the next page starts
// after it. The zero Cursor is the start of the list.
type Cursor struct {
	At time.Time
	ID string
}

// IsZero reports whether c is the start of the list.
func (c Cursor) IsZero() bool { return c.ID == "" }

// String returns c as a URL parameter, or "" for the start of the list.
func (c Cursor) String() string {
	if c.IsZero() {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString([]byte(strconv.FormatInt(c.At.UnixMicro(), 36) + "." + c.ID))
}

// ParseCursor is the inverse of Cursor.String. It returns an Invalid problem at
// the field "before" for any other text.
func ParseCursor(s string) (Cursor, error) {
	if s == "" {
		return Cursor{}, nil
	}
	invalid := problem.OnField("before", "This page of the list does not exist. Go back to the first page.")
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

// A Page is one page of a list.
type Page[T any] struct {
	Items []T
	Next  Cursor // where the next page starts; zero: this is the last page
}

// PageOf returns items as a page of at most limit items. The caller requests
// limit+1 items, so that PageOf can tell whether there is a next page.
func PageOf[T any](items []T, limit int, cursor func(T) Cursor) Page[T] {
	if len(items) <= limit {
		return Page[T]{Items: items}
	}
	items = items[:limit]
	return Page[T]{Items: items, Next: cursor(items[limit-1])}
}
