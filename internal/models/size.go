package models

import (
	"errors"
	"strconv"
	"strings"
)

// A Size is a number of bytes. Its text form is 500, 64KiB, 1.5GiB or 10MB.
type Size int64

var errSize = errors.New("not a size")

// units maps lower-case names of ISO/IEC 80000-13 units to bytes.
var units = map[string]float64{
	"": 1, "b": 1,
	"kb": 1e3, "mb": 1e6, "gb": 1e9, "tb": 1e12, "pb": 1e15,
	"kib": 1 << 10, "mib": 1 << 20, "gib": 1 << 30, "tib": 1 << 40, "pib": 1 << 50,
}

// UnmarshalText implements encoding.TextUnmarshaler. It accepts a decimal number
// and an optional unit, in any case.
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
