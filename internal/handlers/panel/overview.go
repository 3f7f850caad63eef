package panel

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/handlers/page"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/overview"
)

// jobCount is how many jobs are in a state.
type jobCount struct {
	State models.JobState
	Says  string
	N     int64
}

// overviewPage is the page "admin_overview". It has no form.
type overviewPage struct {
	page.Frame
	Numbers      overview.Numbers
	Certificates string // how they are, in a word; empty: another speaks TLS
	Queue        []jobCount
	Charts       []page.Chart
}

// OverviewShow handles GET /admin.
func (p *Panel) OverviewShow(c echo.Context) error {
	numbers, err := p.Overview.Numbers(c.Request().Context())
	if err != nil {
		return err
	}
	return p.Show(c, http.StatusOK, "admin_overview", overviewPage{
		Frame: p.Frame(c, "Overview"), Numbers: numbers, Certificates: p.worstCertificate(), Queue: queueOf(numbers.Jobs), Charts: chartsOf(numbers),
	})
}

// queueOf puts the states of jobs in their order.
func queueOf(jobs map[models.JobState]int64) (counts []jobCount) {
	words := map[models.JobState]string{
		models.JobWaiting: "waiting", models.JobRunning: "running", models.JobFailing: "retrying", models.JobGivenUp: "failed",
	}
	for _, state := range models.JobStates() {
		counts = append(counts, jobCount{State: state, Says: words[state], N: jobs[state]})
	}
	return counts
}

// chartsOf draws what there is over time.
func chartsOf(n overview.Numbers) []page.Chart {
	hour := func(t time.Time) string { return t.UTC().Format("2 Jan, 15:04") }
	var users, uploads, bytes []page.Point
	for _, d := range n.Users {
		users = append(users, page.Point{At: d.Day, N: d.N})
	}
	for _, d := range n.Uploads {
		uploads, bytes = append(uploads, page.Point{At: d.Day, N: d.N}), append(bytes, page.Point{At: d.Day, N: d.Bytes})
	}
	return []page.Chart{
		page.ChartKind{Name: "users", Title: "New users per day", When: "Day", What: "Users", Time: page.Date, Value: page.Number}.Draw(users),
		page.ChartKind{Name: "uploads", Title: "Uploads per day", When: "Day", What: "Files", Time: page.Date, Value: page.Number}.Draw(uploads),
		page.ChartKind{Name: "bytes", Title: "Bytes uploaded per day", When: "Day", What: "Bytes", Time: page.Date, Value: page.Size}.Draw(bytes),
		page.ChartKind{Name: "errors", Title: "Errors per hour", When: "Hour", What: "Responses", Time: hour, Value: page.Number}.Draw(points(n.Errors)),
		page.ChartKind{Name: "limits", Title: "Rate limits hit per hour", When: "Hour", What: "Responses", Time: hour, Value: page.Number}.Draw(points(n.Limits)),
	}
}

func points(f overview.Frequency) (all []page.Point) {
	for _, h := range f.Hours {
		all = append(all, page.Point{At: h.Hour, N: h.N})
	}
	return all
}
