package passwords

import (
	"strings"
	"testing"
)

// Every word of the list is found, and nothing between them.
func TestWordBits(t *testing.T) {
	lines := strings.Split(strings.TrimSuffix(words, "\n"), "\n")
	for _, line := range lines {
		word := line[:len(line)-2]
		if bits, ok := wordBits(word); !ok || bits != float64(line[len(line)-1]-'a')+1 {
			t.Errorf("%q: %v, %v", word, bits, ok)
		}
	}
	for _, missing := range []string{"", "zzzzzzzzzzzz", "a", "password w", "passwor\x00", "\xff"} {
		if _, ok := wordBits(missing); ok {
			t.Errorf("%q is a word", missing)
		}
	}
}
