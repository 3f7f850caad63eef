// Package problem defines the errors a person may be shown.
//
// Any error that is not a *problem.Error is internal: its text goes to the log
// and never to the response (OWASP ASVS 5.0, 16.5.1).
package problem

import (
	"errors"
	"fmt"
	"time"
)

// Kind says what sort of problem occurred. Its zero value is Internal, so that
// an error nobody classified can never be shown.
type Kind string

// The kinds. Each has an HTTP status in package handlers.
const (
	Internal        Kind = ""
	Malformed       Kind = "malformed" // the request itself cannot be read
	Invalid         Kind = "invalid"   // a field holds what it may not
	Unauthenticated Kind = "unauthenticated"
	Forbidden       Kind = "forbidden"
	NotFound        Kind = "not_found"
	Conflict        Kind = "conflict"
	TooLarge        Kind = "too_large"
	Unsupported     Kind = "unsupported" // a file of a type that is not welcome
	TooMany         Kind = "too_many"
	Unavailable     Kind = "unavailable" // the server is busy; try again soon
	Misdirected     Kind = "misdirected" // meant for another host
	Timeout         Kind = "timeout"     // the visitor sent nothing for too long
)

// Kinds lists every kind, for the tests that walk them.
func Kinds() []Kind {
	return []Kind{Internal, Malformed, Invalid, Unauthenticated, Forbidden, NotFound, Conflict,
		TooLarge, Unsupported, TooMany, Unavailable, Misdirected, Timeout}
}

// Error is a problem with a message fit for the person who caused it.
type Error struct {
	Kind    Kind
	Field   string // the form field at fault, if any
	Message string
	RetryIn time.Duration // for TooMany and Unavailable: how long to wait
}

func (e *Error) Error() string { return string(e.Kind) + ": " + e.Message }

// New returns a problem of the given kind with a formatted message.
func New(kind Kind, format string, args ...any) *Error {
	return &Error{Kind: kind, Message: fmt.Sprintf(format, args...)}
}

// OnField returns an Invalid problem about one form field.
func OnField(field, format string, args ...any) *Error {
	e := New(Invalid, format, args...)
	e.Field = field
	return e
}

// At returns a copy of the problem in err that names field, or err itself when
// it is not a problem. It moves a judgement to the form it was made for.
func At(field string, err error) error {
	p, ok := errors.AsType[*Error](err)
	if !ok {
		return err
	}
	moved := *p
	moved.Field = field
	return &moved
}

// KindOf reports the kind of err, or Internal if err was never classified.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return Internal
}

// All returns every problem err holds, in order: a form shows each at its
// field. It returns nil if any part of err is not a problem, so that an
// internal error is never mistaken for a visitor's mistake.
func All(err error) []*Error {
	if err == nil {
		return nil
	}
	if p, ok := err.(*Error); ok { //nolint:errorlint // the walk below is the unwrapping
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
