package panel

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/handlers/page"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// jobsPage is the page "admin_jobs". Its form is sent by GET and has the
// field state.
type jobsPage struct {
	page.Frame
	State    models.JobState // empty: all
	Jobs     []models.QueuedJob
	Older    string // URL of the next page of the list; empty: none
	Problems page.Problems
}

// States returns the states to choose from.
func (p jobsPage) States() []models.JobState { return models.JobStates() }

const (
	jobsPath   = "/admin/jobs"
	jobsOnPage = 50
)

// A Queue lists and manages background jobs.
type Queue interface {
	List(ctx context.Context, state models.JobState, before int64, n int) ([]models.QueuedJob, error)
	Retry(ctx context.Context, who models.Actor, id int64, now time.Time) error
	Cancel(ctx context.Context, who models.Actor, id int64, now time.Time) error
}

// JobList handles GET /admin/jobs: the jobs in the queue, filtered by state.
func (p *Panel) JobList(c echo.Context) (err error) {
	data := jobsPage{Frame: p.frame(c, "Jobs"), State: models.JobState(c.QueryParam("state"))}
	var before int64
	if text := c.QueryParam("before"); text != "" {
		if before, err = strconv.ParseInt(text, 10, 64); err != nil || before < 1 {
			return problem.New(problem.Invalid, "This page of the list does not exist. Go back to the first page.")
		}
	}
	data.Jobs, err = p.Queue.List(c.Request().Context(), data.State, before, jobsOnPage+1)
	if err != nil {
		return p.ShowForm(err, func(status int, problems page.Problems) error {
			data.Problems = problems
			return p.Show(c, status, "admin_jobs", data)
		})
	}
	if len(data.Jobs) > jobsOnPage {
		data.Jobs = data.Jobs[:jobsOnPage]
		query := url.Values{"before": {strconv.FormatInt(data.Jobs[jobsOnPage-1].ID, 10)}}
		if data.State != "" {
			query.Set("state", string(data.State))
		}
		data.Older = jobsPath + "?" + query.Encode()
	}
	return p.Show(c, http.StatusOK, "admin_jobs", data)
}

// JobRetry handles POST /admin/jobs/:job/retry: it runs a failed job again.
func (p *Panel) JobRetry(c echo.Context) error { return p.actOnJob(c, p.Queue.Retry, "retried") }

// JobCancel handles POST /admin/jobs/:job/cancel: it cancels a job.
func (p *Panel) JobCancel(c echo.Context) error { return p.actOnJob(c, p.Queue.Cancel, "cancelled") }

// A jobAction does something to the job of an ID.
type jobAction func(ctx context.Context, who models.Actor, id int64, now time.Time) error

// actOnJob does one action, and shows the jobs again with its notice.
func (p *Panel) actOnJob(c echo.Context, do jobAction, notice string) error {
	id, err := strconv.ParseInt(c.Param("job"), 10, 64)
	if err != nil {
		return problem.New(problem.NotFound, "Job not found.")
	}
	if err := do(c.Request().Context(), gate.Actor(c), id, p.Now()); err != nil {
		return err
	}
	return p.Tell(c, jobsPath, notice)
}
