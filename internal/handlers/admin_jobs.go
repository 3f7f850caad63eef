package handlers

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

const (
	adminJobsPath = "/admin/jobs"
	jobsOnPage    = 50
)

// A Queue is the jobs, as the panel looks after them.
type Queue interface {
	List(ctx context.Context, state models.JobState, before int64, n int) ([]models.QueuedJob, error)
	Retry(ctx context.Context, who models.Actor, id int64, now time.Time) error
	Cancel(ctx context.Context, who models.Actor, id int64, now time.Time) error
}

// adminJobs handles GET /admin/jobs.
func (s *Server) adminJobs(c echo.Context) (err error) {
	data := adminJobsPage{page: s.page(c, "Jobs"), State: models.JobState(c.QueryParam("state"))}
	var before int64
	if text := c.QueryParam("before"); text != "" {
		if before, err = strconv.ParseInt(text, 10, 64); err != nil || before < 1 {
			return problem.New(problem.Invalid, "This page of the list does not exist. Go back to the first page.")
		}
	}
	data.Jobs, err = s.Queue.List(c.Request().Context(), data.State, before, jobsOnPage+1)
	if err != nil {
		return s.showForm(err, func(status int, problems Problems) error {
			data.Problems = problems
			return s.show(c, status, "admin_jobs", data)
		})
	}
	if len(data.Jobs) > jobsOnPage {
		data.Jobs = data.Jobs[:jobsOnPage]
		query := url.Values{"before": {strconv.FormatInt(data.Jobs[jobsOnPage-1].ID, 10)}}
		if data.State != "" {
			query.Set("state", string(data.State))
		}
		data.Older = adminJobsPath + "?" + query.Encode()
	}
	return s.show(c, http.StatusOK, "admin_jobs", data)
}

// adminJobRetry handles POST /admin/jobs/:job/retry.
func (s *Server) adminJobRetry(c echo.Context) error { return s.actOnJob(c, s.Queue.Retry) }

// adminJobCancel handles POST /admin/jobs/:job/cancel.
func (s *Server) adminJobCancel(c echo.Context) error { return s.actOnJob(c, s.Queue.Cancel) }

// actOnJob does one action, and shows the jobs again.
func (s *Server) actOnJob(c echo.Context, do func(ctx context.Context, who models.Actor, id int64, now time.Time) error) error {
	id, err := strconv.ParseInt(c.Param("job"), 10, 64)
	if err != nil {
		return problem.New(problem.NotFound, "Job not found.")
	}
	if err := do(c.Request().Context(), actor(c), id, s.Now()); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, adminJobsPath+"?notice=saved")
}
