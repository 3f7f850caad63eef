package main

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/pprof"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"example.org/cloakroom/internal/files"
	"example.org/cloakroom/internal/handlers"
)

// siteMetrics tells Prometheus what the site counts. The names in it are those of the
// program: of routes, kinds of jobs and outcomes. Nothing a visitor sends is one.
type siteMetrics struct {
	app  *app
	site *handlers.Server
	open []door
	log  *slog.Logger

	requests, durations, in, out, uploads, connections   *prometheus.Desc
	decodes, imageWaits, images                          *prometheus.Desc
	pool, poolMost, poolWaits, poolWaited, jobs, jobsDue *prometheus.Desc
	statements                                           *prometheus.Desc
}

func newSiteMetrics(a *app, site *handlers.Server, open []door, log *slog.Logger) *siteMetrics {
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc("cloakroom_"+name, help, labels, nil)
	}
	return &siteMetrics{
		app: a, site: site, open: open, log: log,
		requests:    desc("http_requests_total", "Requests that ended, by the pattern of their route.", "route", "method", "status"),
		durations:   desc("http_request_duration_seconds", "How long requests took.", "route", "method"),
		in:          desc("http_request_bytes_total", "Bytes of the bodies of requests.", "route", "method"),
		out:         desc("http_response_bytes_total", "Bytes of the bodies of responses.", "route", "method"),
		connections: desc("http_connections", "Open connections.", "listener"),
		uploads:     desc("uploads_total", "Uploaded files, by what became of them.", "outcome"),
		decodes:     desc("image_decode_seconds", "How long decoding images took."),
		imageWaits:  desc("image_wait_seconds", "How long images waited for a worker."),
		images:      desc("images", "Images that wait for a worker or are decoded now.", "state"),
		pool:        desc("database_connections", "Connections to the database.", "state"),
		poolMost:    desc("database_connections_max", "The most connections to the database."),
		poolWaits:   desc("database_waits_total", "How often something waited for a connection to the database."),
		poolWaited:  desc("database_wait_seconds_total", "How long that took together."),
		statements:  desc("database_statements_total", "Statements sent to the database; a transaction is one write.", "kind"),
		jobs:        desc("jobs", "Jobs by kind and state; of more than 10,000, the newest.", "kind", "state"),
		jobsDue:     desc("jobs_late_seconds", "How long the job that is due and has waited longest has waited."),
	}
}

// Describe implements prometheus.Collector.
func (m *siteMetrics) Describe(descs chan<- *prometheus.Desc) {
	for _, desc := range []*prometheus.Desc{
		m.requests, m.durations, m.in, m.out, m.connections, m.uploads, m.decodes, m.imageWaits, m.images,
		m.pool, m.poolMost, m.poolWaits, m.poolWaited, m.jobs, m.jobsDue, m.statements,
	} {
		descs <- desc
	}
}

// Collect implements prometheus.Collector.
func (m *siteMetrics) Collect(metrics chan<- prometheus.Metric) {
	counter := func(desc *prometheus.Desc, value float64, labels ...string) {
		metrics <- prometheus.MustNewConstMetric(desc, prometheus.CounterValue, value, labels...)
	}
	gauge := func(desc *prometheus.Desc, value float64, labels ...string) {
		metrics <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, value, labels...)
	}
	m.site.Traffic.Routes(func(route *handlers.RouteTraffic) { m.collectRoute(route, counter, metrics) })
	for i, d := range m.open {
		gauge(m.connections, float64(d.connections()), [...]string{siteSocket, redirectSocket}[i])
	}
	m.app.files.Uploads(func(o files.Outcome, n int64) { counter(m.uploads, float64(n), o.String()) })
	s := m.app.files.Images.Stats()
	metrics <- prometheus.MustNewConstSummary(m.decodes, uint64(s.Decodes), s.DecodingTime.Seconds(), nil) //nolint:gosec // a count
	metrics <- prometheus.MustNewConstSummary(m.imageWaits, uint64(s.Waits), s.WaitTime.Seconds(), nil)    //nolint:gosec // a count
	gauge(m.images, float64(s.Waiting), "waiting")
	gauge(m.images, float64(s.Running), "decoding")
	p := m.app.db.PoolStats()
	gauge(m.pool, float64(p.InUse), "in_use")
	gauge(m.pool, float64(p.Open-p.InUse), "idle")
	gauge(m.poolMost, float64(p.Most))
	counter(m.poolWaits, float64(p.Waits))
	counter(m.poolWaited, p.Waited.Seconds())
	reads, writes := m.app.db.Statements()
	counter(m.statements, float64(reads), "read")
	counter(m.statements, float64(writes), "write")
	m.collectJobs(gauge)
}

// collectRoute writes the counters of a route that had a request.
func (m *siteMetrics) collectRoute(
	route *handlers.RouteTraffic, counter func(*prometheus.Desc, float64, ...string), metrics chan<- prometheus.Metric,
) {
	total := int64(0)
	for class := range route.Statuses {
		n := route.Statuses[class].Load()
		if total += n; n > 0 {
			counter(m.requests, float64(n), route.Route, route.Method, strconv.Itoa(class)+"xx")
		}
	}
	if total == 0 {
		return
	}
	buckets, sum := map[float64]uint64{}, uint64(0)
	for i, bound := range handlers.DurationBounds() {
		sum += uint64(route.Durations[i].Load()) //nolint:gosec // a count
		buckets[bound.Seconds()] = sum
	}
	took := time.Duration(route.Nanoseconds.Load()).Seconds()
	metrics <- prometheus.MustNewConstHistogram(m.durations, uint64(total), took, buckets, route.Route, route.Method)
	counter(m.in, float64(route.In.Load()), route.Route, route.Method)
	counter(m.out, float64(route.Out.Load()), route.Route, route.Method)
}

// jobsTimeout is how long counting the jobs takes at most; without an answer, they are missing.
const jobsTimeout = 2 * time.Second

func (m *siteMetrics) collectJobs(gauge func(*prometheus.Desc, float64, ...string)) {
	ctx, cancel := context.WithTimeout(context.Background(), jobsTimeout)
	defer cancel()
	counts, late, err := m.app.queue.Load(ctx)
	if err != nil {
		m.log.WarnContext(ctx, "counting jobs", "err", err)
		return
	}
	for _, c := range counts {
		gauge(m.jobs, float64(c.Count), c.Kind, string(c.State))
	}
	gauge(m.jobsDue, late.Seconds())
}

// profiles serves the profiles of the process.
func profiles(mux *http.ServeMux) {
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
}
