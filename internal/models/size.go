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

// String returns s in the unit in which it was most likely configured: 1GiB reads
// "1 GiB", 500MB "500 MB". That is the largest binary unit which shows s exactly, with up to
// one decimal, or else whole megabytes or larger units. Any other size is rounded down to one
// decimal of a binary unit: files have sizes of all kinds, and are shown in one unit.
func (s Size) String() string {
	const megabyte = 1000 * 1000
	unit, name := s.unit(1024)
	decimal, decimalName := s.unit(1000)
	if int64(s)%unit*10%unit != 0 && decimal >= megabyte && int64(s)%decimal == 0 {
		return s.in(decimal, decimalName)
	}
	return s.in(unit, name)
}

// unit returns the largest power of base that is not above s, and its name.
func (s Size) unit(base int64) (unit int64, name string) {
	names := []string{"B", "KiB", "MiB", "GiB", "TiB", "PiB"}
	if base == 1000 {
		names = []string{"B", "kB", "MB", "GB", "TB", "PB"}
	}
	unit, name = 1, names[0]
	for _, next := range names[1:] {
		if int64(s)/base < unit {
			break
		}
		unit, name = unit*base, next
	}
	return unit, name
}

func (s Size) in(unit int64, name string) string {
	text := strconv.FormatInt(int64(s)/unit, 10)
	if tenths := int64(s) % unit * 10 / unit; tenths > 0 {
		text += "." + strconv.FormatInt(tenths, 10)
	}
	return text + " " + name
}

// Exact writes s in the largest unit that loses nothing: 1GiB, 1500B.
func (s Size) Exact() string {
	binary := []string{"B", "KiB", "MiB", "GiB", "TiB", "PiB"}
	i := 0
	for ; i < len(binary)-1 && s != 0 && s%1024 == 0; i++ {
		s /= 1024
	}
	return strconv.FormatInt(int64(s), 10) + binary[i]
}
