package models

import "time"

// A JobState is the state of a job, as the panel shows it.
type JobState string

// The states. Completed jobs are deleted.
const (
	JobWaiting JobState = "waiting"
	JobRunning JobState = "running"
	JobFailing JobState = "failing" // failed, and will be retried
	JobGivenUp JobState = "given-up"

	// JobScheduled is the state of a periodic job between two runs, which is not listed.
	JobScheduled JobState = "scheduled"
)

// JobStates lists every state that the panel shows.
func JobStates() []JobState { return []JobState{JobWaiting, JobRunning, JobFailing, JobGivenUp} }

// A QueuedJob is a job as admins see it. It omits the arguments, which may be
// private.
type QueuedJob struct {
	ID     int64
	Kind   string
	State  JobState
	Tries  int
	Error  string    // of the last attempt, shortened; empty: no attempt has failed
	NextAt time.Time // when it is due; if it runs, by when at the latest; if it was given up, when that was
}

// MayRetry reports whether the job can be retried immediately.
func (j QueuedJob) MayRetry() bool { return j.State == JobFailing || j.State == JobGivenUp }

// MayCancel reports whether the job can be cancelled. ProcessImage and CleanFile cannot:
// their file would stay in the state Processing for ever.
func (j QueuedJob) MayCancel() bool {
	return (j.State == JobWaiting || j.State == JobFailing) && j.Kind != (ProcessImage{}).Kind() && j.Kind != (CleanFile{}).Kind()
}

// A NewJob is a job as it is added to the queue.
type NewJob struct {
	Kind, Args, Queue string
	Priority          int // 1 goes first
	RunAt             time.Time
}

// A ClaimedJob is a job that this process works on. Try tells it from the same job in
// another process, to which it belongs once its time is over.
type ClaimedJob struct {
	ID                int64
	Kind, Args, Queue string
	Periodic          bool
	Try               int // the first is 1
}

// A JobCount is how many jobs of a kind are in a state.
type JobCount struct {
	Kind  string
	State JobState
	Count int64
}
