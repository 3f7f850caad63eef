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
	// retryEvery is the wait after an error, and while another node renews.
	retryEvery = 5 * time.Second

	// logEvery is how often the states are logged, and the longest sleep.
	logEvery = time.Hour

	// staleAnswer is the age at which answers to challenges are deleted.
	staleAnswer = 24 * time.Hour
)

// Changed reports whether files with certificates have changed. It costs next to nothing.
func (s *Service) Changed() bool { return s.source.stale() }

// Wake makes Run refresh the certificates.
func (s *Service) Wake(context.Context) error {
	select {
	case s.wake <- struct{}{}:
	default: // it has not yet seen the last one
	}
	return nil
}

// Run refreshes the certificates when it is woken and when one is due, and logs their state
// after the first refresh and then every hour, until ctx is done.
func (s *Service) Run(ctx context.Context) {
	logStates := time.NewTicker(logEvery)
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
		timer := time.NewTimer(s.sleep(err))
		select {
		case <-ctx.Done():
		case <-logStates.C:
			s.LogStates(ctx)
		case <-s.wake:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// sleep returns how long Run has nothing to do unless it is woken, after a refresh that
// ended with err.
func (s *Service) sleep(err error) time.Duration {
	if err != nil {
		return retryEvery
	}
	now := s.now()
	sleep := logEvery
	until := func(at time.Time) {
		if at.After(now) {
			sleep = min(sleep, at.Sub(now))
		}
	}
	until(s.source.next())
	for _, state := range s.CachedStates() {
		until(state.NotAfter)
		until(state.NextAt)
	}
	return sleep
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
