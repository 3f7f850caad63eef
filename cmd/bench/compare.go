package main

import (
	"context"
	"errors"
	"fmt"
)

// A side is one of the servers that do the same work.
type side struct {
	name    string
	child   *child // nil if it is not installed
	measure func() (outcome, error)
}

// A comparison is a measurement of the same work on several servers. The first is ours.
type comparison struct {
	name   string
	metric metric
	// ours must be at least this many times the side with this name, or reach the figure itself if it is "".
	against string
	least   float64
	p99     float64 // most milliseconds of 99 of 100 requests of ours, or 0
}

// A metric is how an outcome is told.
type metric struct {
	unit          string
	figure        func(outcome) float64
	processorUnit string
	processor     func(outcome) float64 // per unit of work
}

// byRequest is the metric of many small requests.
func byRequest() metric {
	return metric{"/s", outcome.perSecond, "ms per 1,000", func(o outcome) float64 { return o.processor * 1e6 / float64(len(o.waits)) }}
}

// byByte is the metric of few large ones.
func byByte() metric {
	perGiB := func(o outcome) float64 { return o.processor * 1000 * (1 << 30) / float64(o.bytes) }
	return metric{"MiB/s", outcome.mibPerSecond, "ms per GiB", perGiB}
}

// A sample is what the rounds of one side gave.
type sample struct {
	figures, p99, processor, peak, resident []float64
}

// compare measures the sides in turns, as often as there are rounds, and adds the medians to
// the table.
func (b *bench) compare(c comparison, sides ...side) error {
	samples := make([]*sample, len(sides))
	for i := range samples {
		samples[i] = &sample{}
	}
	for range b.rounds {
		for i, s := range sides {
			if s.child == nil {
				continue
			}
			if err := s.round(c.metric, samples[i]); err != nil {
				return fmt.Errorf("%s: %s: %w", c.name, s.name, err)
			}
		}
	}
	b.table.compared(c, sides, samples)
	return nil
}

// round measures the side once.
func (s side) round(m metric, to *sample) error {
	if err := s.child.forgetPeak(); err != nil {
		return err
	}
	before, err := s.child.processor()
	if err != nil {
		return err
	}
	got, err := s.measure()
	if err != nil {
		return err
	}
	after, err := s.child.processor()
	peak, err2 := s.child.memory("VmHWM")
	resident, err3 := s.child.memory("VmRSS")
	if err := errors.Join(err, err2, err3); err != nil {
		return err
	}
	got.processor = after - before
	to.figures = append(to.figures, m.figure(got))
	to.p99 = append(to.p99, got.p(0.99))
	to.processor = append(to.processor, m.processor(got))
	to.peak, to.resident = append(to.peak, peak), append(to.resident, resident)
	return nil
}

// send returns a measurement that sends the load with this request to a server.
func (l load) send(ctx context.Context, c *child, request requestFunc) func() (outcome, error) {
	l.request = request
	return func() (outcome, error) { return l.run(ctx, c.addr) }
}

// sides are our server with one request, and both others with another.
func (b *bench) sides(ctx context.Context, l load, ours, others requestFunc) []side {
	return []side{
		{"ours", b.ours, l.send(ctx, b.ours, ours)},
		{"bare", b.bare, l.send(ctx, b.bare, others)},
		{"nginx", b.nginx, l.send(ctx, b.nginx, others)},
	}
}
