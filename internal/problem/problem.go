// Package problem defines the errors that can be shown to people.
//
// Any error that is not a *problem.Error is internal: its text is logged and
// never sent to the client (OWASP ASVS 5.0, 16.5.1).
package problem

import (
	"errors"
	"fmt"
	"time"
)

// Kind classifies a problem. The zero value is Internal, so that an unclassified
// error is never shown.
type Kind string

// The kinds. Each has an HTTP status in package handlers.
const (
	Internal        Kind = ""
	Malformed       Kind = "malformed" // the request cannot be parsed
	Invalid         Kind = "invalid"   // a field has an invalid value
	Unauthenticated Kind = "unauthenticated"
	Forbidden       Kind = "forbidden"
	NotFound        Kind = "not_found"
	Gone            Kind = "gone" // a share or file request that does not work any more
	Conflict        Kind = "conflict"
	TooLarge        Kind = "too_large"
	Unsupported     Kind = "unsupported" // a file type that is not allowed
	TooMany         Kind = "too_many"
	Unavailable     Kind = "unavailable" // the server is overloaded; retry later
	Misdirected     Kind = "misdirected" // the request is for another host
	Timeout         Kind = "timeout"     // the client has stopped sending
)

// Error is a problem with a message for the person who caused it.
type Error struct {
	Kind    Kind
	Field   string // the invalid form field; may be empty
	Message string
	Help    string        // path of a page that says more; may be empty
	RetryIn time.Duration // of TooMany and Unavailable: time until a retry makes sense
}

func (e *Error) Error() string { return string(e.Kind) + ": " + e.Message }

// New returns a problem of this kind with a formatted message. It writes the integers among args
// as Numbers, in place: go vet checks the formats of its callers only if it hands on args itself.
func New(kind Kind, format string, args ...any) *Error {
	for i, arg := range args {
		switch n := arg.(type) {
		case int:
			args[i] = Number(n)
		case int64:
			args[i] = Number(n)
		}
	}
	return &Error{Kind: kind, Message: fmt.Sprintf(format, args...)}
}

// OnField returns an Invalid problem about one form field.
func OnField(field, format string, args ...any) *Error {
	e := New(Invalid, format, args...)
	e.Field = field
	return e
}

// At returns a copy of the problem in err with its field set to field, or err
// itself if it is not a problem. It moves an error to the form field that the
// invalid value came from.
func At(field string, err error) error {
	p, ok := errors.AsType[*Error](err)
	if !ok {
		return err
	}
	moved := *p
	moved.Field = field
	return &moved
}

// KindOf returns the kind of err, or Internal if err is not a problem.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return Internal
}

// All returns all problems joined in err, in order, so that a form can show each
// at its field. It returns nil if any part of err is not a problem: an internal
// error must never appear as a visitor's mistake.
func All(err error) []*Error {
	if err == nil {
		return nil
	}
	if p, ok := err.(*Error); ok { //nolint:errorlint // the code below does the unwrapping
		return []*Error{p}
	}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var all []*Error
		for _, part := range joined.Unwrap() {
			found := All(part)
			if found == nil {
				return nil
			}
			all = append(all, found...)
		}
		return all
	}
	if inner := errors.Unwrap(err); inner != nil {
		return All(inner)
	}
	return nil
}
