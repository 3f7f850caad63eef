package models

import "time"

// A SubjectView is a subject with what those who judge it may have to know.
type SubjectView struct {
	Subject
	OwnerID   UserID
	Owner     Username
	OwnerRole Role
	Title     string // of the post, also of that a comment stands under; the name of a file or a user
	Words     string // of a post, a comment, or about a user
	CreatedAt time.Time

	PostID     PostID     // of a comment's post, and a file's; may be empty
	Visibility Visibility // of the post; empty: there is none
	Size       int64      // of a file, in bytes
	MediaType  string     // of a file
	State      FileState  // of a file

	HiddenAt    *time.Time // a suspended user is hidden
	RemovedAt   *time.Time
	DeletedAt   *time.Time // when its author deleted it, or the post it is part of
	PostHidden  bool       // the post it is part of is hidden
	OwnerHidden bool       // whose it is is suspended, or about to leave
}

// Private reports whether nobody but its owner was ever to see it.
func (v SubjectView) Private() bool {
	return v.Visibility == Private || v.Kind == SubjectFile && v.PostID == ""
}

// Sealed reports whether those who look after the site do not see its words
// either: it is private, or its author took it back.
func (v SubjectView) Sealed() bool {
	return v.Private() || v.DeletedAt != nil && v.RemovedAt == nil
}

// ByGlassAlone reports whether an admin has to break a glass for it: for words
// that are sealed, and for the bytes of a file that nobody but its owner has.
func (v SubjectView) ByGlassAlone() bool {
	who, _ := v.Audience()
	return v.Sealed() || v.Kind == SubjectFile && who != AudienceAll && who != AudienceLinked
}

// Cursor returns the place of v in a list.
func (v SubjectView) Cursor() Cursor { return Cursor{At: v.CreatedAt, ID: v.ID} }

// An Audience says who may open something.
type Audience string

// The audiences.
const (
	AudienceAll    Audience = "everyone"
	AudienceLinked Audience = "everyone who has the address"
	AudienceOwner  Audience = "its owner alone"
	AudienceNobody Audience = "nobody"
)

// Audience returns who may open it now, but for those who look after the site,
// and why not more.
func (v SubjectView) Audience() (who Audience, why string) {
	switch {
	case v.RemovedAt != nil:
		return AudienceNobody, "It was removed."
	case v.DeletedAt != nil:
		return AudienceNobody, "It was deleted."
	case v.OwnerHidden:
		return AudienceNobody, "Its owner is suspended or about to leave."
	case v.HiddenAt != nil && v.Kind == SubjectFile:
		return AudienceNobody, "It is in quarantine."
	case v.HiddenAt != nil:
		return AudienceOwner, "It is hidden."
	case v.PostHidden:
		return AudienceOwner, "Its post is hidden."
	case v.Kind == SubjectFile && v.PostID == "":
		return AudienceOwner, "It is part of no post."
	case v.Kind == SubjectFile && v.State != Ready:
		return AudienceOwner, "It is not ready."
	}
	switch v.Visibility {
	case Private:
		return AudienceOwner, "Its post is private."
	case Unlisted:
		return AudienceLinked, ""
	case Public:
	}
	return AudienceAll, ""
}
