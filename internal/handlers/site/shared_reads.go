package site

import (
	"errors"
	"sync"
)

// sharedReads lets callers who want the same at the same time share one read. Nothing is
// cached: a caller gets the result of a read that began after the call, so it has all that
// was stored before. While a read runs, those who come wait for the next one, which begins
// as soon as it ends and serves them all.
type sharedReads[K comparable, V any] struct {
	mu    sync.Mutex
	reads map[K]*readsOf[V]
}

// readsOf are the reads of one key. One runs; next waits for it, and is nil if nobody does.
type readsOf[V any] struct{ running, next *sharedRead[V] }

type sharedRead[V any] struct {
	done  chan struct{} // closed when value and err are set
	value V
	err   error
}

// errNoRead is the error of a read that panicked, for those who waited for it.
var errNoRead = errors.New("the read that others waited for did not end")

// do returns what read returns, from a call of read that began after this one did. Callers
// share the value, so none may change it.
func (s *sharedReads[K, V]) do(key K, read func() (V, error)) (V, error) {
	s.mu.Lock()
	of := s.reads[key]
	if of != nil && of.next != nil {
		next := of.next
		s.mu.Unlock()
		<-next.done
		return next.value, next.err
	}
	mine := &sharedRead[V]{done: make(chan struct{}), err: errNoRead}
	if of != nil {
		before := of.running
		of.next = mine
		s.mu.Unlock()
		<-before.done
		s.mu.Lock()
		of.running, of.next = mine, nil
	} else {
		if s.reads == nil {
			s.reads = make(map[K]*readsOf[V])
		}
		of = &readsOf[V]{running: mine}
		s.reads[key] = of
	}
	s.mu.Unlock()
	defer s.end(key, of, mine)
	mine.value, mine.err = read()
	return mine.value, mine.err
}

// end lets the waiting callers go on.
func (s *sharedReads[K, V]) end(key K, of *readsOf[V], read *sharedRead[V]) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if of.next == nil {
		delete(s.reads, key)
	}
	close(read.done)
}
