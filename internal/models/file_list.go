package models

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"example.org/cloakroom/internal/problem"
)

// MaxSelected is the most files that one act on a selection takes: those of a page of the list.
const MaxSelected = 50

// MaxNameKey is the longest key by which a file is found and sorted, in bytes: it has one name
// or, of a converted image, two.
const MaxNameKey = 2*MaxFilename + 1

// A FileSort is the order of a list of files.
type FileSort string

// The orders. Each can be reversed.
const (
	FilesByDate FileSort = "date" // newest first
	FilesByName FileSort = "name"
	FilesBySize FileSort = "size" // largest first
	FilesByKind FileSort = "kind" // and by name within a kind
)

// ParseFileSort returns the order that s names, or FilesByDate.
func ParseFileSort(s string) FileSort {
	switch sort := FileSort(s); sort {
	case FilesByName, FilesBySize, FilesByKind:
		return sort
	}
	return FilesByDate
}

// A FileFilter selects a page of a user's files.
type FileFilter struct {
	Sort    FileSort
	Reverse bool
	Text    string    // part of the name; empty: all files
	After   FilePlace // the page begins after it
}

// A FilePlace is the place of a file in a list: its ID, and what the order of the list needs.
// The zero FilePlace is the start of every list.
type FilePlace struct {
	ID   FileID
	Key  string // of the name
	Kind FileKind
	Size int64
	At   time.Time
}

// String returns p as a URL parameter for a list in that order, or "" for its start.
func (p FilePlace) String(sort FileSort) string {
	if p.ID == "" {
		return ""
	}
	value := ""
	switch sort {
	case FilesByName:
		value = p.Key
	case FilesByKind:
		value = string(p.Kind) + "/" + p.Key
	case FilesBySize:
		value = strconv.FormatInt(p.Size, 36)
	case FilesByDate:
		value = strconv.FormatInt(p.At.UnixMicro(), 36)
	}
	return base64.RawURLEncoding.EncodeToString([]byte(string(p.ID) + "." + value))
}

// ParseFilePlace is the inverse of FilePlace.String for the same order. It returns an Invalid
// problem at the field "after" for any other text.
func ParseFilePlace(s string, sort FileSort) (p FilePlace, err error) {
	if s == "" {
		return p, nil
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(s)
	id, value, _ := strings.Cut(string(raw), ".")
	known := err == nil && len(raw) <= 2*MaxNameKey && IsID(id) && utf8.ValidString(value) && !strings.ContainsFunc(value, unsafeRune)
	if known {
		p.ID = FileID(id)
		known = p.read(value, sort) && p.String(sort) == s
	}
	if !known {
		return FilePlace{}, problem.OnField("after", "This page of the list does not exist. Go back to the first page.")
	}
	return p, nil
}

// read sets what the order needs, and reports whether value is such a thing.
func (p *FilePlace) read(value string, sort FileSort) bool {
	switch sort {
	case FilesByName:
		p.Key = value
		return true
	case FilesByKind:
		kind, key, found := strings.Cut(value, "/")
		p.Kind, p.Key = FileKind(kind), key
		return found
	case FilesByDate, FilesBySize:
	}
	n, err := strconv.ParseInt(value, 36, 64)
	if err != nil || n < 0 || n > 1<<53 {
		return false
	}
	if sort == FilesBySize {
		p.Size = n
	} else {
		p.At = time.UnixMicro(n).UTC()
	}
	return true
}

// A FileRow is what the list of a user's own files shows of one of them.
type FileRow struct {
	FilePlace
	Name         Filename
	State        FileState
	Metadata     Metadata
	Reason       string // why it was rejected
	HasThumbnail bool
	Hidden       bool // in quarantine
	Animated     bool // an image with several frames
	CleanType    string
	ShownSize    int64 // as that of File

	PostID     PostID     // empty: on no post
	PostTitle  Title      // empty: on no post, or on a deleted one
	Visibility Visibility // of the post; empty as the title is

	Links      int      // open shares of the file
	Latest     OpenLink // of them
	PostLinks  int      // open shares of its post
	PostLatest OpenLink // of them
}

// ServedName returns the name with which visitors receive the file, as that of File does.
func (r FileRow) ServedName() Filename {
	return File{Name: r.Name, CleanType: r.CleanType}.ServedName()
}

// An OpenLink is what the URL of an open share is made of.
type OpenLink struct {
	ID     ShareID // empty: nobody has a link
	Sealed []byte
	Name   string
}

// A FileLine is a FileRow as the database writes it, in one piece: the driver fetches one
// value instead of twenty-one, and equal lines are equal rows.
type FileLine string

// Row returns what the line says.
func (l FileLine) Row() (r FileRow, err error) {
	var at, latest, postLatest string
	var thumbnail, hidden, animated int
	into := []any{&r.ID, &r.Name, &r.Key, &r.Kind, &r.Size, &at, &r.State, &r.Metadata, &r.Reason, &thumbnail, &hidden, &animated,
		&r.CleanType, &r.ShownSize, &r.PostID, &r.PostTitle, &r.Visibility, &r.Links, &latest, &r.PostLinks, &postLatest}
	columns := len(into)
	if err := json.Unmarshal([]byte(l), &into); err != nil || len(into) != columns {
		return r, fmt.Errorf("reading the line of a file: %d columns: %w", len(into), err)
	}
	r.HasThumbnail, r.Hidden, r.Animated = thumbnail != 0, hidden != 0, animated != 0
	if r.At, err = time.Parse(time.RFC3339Nano, strings.Replace(at, " ", "T", 1)); err != nil {
		return r, fmt.Errorf("reading the line of a file: %w", err)
	}
	r.At = r.At.UTC()
	if r.Latest, err = readLink(latest); err == nil {
		r.PostLatest, err = readLink(postLatest)
	}
	return r, err
}

// readLink reads an OpenLink: an ID, the sealed secret in hexadecimal, and a name.
func readLink(text string) (l OpenLink, err error) {
	if text == "" {
		return l, nil
	}
	id, rest, _ := strings.Cut(text, " ")
	sealed, name, _ := strings.Cut(rest, " ")
	l.ID, l.Name = ShareID(id), name
	if l.Sealed, err = hex.DecodeString(sealed); err != nil {
		return l, fmt.Errorf("reading the link of a file: %w", err)
	}
	return l, nil
}
