package models

import "sync/atomic"

// A Live is a value that admins change while the site runs: readers get what was
// set last, without a lock.
type Live[T any] struct{ p atomic.Pointer[T] }

// NewLive returns a Live that holds v.
func NewLive[T any](v T) *Live[T] {
	l := new(Live[T])
	l.Set(v)
	return l
}

// Set replaces the value.
func (l *Live[T]) Set(v T) { l.p.Store(&v) }

// Get returns the value, or the zero value if none was set.
func (l *Live[T]) Get() (v T) {
	if p := l.p.Load(); p != nil {
		v = *p
	}
	return v
}
