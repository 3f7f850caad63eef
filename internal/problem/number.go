package problem

import (
	"fmt"
	"io"
	"strconv"
)

// Number is an integer as people read it: 1,000,000.
type Number int64

// String adds the thousands separators.
func (n Number) String() string {
	text := strconv.FormatInt(int64(n), 10)
	first := 0
	if n < 0 {
		first = 1
	}
	for i := len(text) - 3; i > first; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// Format implements fmt.Formatter, so that %d writes the separators too.
func (n Number) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, n.String()) }
