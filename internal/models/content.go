package models

import (
	"slices"
	"time"
	"unicode/utf8"

	"example.org/cloakroom/internal/problem"
)

// maxContentSearch is the longest search text for posts, in characters.
const maxContentSearch = 200

// A ContentState selects posts, comments or files by their state. The zero
// value selects all.
type ContentState string

// The states.
const (
	ContentHidden     ContentState = "hidden"
	ContentQuarantine ContentState = "quarantine" // a hidden file
	ContentRemoved    ContentState = "removed"
	ContentProcessing ContentState = "processing"
	ContentRejected   ContentState = "rejected"
	ContentPublic     ContentState = "public"
	ContentUnlisted   ContentState = "unlisted"
	ContentPrivate    ContentState = "private"
)

// ContentStates returns the states by which content of this kind can be
// filtered.
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

// A ContentFilter selects posts, comments or files.
type ContentFilter struct {
	Kind   SubjectKind
	State  ContentState
	Owner  UserID // empty: any
	Text   string // words that the post contains; empty: any
	Before Cursor
}

// ParseContentFilter returns the filter described by raw text, or an Invalid
// problem at the field "state" or "q".
func ParseContentFilter(kind SubjectKind, state, text string) (ContentFilter, error) {
	f := ContentFilter{Kind: kind, State: ContentState(state), Text: normalizeLine(text)}
	if state != "" && !slices.Contains(ContentStates(kind), f.State) {
		return f, problem.OnField("state", "Unknown state.")
	}
	if utf8.RuneCountInString(f.Text) > maxContentSearch || !isText(f.Text) {
		return f, problem.OnField("q", "Enter a few words to search for, up to %d characters.", maxContentSearch)
	}
	return f, nil
}

// A BreakGlass gives an admin access to one private thing until ExpiresAt: the
// text and file names of a post, the text of a comment, or the name and content
// of a file.
type BreakGlass struct {
	ID        string
	AdminID   UserID
	Object    string // the subject, in the notation of the audit log
	Why       string // the reason, which the owner is shown
	CreatedAt time.Time
	ExpiresAt time.Time
}

// A BreakGlassView is a BreakGlass with the admin's username.
type BreakGlassView struct {
	BreakGlass
	Admin Username
}
