package models

import "strings"

// A SubjectKind says what a Subject is.
type SubjectKind string

// The kinds.
const (
	SubjectPost    SubjectKind = "post"
	SubjectComment SubjectKind = "comment"
	SubjectFile    SubjectKind = "file"
	SubjectUser    SubjectKind = "user"
)

// A Subject is what is reported and judged: a post, a comment, a file or a user.
type Subject struct {
	Kind SubjectKind
	ID   string
}

// ParseSubject returns the subject that object names, such as "post:ABC", and
// whether it names one.
func ParseSubject(object string) (Subject, bool) {
	kind, id, _ := strings.Cut(object, ":")
	s := Subject{Kind: SubjectKind(kind), ID: id}
	switch s.Kind {
	case SubjectPost, SubjectComment, SubjectFile, SubjectUser:
		return s, IsID(id)
	}
	return Subject{}, false
}

// Object returns how the audit log names s, such as "post:ABC".
func (s Subject) Object() string { return string(s.Kind) + ":" + s.ID }

// Hideable reports whether s can be hidden: a user is suspended instead.
func (s Subject) Hideable() bool { return s.Kind != SubjectUser }
