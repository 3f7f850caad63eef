package models

import "time"

// A JobState says how a job stands, in the words of the panel.
type JobState string

// The states. What is done is not shown.
const (
	JobWaiting JobState = "waiting"
	JobRunning JobState = "running"
	JobFailing JobState = "failing" // it is tried again
	JobGivenUp JobState = "given-up"
)

// JobStates lists every state.
func JobStates() []JobState { return []JobState{JobWaiting, JobRunning, JobFailing, JobGivenUp} }

// A QueuedJob is a job as admins see it: what it is about may be private, and
// is not in it.
type QueuedJob struct {
	ID     int64
	Kind   string
	State  JobState
	Tries  int
	Error  string    // of the last try, in short; empty: none failed
	NextAt time.Time // when it is due; of one that is given up, when it was
}

// MayRetry reports whether it can be tried at once.
func (j QueuedJob) MayRetry() bool { return j.State == JobFailing || j.State == JobGivenUp }

// MayCancel reports whether it can be cancelled. A picture is not: its file
// would be processed for ever.
func (j QueuedJob) MayCancel() bool {
	return (j.State == JobWaiting || j.State == JobFailing) && j.Kind != (ProcessImage{}).Kind()
}
