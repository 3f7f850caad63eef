package jobs

import (
	"bytes"
	"context"
	"log/slog"
	"testing"
)

func TestWarnings(t *testing.T) {
	running := t.Context()
	stopped, cancel := context.WithCancel(running)
	cancel()
	tests := []struct {
		name  string
		ctx   context.Context
		level slog.Level
		err   string
		want  bool
	}{
		{"news of no interest", running, slog.LevelInfo, "", false},
		{"an error", running, slog.LevelError, "disk I/O error", true},
		{"an error while it stops", stopped, slog.LevelError, "disk I/O error", true},
		{"broken off because it stops", stopped, slog.LevelError, "beginning: context canceled", false},
		{"broken off for no reason", running, slog.LevelError, "context canceled", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var out bytes.Buffer
			warnings(slog.New(slog.NewJSONHandler(&out, nil))).Log(tt.ctx, tt.level, "River says", "error", tt.err)
			if got := out.Len() > 0; got != tt.want {
				t.Errorf("logged: %t, want %t", got, tt.want)
			}
		})
	}
}
