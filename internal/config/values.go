package config

import (
	"errors"
	"log/slog"
	"net/url"
	"strings"
)

// isToken reports whether s may name a method or a header (RFC 9110, 5.6.2).
func isToken(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune(`"(),/:;<=>?@[\]{}*`, r) })
}

// A Switch is on, off, or auto.
type Switch string

// UnmarshalText implements encoding.TextUnmarshaler.
func (s *Switch) UnmarshalText(text []byte) error {
	switch *s = Switch(text); *s {
	case "on", "off", "auto":
		return nil
	}
	return errors.New("not a switch")
}

// A Level is how much the log says.
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
