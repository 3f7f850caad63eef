package models

import (
	"strings"
	"time"
)

// A SubjectView is a subject with what moderators may need to judge it.
type SubjectView struct {
	Subject
	OwnerID   UserID
	Owner     Username
	OwnerRole Role
	Title     string // title of the post, or of the comment's post; name of the file or user
	Words     string // text of the post or comment, or the user's bio
	CreatedAt time.Time

	PostID     PostID     // post of a comment or file; may be empty
	Visibility Visibility // of the post; empty: there is no post
	Size       int64      // of the file, in bytes
	MediaType  string     // of the file
	FileKind   FileKind   // of the file
	State      FileState  // of the file

	HiddenAt    *time.Time // set: hidden, or for a user suspended
	RemovedAt   *time.Time
	DeletedAt   *time.Time // when its author deleted it, or its post
	PostHidden  bool       // its post is hidden
	OwnerHidden bool       // its owner is suspended or has requested deletion
}

// Private reports whether it was only ever visible to its owner.
func (v SubjectView) Private() bool {
	return v.Visibility == Private || v.Kind == SubjectFile && v.PostID == ""
}

// Sealed reports whether its text is closed to moderators too: it is private, or
// its author deleted it.
func (v SubjectView) Sealed() bool {
	return v.Private() || v.DeletedAt != nil && v.RemovedAt == nil
}

// NeedsBreakGlass reports whether an admin can only see it by breaking the glass:
// sealed text, and the content of a file that only its owner can download.
func (v SubjectView) NeedsBreakGlass() bool {
	audience, _ := v.Audience()
	return v.Sealed() || v.Kind == SubjectFile && audience != AudienceAll && audience != AudienceLinked
}

// Noun says what it is: of a file its kind.
func (v SubjectView) Noun() string {
	switch {
	case v.Kind != SubjectFile:
		return string(v.Kind)
	case v.FileKind == KindPDF:
		return v.FileKind.Name()
	case v.FileKind == KindText, v.FileKind == KindAudio:
		return strings.ToLower(v.FileKind.Name()) + " file"
	}
	return strings.ToLower(v.FileKind.Name())
}

// ShortID returns the end of the ID, by which people tell things without a name apart.
func (v SubjectView) ShortID() string { return v.ID[max(0, len(v.ID)-shortID):] }

const shortID = 6

// Cursor returns the position of v in a list.
func (v SubjectView) Cursor() Cursor { return Cursor{At: v.CreatedAt, ID: v.ID} }

// An Audience says who can open something.
type Audience string

// The audiences.
const (
	AudienceAll    Audience = "everyone"
	AudienceLinked Audience = "anyone with the link"
	AudienceOwner  Audience = "only its owner"
	AudienceNobody Audience = "nobody"
)

// isPrivate says that nobody but its owner is meant to see it.
func (v SubjectView) isPrivate() string {
	if v.Kind == SubjectPost {
		return "it is private"
	}
	return "its post is private"
}

// Audience returns who can open it now, apart from moderators and admins, and
// why fewer people can open it than its visibility suggests.
func (v SubjectView) Audience() (audience Audience, why string) {
	switch {
	case v.RemovedAt != nil:
		return AudienceNobody, "it was removed"
	case v.DeletedAt != nil:
		return AudienceNobody, "it was deleted"
	case v.OwnerHidden:
		return AudienceNobody, "its owner is suspended or about to be deleted"
	case v.HiddenAt != nil && v.Kind == SubjectFile:
		return AudienceNobody, "it is in quarantine"
	case v.HiddenAt != nil:
		return AudienceOwner, "it is hidden"
	case v.PostHidden:
		return AudienceOwner, "its post is hidden"
	case v.Kind == SubjectFile && v.PostID == "":
		return AudienceOwner, "it is not shared in a post"
	case v.Kind == SubjectFile && v.State != Ready:
		return AudienceOwner, "it is still processing"
	}
	switch v.Visibility {
	case Private:
		return AudienceOwner, v.isPrivate()
	case Unlisted:
		return AudienceLinked, ""
	case Public:
	}
	return AudienceAll, ""
}
