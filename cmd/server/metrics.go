package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"example.org/cloakroom/internal/limits"
)

// metrics is what the site tells Prometheus. It names acts and classes, never
// a visitor.
type metrics struct {
	registry  *prometheus.Registry
	decisions *prometheus.CounterVec
}

func newMetrics() *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		decisions: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "cloakroom_limit_decisions_total", Help: "Acts that were counted, by what became of them.",
		}, []string{"act", "class", "outcome"}),
	}
	m.registry.MustRegister(m.decisions, collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// decided counts a decision of the limits.
func (m *metrics) decided(act limits.Act, class limits.Class, refused bool) {
	outcome := "allowed"
	if refused {
		outcome = "refused"
	}
	m.decisions.WithLabelValues(string(act), string(class), outcome).Inc()
}

// watch adds what stores say of themselves.
func (m *metrics) watch(stores *limits.Stores) {
	m.registry.MustRegister(
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "cloakroom_limit_store_degraded", Help: "1 while Redis is gone and this process counts by itself.",
		}, func() float64 {
			if stores.Degraded() {
				return 1
			}
			return 0
		}),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "cloakroom_limit_keys", Help: "Counters this process keeps in memory.",
		}, func() float64 { return float64(stores.Keys()) }))
}

const (
	metricsTimeout = 10 * time.Second
	profileTimeout = 2 * time.Minute // a profile lasts 30 seconds unless its caller says otherwise
)

// serve serves the metrics and profiles at addr, without sign-in, until stop is called. No
// address: to nobody.
func (m *metrics) serve(ctx context.Context, addr string, log *slog.Logger) (stop func() error, err error) {
	if addr == "" {
		return func() error { return nil }, nil
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("listening for metrics: %w", err)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{MaxRequestsInFlight: 4, Timeout: metricsTimeout}))
	profiles(mux)
	server := &http.Server{Handler: mux, ReadHeaderTimeout: metricsTimeout, WriteTimeout: profileTimeout}
	go func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			log.ErrorContext(ctx, "metrics", "err", err)
		}
	}()
	log.InfoContext(ctx, "metrics", "addr", listener.Addr().String())
	return server.Close, nil
}
