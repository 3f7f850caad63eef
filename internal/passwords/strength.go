package passwords

import (
	_ "embed" // for the words
	"math"
	"slices"
	"strings"
	"unicode"
)

// words has the words that people guess first, one a line in the order of their bytes, each
// with a letter for its rank: see scripts/guessed-words.mjs. Nothing is loaded before it is
// asked: a search looks at some fifteen lines.
//
//go:embed words.txt
var words string

// FewGuesses is how many guesses a password must withstand: what an attacker with the hash
// can try in years, and one at the sign-in page never (zxcvbn calls it "safely unguessable").
const FewGuesses = 1e8

// The bits that an attacker needs to name a part of a password, besides its length.
const (
	bitsDigit  = 3.4  // one of 10 digits
	bitsLetter = 4.8  // one of 26 letters
	bitsOther  = 5.5  // another character of a keyboard
	bitsStart  = 4    // where a run on the keyboard or in the alphabet begins
	bitsYear   = 7    // one of the years that people name
	bitsOwn    = 2    // a word of the site or the user
	bitsLeet   = 1    // a word with digits for letters
	bitsJoin   = 0.5  // to join two parts
	maxMeasure = 64   // characters that are looked at: more only help
	maxToken   = 20   // characters of a word
	firstYear  = 1900 // of the years that people name
	lastYear   = 2059
)

// Guesses estimates how many guesses somebody needs for password who tries words of lists
// and of their own (in lower case), repetitions, runs and years first, and other characters
// one by one. It is the cheapest way to put the password together, as zxcvbn does it.
func Guesses(password string, own []string) float64 {
	text := []rune(strings.ToLower(password))
	text = text[:min(len(text), maxMeasure)]
	cost := make([]float64, len(text)+1)
	for end := 1; end <= len(text); end++ {
		cost[end] = cost[end-1] + bitsOf(text[end-1]) // the last character by itself
		for start := max(0, end-maxMeasure/2); start < end-1; start++ {
			if bits, ok := partBits(text, start, end, own); ok {
				cost[end] = min(cost[end], cost[start]+bits+bitsJoin)
			}
		}
	}
	return math.Exp2(cost[len(text)])
}

// bitsOf returns the bits of one character by itself.
func bitsOf(r rune) float64 {
	switch {
	case unicode.IsDigit(r):
		return bitsDigit
	case unicode.IsLetter(r):
		return bitsLetter
	}
	return bitsOther
}

// partBits returns the bits of text[start:end], and whether it is a part that is guessed as
// a whole: a repetition of what is before it, a run, a year or a word.
func partBits(text []rune, start, end int, own []string) (float64, bool) {
	part := text[start:end]
	if n := len(part); n <= start && slices.Equal(part, text[start-n:start]) {
		return 1, true // once more
	}
	if isRun(part) {
		return bitsStart + math.Log2(float64(len(part))), true
	}
	if len(part) > maxToken {
		return 0, false
	}
	s := string(part)
	if slices.Contains(own, s) {
		return bitsOwn, true
	}
	if isYear(s) {
		return bitsYear, true
	}
	if bits, ok := wordBits(s); ok {
		return bits, true
	}
	for _, replace := range leet {
		if plain := replace.Replace(s); plain != s {
			if bits, ok := wordBits(plain); ok {
				return bits + bitsLeet, true
			}
		}
	}
	return 0, false
}

// leet puts letters for the digits and signs that stand for them.
var leet = []*strings.Replacer{
	strings.NewReplacer("@", "a", "4", "a", "0", "o", "1", "l", "3", "e", "5", "s", "$", "s", "7", "t"),
	strings.NewReplacer("@", "a", "4", "a", "0", "o", "1", "i", "!", "i", "3", "e", "5", "s", "$", "s", "7", "t"),
}

// rows are the rows of keyboards, and the alphabet.
var rows = []string{
	"1234567890", "qwertyuiop", "qwertzuiop", "azertyuiop", "asdfghjkl", "zxcvbnm", "yxcvbnm", "abcdefghijklmnopqrstuvwxyz", "0123456789",
}

// isRun reports whether part is at least three characters of a row, in either direction, or
// one character again and again.
func isRun(part []rune) bool {
	if len(part) < 3 {
		return false
	}
	if !slices.ContainsFunc(part, func(r rune) bool { return r != part[0] }) {
		return true
	}
	forward := string(part)
	backward := slices.Clone(part)
	slices.Reverse(backward)
	for _, row := range rows {
		if strings.Contains(row, forward) || strings.Contains(row, string(backward)) {
			return true
		}
	}
	return false
}

// isYear reports whether s is a year that people put into passwords.
func isYear(s string) bool {
	if len(s) != 4 || strings.Trim(s, "0123456789") != "" {
		return false
	}
	year := 0
	for _, r := range s {
		year = 10*year + int(r-'0')
	}
	return year >= firstYear && year <= lastYear
}

// wordBits returns the bits of a word of the list, and whether it is one.
func wordBits(word string) (float64, bool) {
	low, high := 0, len(words) // the line is in words[low:high], which begins and ends at lines
	for low < high {
		middle := low + strings.LastIndexByte(words[low:(low+high)/2+1], '\n') + 1
		end := middle + strings.IndexByte(words[middle:], '\n')
		line := words[middle:end]
		switch found := line[:len(line)-2]; {
		case found == word:
			return float64(line[len(line)-1]-'a') + 1, true
		case found < word:
			low = end + 1
		default:
			high = middle
		}
	}
	return 0, false
}
