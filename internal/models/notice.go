package models

import "time"

// A NoticeKind says what a notification is about.
type NoticeKind string

// The kinds.
const (
	NoticeReport     NoticeKind = "report"      // a decision about something they reported
	NoticeModerated  NoticeKind = "moderated"   // their content was hidden, removed or restored
	NoticeBreakGlass NoticeKind = "break_glass" // an admin broke the glass of something private of theirs
)

// A Notice is a notification for a user about their account or content. It is
// stored even when no mail server is configured.
type Notice struct {
	ID        string
	UserID    UserID
	Kind      NoticeKind
	Object    string // the subject, in the notation of the audit log; may be empty
	Words     string
	CreatedAt time.Time
	ReadAt    *time.Time // nil: unread
}

// Cursor returns the position of the notice in a list.
func (n Notice) Cursor() Cursor { return Cursor{At: n.CreatedAt, ID: n.ID} }
