package models

import "time"

// A NoticeKind says what a notice is about.
type NoticeKind string

// The kinds.
const (
	NoticeReport     NoticeKind = "report"      // what they reported was decided
	NoticeModerated  NoticeKind = "moderated"   // something of theirs was hidden, removed or restored
	NoticeBreakGlass NoticeKind = "break_glass" // an admin opened something private of theirs
)

// A Notice tells a user of something that concerns them. It is kept whether or
// not there is a mail server.
type Notice struct {
	ID        string
	UserID    UserID
	Kind      NoticeKind
	Object    string // what it is about, as in the audit log; may be empty
	Words     string
	CreatedAt time.Time
	ReadAt    *time.Time // nil: not yet
}

// Cursor returns the place of the notice in the list.
func (n Notice) Cursor() Cursor { return Cursor{At: n.CreatedAt, ID: n.ID} }
