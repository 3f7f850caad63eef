package certificates

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"
)

const (
	refreshEvery = 5 * time.Second
	tellEvery    = time.Hour

	// staleAnswer is when the answer to a challenge is one that nobody will ask for.
	staleAnswer = 24 * time.Hour
)

// Run keeps the certificates fresh, and tells the log of their state, once
// they were refreshed and then every hour, until ctx is done.
func (s *Service) Run(ctx context.Context) {
	refresh, tell := time.NewTicker(refreshEvery), time.NewTicker(tellEvery)
	defer refresh.Stop()
	defer tell.Stop()
	var said string
	for first := true; ; first = false {
		err := s.Refresh(ctx)
		if ctx.Err() != nil {
			return
		}
		if first {
			s.Tell(ctx)
		}
		// The same trouble is told once, not every few seconds.
		if text := fmt.Sprint(err); err != nil && text != said {
			s.log.ErrorContext(ctx, "refreshing the certificates", "err", err)
			said = text
		} else if err == nil {
			said = ""
		}
		select {
		case <-ctx.Done():
			return
		case <-tell.C:
			s.Tell(ctx)
		case <-refresh.C:
		}
	}
}

// Refresh takes up new certificates, and gets those that are due.
func (s *Service) Refresh(ctx context.Context) error {
	s.tickets.rotate(nil, s.now())
	return errors.Join(s.source.refresh(ctx), s.look(ctx))
}

// Tell writes to the log how each certificate is, and warns of what is soon to
// end or broken.
func (s *Service) Tell(ctx context.Context) {
	if err := s.look(ctx); err != nil {
		s.log.ErrorContext(ctx, "checking the certificates", "err", err)
		return
	}
	now := s.now()
	for _, state := range s.Known() {
		level := slog.LevelInfo
		switch state.Level(now) {
		case LevelOK:
		case LevelExpiring:
			level = slog.LevelWarn
		case LevelFailing, LevelBroken, LevelMissing:
			level = slog.LevelError
		}
		s.log.LogAttrs(ctx, level, "certificate", slog.String("name", state.Name), slog.String("state", string(state.Level(now))),
			slog.Int("days_left", state.DaysLeft(now)), slog.String("broken", strings.Join(state.Broken, " ")),
			slog.String("notes", strings.Join(state.Notes, " ")), slog.String("last_error", state.LastError))
	}
	if s.cache != nil {
		if err := s.cache.db.DeleteCertificateAnswers(ctx, httpAnswer, tlsAnswer, now.Add(-staleAnswer)); err != nil {
			s.log.WarnContext(ctx, "clearing old challenges", "err", err)
		}
	}
}
