package database

import "sync"

// jobSignals wakes the runners of this process. Others find the jobs by looking.
type jobSignals struct {
	mu    sync.Mutex
	queue map[chan struct{}]string // that each watches
}

// WatchJobs returns a channel that receives after jobs were added to the queue, until stop
// is called. One value can stand for several jobs.
func (db *DB) WatchJobs(queue string) (added <-chan struct{}, stop func()) {
	s, c := db.signals, make(chan struct{}, 1)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.queue[c] = queue
	return c, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.queue, c)
	}
}

// wakeJobs tells the runners of the queue, or of every queue if it is "", that a job may be
// due: after the transaction, if one is open.
func (db *DB) wakeJobs(queue string) {
	if db.inTx() {
		db.woken[queue] = true
		return
	}
	db.signals.send(queue)
}

func (s *jobSignals) send(queue string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c, watched := range s.queue {
		if queue == "" || queue == watched {
			select {
			case c <- struct{}{}:
			default: // it has not looked since the last one
			}
		}
	}
}
