package e2e_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// metrics returns what the second listener says at path.
func (s *site) metrics(path string) string {
	s.t.Helper()
	resp, err := http.Get("http://" + s.log.field("metrics", "addr") + path)
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		s.t.Fatalf("%s: status %d, %v", path, resp.StatusCode, err)
	}
	return string(text)
}

// used starts a site with metrics, and uses what they count.
func used(t *testing.T) *site {
	t.Helper()
	s := startSite(t, sqliteAndDisk(t), "METRICS_ADDR=127.0.0.1:0")
	c := newClient(t, s)
	c.register("ann")
	file := c.mustUpload("a.txt", []byte("some text"))
	c.get(file.URL, http.StatusOK)
	c.mustUpload("a.png", drawing(t, 64, 48, 1))
	return s
}

// The metrics name routes by their pattern, and count what happened.
func TestMetrics(t *testing.T) {
	s := used(t)
	eventually(t, "the image is decoded and the requests are counted", func() bool {
		text := s.metrics("/metrics")
		return strings.Contains(text, "cloakroom_image_decode_seconds_count 1\n") && strings.Contains(text, `route="/files/:id/:name"`)
	})
	text := s.metrics("/metrics")
	for _, line := range []string{
		`cloakroom_http_requests_total{method="GET",route="/files/:id/:name",status="2xx"} 1`,
		`cloakroom_http_response_bytes_total{method="GET",route="/files/:id/:name"} 9`,
		`cloakroom_http_request_duration_seconds_count{method="GET",route="/files/:id/:name"} 1`,
		`cloakroom_uploads_total{outcome="stored"} 2`, `cloakroom_uploads_total{outcome="failed"} 0`,
		`cloakroom_image_wait_seconds_count 1`, `cloakroom_images{state="waiting"} 0`,
		`cloakroom_http_connections{listener="site"} `, `cloakroom_database_connections{state="idle"} `, `cloakroom_jobs_late_seconds `,
	} {
		if !strings.Contains(text, "\n"+line) {
			t.Errorf("the metrics lack %s", line)
		}
	}
	if strings.Contains(text, "ann") || strings.Contains(text, "a.txt") {
		t.Error("the metrics name a user or a file")
	}
	s.wantNoErrors()
}

// No visitor can add a series.
func TestMetrics_AreBounded(t *testing.T) {
	s := startSite(t, sqliteAndDisk(t), "METRICS_ADDR=127.0.0.1:0")
	c := newClient(t, s)
	ask := func(method, path string) { // 404, and after a while 429
		req, err := http.NewRequestWithContext(t.Context(), method, s.url+path, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.do(req); err != nil {
			t.Fatal(err)
		}
	}
	send := func(from int) {
		for i := range 20 {
			for _, method := range []string{"GET", "POST", "PURGE", fmt.Sprintf("M%d", from+i)} {
				ask(method, fmt.Sprintf("/no-such-%d?q=%d", from+i, i))
			}
			ask("GET", fmt.Sprintf("/posts/unknown-%d", from+i))
		}
	}
	counted := regexp.MustCompile(`(?m)^cloakroom_http_requests_total\{.*route="(none|/posts/:id)".*\n`)
	names := func() string {
		return regexp.MustCompile(`\} \d+\n`).ReplaceAllString(strings.Join(counted.FindAllString(s.metrics("/metrics"), -1), ""), "}\n")
	}
	send(0)
	first := names()
	send(1000)
	if got := names(); got != first || strings.Count(got, `route="/posts/:id"`) != 1 || !strings.Contains(got, `method="other"`) {
		t.Errorf("the series were\n%sand are\n%s", first, got)
	}
	if regexp.MustCompile("no-such|PURGE|unknown-").MatchString(s.metrics("/metrics")) {
		t.Error("a path or method of a visitor is in the metrics")
	}
}

// Profiles are on the second listener, and not on the site.
func TestMetrics_Profiles(t *testing.T) {
	s := startSite(t, sqliteAndDisk(t), "METRICS_ADDR=127.0.0.1:0")
	if text := s.metrics("/debug/pprof/goroutine?debug=1"); !strings.HasPrefix(text, "goroutine profile: ") {
		t.Errorf("the goroutines are %.100q", text)
	}
	if text := s.metrics("/debug/pprof/profile?seconds=1"); !strings.HasPrefix(text, "\x1f\x8b") {
		t.Errorf("the profile begins with %.10q", text)
	}
	for _, path := range []string{"/metrics", "/debug/pprof/", "/debug/pprof/profile?seconds=1"} {
		newClient(t, s).get(path, http.StatusNotFound)
	}
}

// What the dashboard and the alerts ask for is there.
func TestMetrics_OfTheDashboardExist(t *testing.T) {
	s := startSite(t, sqliteAndDisk(t), "METRICS_ADDR=127.0.0.1:0", "TLS_MODE=self-signed", "PUBLIC_URL=https://localhost")
	ca, _, code := s.run("certificate", "ca")
	if code != 0 {
		t.Fatal("there is no certificate")
	}
	c := newClient(t, s)
	c.overTLS("localhost", poolOf(t, []byte(ca)))
	c.get("/livez", http.StatusOK)
	c.get("/", http.StatusOK)
	// A job that runs or waits is not always there.
	text := s.metrics("/metrics") + "cloakroom_jobs{} 0\n"

	name := regexp.MustCompile(`\b(cloakroom|go|process)_\w+`)
	asked := 0
	for _, expr := range append(dashboardQueries(t), alertQueries(t)...) {
		for _, metric := range name.FindAllString(expr, -1) {
			asked++
			if !regexp.MustCompile(`(?m)^` + metric + `[{ ]`).MatchString(text) {
				t.Errorf("there is no %s, which %s asks for", metric, expr)
			}
		}
	}
	if asked < 25 {
		t.Errorf("found only %d metrics", asked)
	}
}

// dashboardQueries returns the queries of deploy/grafana-dashboard.json.
func dashboardQueries(t *testing.T) (all []string) {
	t.Helper()
	text, err := os.ReadFile("../../deploy/grafana-dashboard.json")
	if err != nil {
		t.Fatal(err)
	}
	var dashboard struct {
		Panels []struct {
			ID      int
			Title   string
			Targets []struct{ Expr string }
		}
		Templating struct {
			List []struct{ Query any }
		}
	}
	if err := json.Unmarshal(text, &dashboard); err != nil {
		t.Fatal(err)
	}
	seen := map[int]bool{}
	for _, panel := range dashboard.Panels {
		if panel.Title == "" || len(panel.Targets) == 0 || seen[panel.ID] {
			t.Errorf("the panel %d lacks a title, a query or a number of its own", panel.ID)
		}
		seen[panel.ID] = true
		for _, target := range panel.Targets {
			all = append(all, target.Expr)
		}
	}
	for _, variable := range dashboard.Templating.List {
		all = append(all, fmt.Sprint(variable.Query))
	}
	return all
}

// alertQueries returns the queries of deploy/prometheus-alerts.yml.
func alertQueries(t *testing.T) (all []string) {
	t.Helper()
	text, err := os.ReadFile("../../deploy/prometheus-alerts.yml")
	if err != nil {
		t.Fatal(err)
	}
	var rules struct {
		Groups []struct {
			Rules []struct{ Alert, Expr string }
		}
	}
	if err := yaml.Unmarshal(text, &rules); err != nil {
		t.Fatal(err)
	}
	for _, group := range rules.Groups {
		for _, rule := range group.Rules {
			if rule.Alert == "" || rule.Expr == "" {
				t.Errorf("an alert lacks its name or query: %+v", rule)
			}
			all = append(all, rule.Expr)
		}
	}
	return all
}
