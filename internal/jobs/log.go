package jobs

import (
	"context"
	"log/slog"
	"strings"
)

// warnings returns log without River's messages below a warning.
func warnings(log *slog.Logger) *slog.Logger { return slog.New(quiet{log.Handler()}) }

type quiet struct{ slog.Handler }

// Enabled implements slog.Handler.
func (q quiet) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn && q.Handler.Enabled(ctx, level)
}

// Handle implements slog.Handler. River reports a cancelled job as an error, which
// is no news after the context has ended.
func (q quiet) Handle(ctx context.Context, record slog.Record) error {
	if ctx.Err() != nil && brokenOff(record) {
		return nil
	}
	return q.Handler.Handle(ctx, record)
}

func brokenOff(record slog.Record) (found bool) {
	record.Attrs(func(a slog.Attr) bool {
		found = found || strings.HasSuffix(a.Value.String(), context.Canceled.Error())
		return !found
	})
	return found
}

// WithAttrs implements slog.Handler.
func (q quiet) WithAttrs(attrs []slog.Attr) slog.Handler { return quiet{q.Handler.WithAttrs(attrs)} }

// WithGroup implements slog.Handler.
func (q quiet) WithGroup(name string) slog.Handler { return quiet{q.Handler.WithGroup(name)} }
