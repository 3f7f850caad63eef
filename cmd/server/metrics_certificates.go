package main

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"example.org/cloakroom/internal/certificates"
)

// certificateMetrics tells Prometheus how the certificates are.
type certificateMetrics struct {
	certs                         *certificates.Service
	expires, healthy, lastFailure *prometheus.Desc
}

func newCertificateMetrics(certs *certificates.Service) *certificateMetrics {
	desc := func(name, help string) *prometheus.Desc {
		return prometheus.NewDesc("cloakroom_certificate_"+name, help, []string{"name"}, nil)
	}
	return &certificateMetrics{
		certs:       certs,
		expires:     desc("expiry_timestamp_seconds", "When the certificate ends; 0: there is none."),
		healthy:     desc("healthy", "1 while visitors believe the certificate and it does not end soon."),
		lastFailure: desc("last_failure_timestamp_seconds", "When getting the next certificate failed last; 0: it did not."),
	}
}

// Describe implements prometheus.Collector.
func (m *certificateMetrics) Describe(descs chan<- *prometheus.Desc) {
	prometheus.DescribeByCollect(m, descs)
}

// Collect implements prometheus.Collector.
func (m *certificateMetrics) Collect(metrics chan<- prometheus.Metric) {
	gauge := func(desc *prometheus.Desc, value float64, name string) {
		metrics <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, value, name)
	}
	seconds := func(t time.Time) float64 {
		if t.IsZero() {
			return 0
		}
		return float64(t.Unix())
	}
	for _, state := range m.certs.CachedStates() {
		healthy := 1.0
		if certificates.NeedsAttention(state.Level(time.Now())) {
			healthy = 0
		}
		gauge(m.expires, seconds(state.NotAfter), state.Name)
		gauge(m.healthy, healthy, state.Name)
		gauge(m.lastFailure, seconds(state.FailedAt), state.Name)
	}
}
