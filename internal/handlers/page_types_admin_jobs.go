package handlers

import "example.org/cloakroom/internal/models"

// adminJobsPage is the page "admin_jobs". Its form is sent by GET and has the
// field state.
type adminJobsPage struct {
	page
	State    models.JobState // empty: all
	Jobs     []models.QueuedJob
	Older    string // address of the next stretch of the list; empty: its end
	Problems Problems
}

// States is what can be chosen.
func (p adminJobsPage) States() []models.JobState { return models.JobStates() }
