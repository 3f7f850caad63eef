package handlers

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/overview"
)

// adminOverview handles GET /admin.
func (s *Server) adminOverview(c echo.Context) error {
	numbers, err := s.Overview.Numbers(c.Request().Context())
	if err != nil {
		return err
	}
	return s.show(c, http.StatusOK, "admin_overview", adminOverviewPage{
		page: s.page(c, "Overview"), Numbers: numbers, Certificates: s.worstCertificate(), Queue: queueOf(numbers.Jobs), Charts: chartsOf(numbers),
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
func chartsOf(n overview.Numbers) []chart {
	hour := func(t time.Time) string { return t.UTC().Format("2 Jan, 15:04") }
	var users, uploads, bytes []point
	for _, d := range n.Users {
		users = append(users, point{d.Day, d.N})
	}
	for _, d := range n.Uploads {
		uploads, bytes = append(uploads, point{d.Day, d.N}), append(bytes, point{d.Day, d.Bytes})
	}
	return []chart{
		chartKind{"users", "New users per day", "Day", "Users", date, number}.draw(users),
		chartKind{"uploads", "Uploads per day", "Day", "Files", date, number}.draw(uploads),
		chartKind{"bytes", "Bytes uploaded per day", "Day", "Bytes", date, size}.draw(bytes),
		chartKind{"errors", "Errors per hour", "Hour", "Responses", hour, number}.draw(points(n.Errors)),
		chartKind{"limits", "Rate limits hit per hour", "Hour", "Responses", hour, number}.draw(points(n.Limits)),
	}
}

func points(f overview.Frequency) (all []point) {
	for _, h := range f.Hours {
		all = append(all, point{h.Hour, h.N})
	}
	return all
}
