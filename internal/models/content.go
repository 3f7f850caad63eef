package models

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"example.org/cloakroom/internal/problem"
)

// maxContentSearch is the longest search of posts, in characters.
const maxContentSearch = 200

// A ContentState says which of the posts, comments or files of a site are
// wanted. The zero state wants all.
type ContentState string

// The states.
const (
	ContentHidden     ContentState = "hidden"
	ContentQuarantine ContentState = "quarantine" // a file that is hidden
	ContentRemoved    ContentState = "removed"
	ContentProcessing ContentState = "processing"
	ContentRejected   ContentState = "rejected"
	ContentPublic     ContentState = "public"
	ContentUnlisted   ContentState = "unlisted"
	ContentPrivate    ContentState = "private"
)

// ContentStates lists what can be asked for of a kind.
func ContentStates(kind SubjectKind) []ContentState {
	switch kind {
	case SubjectPost:
		return []ContentState{ContentHidden, ContentRemoved, ContentPublic, ContentUnlisted, ContentPrivate}
	case SubjectComment:
		return []ContentState{ContentHidden, ContentRemoved}
	case SubjectFile:
		return []ContentState{ContentQuarantine, ContentRemoved, ContentProcessing, ContentRejected}
	case SubjectUser:
	}
	return nil
}

// A ContentFilter says which posts, comments or files are wanted.
type ContentFilter struct {
	Kind   SubjectKind
	State  ContentState
	Owner  UserID // empty: of anybody
	Text   string // words that a post must have; empty: any
	Before Cursor
}

// ParseContentFilter returns the filter that raw text asks for, or problems at
// the fields "state" and "q".
func ParseContentFilter(kind SubjectKind, state, text string) (ContentFilter, error) {
	f := ContentFilter{Kind: kind, State: ContentState(state), Text: strings.TrimSpace(text)}
	if state != "" && !slices.Contains(ContentStates(kind), f.State) {
		return f, problem.OnField("state", "There is no such state.")
	}
	if utf8.RuneCountInString(f.Text) > maxContentSearch || !isText(f.Text) {
		return f, problem.OnField("q", "Search for a few words, of at most %d characters.", maxContentSearch)
	}
	return f, nil
}

// A BreakGlass lets an admin see one thing that is not theirs to see, for a
// while. It covers the words of a post and the names of its files, the words of
// a comment, or the name and the bytes of a file.
type BreakGlass struct {
	ID        string
	AdminID   UserID
	Object    string // the subject, as in the audit log
	Why       string // the owner reads it
	CreatedAt time.Time
	ExpiresAt time.Time
}

// A BreakGlassView is a BreakGlass with the name of who has it.
type BreakGlassView struct {
	BreakGlass
	Admin Username
}
