package config

import (
	"errors"
	"log/slog"
	"net/url"
	"strconv"
	"strings"
)

// isToken reports whether s may name a method or a header (RFC 9110, 5.6.2).
func isToken(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return r <= ' ' || r > '~' || strings.ContainsRune(`"(),/:;<=>?@[\]{}*`, r)
	})
}

// Argon2 is the cost of a password hash.
type Argon2 struct {
	Memory Size
	Passes int
	AtOnce int // hashes at the same time
}

// UnmarshalText implements encoding.TextUnmarshaler.
func (a *Argon2) UnmarshalText(text []byte) error {
	words := strings.Split(string(text), ",")
	if len(words) != 3 {
		return errors.New("not memory, passes and hashes at the same time")
	}
	passes, err := strconv.Atoi(strings.TrimSpace(words[1]))
	atOnce, err2 := strconv.Atoi(strings.TrimSpace(words[2]))
	if err := errors.Join(a.Memory.UnmarshalText([]byte(words[0])), err, err2); err != nil {
		return err
	}
	a.Passes, a.AtOnce = passes, atOnce
	if passes < 1 || passes > 10 || a.Memory < leastMemory(passes) || a.Memory > 1<<30 || atOnce < 1 || atOnce > 64 {
		return errors.New("out of bounds")
	}
	return nil
}

// leastMemory is the least memory for a hash with that many passes, at least one: the
// OWASP Password Storage Cheat Sheet has these pairs, which resist equally.
func leastMemory(passes int) Size {
	byPasses := []Size{46 << 20, 19 << 20, 12 << 20, 9 << 20, 7 << 20}
	return byPasses[min(passes, len(byPasses))-1]
}

// A Level is the lowest level that is logged.
type Level struct{ slog.Level }

// UnmarshalText implements encoding.TextUnmarshaler.
func (l *Level) UnmarshalText(text []byte) error {
	for _, level := range []slog.Level{slog.LevelDebug, slog.LevelInfo, slog.LevelWarn, slog.LevelError} {
		if strings.EqualFold(string(text), level.String()) {
			l.Level = level
			return nil
		}
	}
	return errors.New("not a level")
}

// UnmarshalText implements encoding.TextUnmarshaler.
func (u *SiteURL) UnmarshalText(text []byte) error {
	parsed, err := url.Parse(strings.TrimSuffix(strings.TrimSpace(string(text)), "/"))
	if err != nil || (parsed.Scheme != "http" && parsed.Scheme != "https") || parsed.Hostname() == "" ||
		parsed.User != nil || parsed.Path != "" || parsed.RawQuery != "" || parsed.Fragment != "" {
		return errors.New("not the address of a site")
	}
	u.URL = *parsed
	return nil
}
