package handlers

import (
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/overview"
)

// jobCount is how many jobs are in a state.
type jobCount struct {
	State models.JobState
	Says  string
	N     int64
}

// adminOverviewPage is the page "admin_overview". It has no form.
type adminOverviewPage struct {
	page
	Numbers      overview.Numbers
	Certificates string // how they are, in a word; empty: another speaks TLS
	Queue        []jobCount
	Charts       []chart
}
