package models

import "time"

// A NotificationKind says what a notification is about.
type NotificationKind string

// The kinds.
const (
	NotificationReport     NotificationKind = "report"      // a decision about something they reported
	NotificationModerated  NotificationKind = "moderated"   // their content was hidden, removed or restored
	NotificationBreakGlass NotificationKind = "break_glass" // an admin broke the glass of something private of theirs
)

// A Notification tells a user about their account or content. It is stored even
// when no mail server is configured.
type Notification struct {
	ID        string
	UserID    UserID
	Kind      NotificationKind
	Object    string // the subject, in the notation of the audit log; may be empty
	Words     string
	CreatedAt time.Time
	ReadAt    *time.Time // nil: unread
}

// Cursor returns the position of the notification in a list.
func (n Notification) Cursor() Cursor { return Cursor{At: n.CreatedAt, ID: n.ID} }
