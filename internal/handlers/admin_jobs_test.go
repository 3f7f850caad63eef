package handlers_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/jobs"
	"example.org/cloakroom/internal/models"
)

// queued puts jobs into the queue that no worker runs.
func (s *site) queued(all ...models.Job) {
	s.t.Helper()
	queue := &jobs.Queue{DB: s.db, Now: time.Now}
	err := s.db.Tx(s.t.Context(), func(tx *database.DB) error {
		for _, job := range all {
			if err := queue.Add(s.t.Context(), tx, job); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		s.t.Fatal(err)
	}
}

func TestAdminJobs(t *testing.T) {
	eachDatabase(t, func(t *testing.T, s *site) {
		boss := s.withRole("boss", models.RoleAdmin)
		s.queued(models.DeleteUsers{}, models.ProcessImage{FileID: "PRIVATE"})
		job := func(n int) string { return "/admin/jobs/" + strconv.Itoa(n) }
		page := boss.get("/admin/jobs").Body.String()
		if strings.Contains(page, "PRIVATE") || !strings.Contains(page, (models.ProcessImage{}).Kind()) ||
			strings.Contains(page, job(2)+"/cancel") {
			t.Errorf("the jobs are shown as\n%s", page)
		}
		steps := []struct {
			act   string
			want  int
			state string
		}{
			{job(1) + "/retry", http.StatusConflict, "waiting"}, // nothing failed
			{job(1) + "/cancel", http.StatusSeeOther, "given-up"},
			{job(1) + "/cancel", http.StatusConflict, "given-up"},
			{job(1) + "/retry", http.StatusSeeOther, "waiting"},
			{job(2) + "/cancel", http.StatusConflict, "waiting"}, // an image
			{job(99) + "/retry", http.StatusNotFound, ""},
		}
		for _, step := range steps {
			if got := boss.post(step.act, nil); got.Code != step.want {
				t.Errorf("%s is answered %d\n%s", step.act, got.Code, got.Body)
			}
			if got := boss.get("/admin/jobs?state=" + step.state); !strings.Contains(got.Body.String(), `<span class="badge">`) {
				t.Errorf("after %s none is %s\n%s", step.act, step.state, got.Body)
			}
		}
		for query, want := range map[string]int{"?state=odd": http.StatusUnprocessableEntity, "?before=x": http.StatusUnprocessableEntity} {
			if got := boss.get("/admin/jobs" + query); got.Code != want {
				t.Errorf("%s is answered %d", query, got.Code)
			}
		}
		s.wantAudited("job.cancel done", "job.retry done")
	})
}

// The list has several pages, and shows errors shortened and as text.
func TestAdminJobs_Pages(t *testing.T) {
	eachDatabase(t, func(t *testing.T, s *site) {
		boss := s.withRole("boss", models.RoleAdmin)
		for range 60 {
			s.queued(models.DeleteUsers{})
		}
		const older = `<p class="more"><a href="`
		first := boss.get("/admin/jobs?state=waiting").Body.String()
		path := strings.ReplaceAll(between(first, older, `"`), "&amp;", "&")
		second := boss.get(path).Body.String()
		if a, b := strings.Count(first, "/cancel"), strings.Count(second, "/cancel"); a != 50 || b != 10 || strings.Contains(second, older) {
			t.Errorf("%d and %d jobs of 60, by %q", a, b, path)
		}
	})
}
