package models

import "strings"

// A SubjectKind is the type of a Subject.
type SubjectKind string

// The kinds.
const (
	SubjectPost    SubjectKind = "post"
	SubjectComment SubjectKind = "comment"
	SubjectFile    SubjectKind = "file"
	SubjectUser    SubjectKind = "user"
)

// A Subject is something that users can report: a post, a comment, a file or a
// user.
type Subject struct {
	Kind SubjectKind
	ID   string
}

// ParseSubject returns the subject of an audit object such as "post:ABC", and
// whether the object names a subject.
func ParseSubject(object string) (Subject, bool) {
	kind, id, _ := strings.Cut(object, ":")
	s := Subject{Kind: SubjectKind(kind), ID: id}
	switch s.Kind {
	case SubjectPost, SubjectComment, SubjectFile, SubjectUser:
		return s, IsID(id)
	}
	return Subject{}, false
}

// Object returns s in the notation of the audit log, such as "post:ABC".
func (s Subject) Object() string { return string(s.Kind) + ":" + s.ID }

// Hideable reports whether s can be hidden. Users are suspended instead.
func (s Subject) Hideable() bool { return s.Kind != SubjectUser }
