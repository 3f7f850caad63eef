package models

import "time"

// A JobState is the state of a job, as the panel shows it.
type JobState string

// The states. Completed jobs are not listed.
const (
	JobWaiting JobState = "waiting"
	JobRunning JobState = "running"
	JobFailing JobState = "failing" // failed, and will be retried
	JobGivenUp JobState = "given-up"
)

// JobStates lists every state.
func JobStates() []JobState { return []JobState{JobWaiting, JobRunning, JobFailing, JobGivenUp} }

// A QueuedJob is a job as admins see it. It omits the arguments, which may be
// private.
type QueuedJob struct {
	ID     int64
	Kind   string
	State  JobState
	Tries  int
	Error  string    // of the last attempt, shortened; empty: no attempt has failed
	NextAt time.Time // when it is due; of a job that was given up, when it was due last
}

// MayRetry reports whether the job can be retried immediately.
func (j QueuedJob) MayRetry() bool { return j.State == JobFailing || j.State == JobGivenUp }

// MayCancel reports whether the job can be cancelled. ProcessImage cannot: its
// file would stay in the state Processing for ever.
func (j QueuedJob) MayCancel() bool {
	return (j.State == JobWaiting || j.State == JobFailing) && j.Kind != (ProcessImage{}).Kind()
}
