package config

import (
	"errors"
	"log/slog"
	"net/url"
	"strconv"
	"strings"
)

// A Size is a number of bytes, written as 500, 64KiB, 1.5GiB or 10MB.
type Size int64

var errSize = errors.New("not a size")

var units = map[string]float64{
	"": 1, "b": 1,
	"kb": 1e3, "mb": 1e6, "gb": 1e9, "tb": 1e12, "pb": 1e15,
	"kib": 1 << 10, "mib": 1 << 20, "gib": 1 << 30, "tib": 1 << 40, "pib": 1 << 50,
}

// UnmarshalText implements encoding.TextUnmarshaler.
func (s *Size) UnmarshalText(text []byte) error {
	word := strings.TrimSpace(string(text))
	digits := strings.TrimRight(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ ")
	unit, known := units[strings.ToLower(strings.TrimSpace(word[len(digits):]))]
	n, err := strconv.ParseFloat(digits, 64)
	if err != nil || !known || n < 0 || n*unit > 1<<62 || strings.ContainsAny(digits, "eExX_") {
		return errSize
	}
	*s = Size(n * unit)
	return nil
}

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
