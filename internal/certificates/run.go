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
	logEvery     = time.Hour

	// staleAnswer is the age at which answers to challenges are deleted.
	staleAnswer = 24 * time.Hour
)

// Run refreshes the certificates every few seconds, and logs their state after the
// first refresh and then every hour, until ctx is done.
func (s *Service) Run(ctx context.Context) {
	refresh, logStates := time.NewTicker(refreshEvery), time.NewTicker(logEvery)
	defer refresh.Stop()
	defer logStates.Stop()
	var logged string
	for first := true; ; first = false {
		err := s.Refresh(ctx)
		if ctx.Err() != nil {
			return
		}
		if first {
			s.LogStates(ctx)
		}
		// A persistent error is logged once, not every few seconds.
		if text := fmt.Sprint(err); err != nil && text != logged {
			s.log.ErrorContext(ctx, "refreshing the certificates", "err", err)
			logged = text
		} else if err == nil {
			logged = ""
		}
		select {
		case <-ctx.Done():
			return
		case <-logStates.C:
			s.LogStates(ctx)
		case <-refresh.C:
		}
	}
}

// Refresh loads new certificates, and obtains those that are due.
func (s *Service) Refresh(ctx context.Context) error {
	s.tickets.rotate(nil, s.now())
	return errors.Join(s.source.refresh(ctx), s.updateStates(ctx))
}

// LogStates logs the state of each certificate, as a warning or error if it will
// soon expire or is broken. It also deletes old answers to challenges.
func (s *Service) LogStates(ctx context.Context) {
	if err := s.updateStates(ctx); err != nil {
		s.log.ErrorContext(ctx, "checking the certificates", "err", err)
		return
	}
	now := s.now()
	for _, state := range s.CachedStates() {
		level := slog.LevelInfo
		switch state.Level(now) {
		case LevelOK:
		case LevelExpiring:
			level = slog.LevelWarn
		case LevelFailing, LevelBroken, LevelMissing:
			level = slog.LevelError
		}
		s.log.LogAttrs(ctx, level, "certificate",
			slog.String("name", state.Name), slog.String("state", string(state.Level(now))),
			slog.Int("days_left", state.DaysLeft(now)), slog.String("broken", strings.Join(state.Broken, " ")),
			slog.String("notes", strings.Join(state.Notes, " ")), slog.String("last_error", state.LastError))
	}
	if s.cache != nil {
		if err := s.cache.db.DeleteCertificateAnswers(ctx, httpAnswer, tlsAnswer, now.Add(-staleAnswer)); err != nil {
			s.log.WarnContext(ctx, "deleting old challenges", "err", err)
		}
	}
}
