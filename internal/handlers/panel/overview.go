package panel

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/handlers/page"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/overview"
)

// A jobCount is the number of jobs in a state.
type jobCount struct {
	State models.JobState
	Says  string
	N     int64
}

// overviewPage is the page "admin_overview". It has no form.
type overviewPage struct {
	page.Frame
	Numbers overview.Numbers
	Health  health
	Queue   []jobCount
	Charts  []page.Chart
}

// OverviewShow handles GET /admin: figures and charts of the site.
func (p *Panel) OverviewShow(c echo.Context) error {
	numbers, err := p.Overview.Numbers(c.Request().Context())
	if err != nil {
		return err
	}
	return p.Show(c, http.StatusOK, "admin_overview", overviewPage{
		Frame: p.frame(c, "Overview"), Numbers: numbers, Health: p.healthOf(c.Request().Context(), numbers),
		Queue: queueOf(numbers.Jobs), Charts: chartsOf(numbers),
	})
}

// queueOf returns the job counts in the order of their states.
func queueOf(jobs map[models.JobState]int64) (counts []jobCount) {
	words := map[models.JobState]string{
		models.JobWaiting: "waiting", models.JobRunning: "running", models.JobFailing: "retrying", models.JobGivenUp: "failed",
	}
	for _, state := range models.JobStates() {
		counts = append(counts, jobCount{State: state, Says: words[state], N: jobs[state]})
	}
	return counts
}

// chartsOf returns the charts of the overview.
func chartsOf(n overview.Numbers) []page.Chart {
	hour := func(t time.Time) string { return t.UTC().Format("2 Jan, 15:04") }
	var users, uploads, bytes []page.Point
	for _, d := range n.Users {
		users = append(users, page.Point{At: d.Day, N: d.N})
	}
	for _, d := range n.Uploads {
		uploads, bytes = append(uploads, page.Point{At: d.Day, N: d.N}), append(bytes, page.Point{At: d.Day, N: d.Bytes})
	}
	kinds := []page.ChartKind{
		{Name: "users", Title: "New users per day", When: "Day", What: "Users", Time: page.Date, Value: page.Number},
		{Name: "uploads", Title: "Uploads per day", When: "Day", What: "Files", Time: page.Date, Value: page.Number},
		{Name: "bytes", Title: "Bytes uploaded per day", When: "Day", What: "Bytes", Time: page.Date, Value: page.Size},
		{Name: "errors", Title: "Errors per hour", When: "Hour", What: "Responses", Time: hour, Value: page.Number},
		{Name: "limits", Title: "Rate limits hit per hour", When: "Hour", What: "Responses", Time: hour, Value: page.Number},
	}
	series := [][]page.Point{users, uploads, bytes, points(n.Errors), points(n.Limits)}
	charts := make([]page.Chart, len(kinds))
	for i, kind := range kinds {
		charts[i] = kind.Draw(series[i])
	}
	return charts
}

func points(f overview.Frequency) (all []page.Point) {
	for _, h := range f.Hours {
		all = append(all, page.Point{At: h.Hour, N: h.N})
	}
	return all
}
