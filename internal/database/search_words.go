package database

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// Each dialect would split text into words in its own way, so we do it ourselves. The
// dialects get folded letters and digits between spaces, and so nothing of their query
// syntax.

const (
	maxWord  = 64 // bytes of a word that count; PostgreSQL takes up to 2046
	maxWords = 10 // words of a search that count
)

// unspaced are the scripts that put no spaces between words.
var unspaced = []*unicode.RangeTable{
	unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar,
	{R16: []unicode.Range16{{Lo: 'ー', Hi: 'ー', Stride: 1}}}, // lengthens a vowel in both kana
}

// indexedWords returns the words of text as the index holds them. A run of characters
// without spaces, such as 日本語, is held as its pairs and its last character, so that
// every part of it is found: 日本, 本語, 語.
func indexedWords(text string) []string {
	return splitWords(text, func(words []string, run []string) []string {
		return append(pairs(words, run), run[len(run)-1])
	})
}

// soughtWords returns the words of a search. Each starts a word of the index.
func soughtWords(text string) []string {
	return splitWords(text, func(words []string, run []string) []string {
		if len(run) == 1 {
			return append(words, run[0])
		}
		return pairs(words, run)
	})
}

// pairs appends each two characters of run that follow one another to words.
func pairs(words, run []string) []string {
	for i := range len(run) - 1 {
		words = append(words, run[i]+run[i+1])
	}
	return words
}

// splitWords returns the folded words of text. addRun appends what stands for a run of
// characters without spaces, each with its marks.
func splitWords(text string, addRun func(words, run []string) []string) (words []string) {
	fields := strings.FieldsFunc(fold(text), func(r rune) bool {
		return r == utf8.RuneError || !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r)
	})
	for _, field := range fields {
		for field != "" {
			run, rest := cutRun(field)
			if len(run) > 0 {
				words = addRun(words, run)
				field = rest
				continue
			}
			end := strings.IndexFunc(field, isUnspaced)
			if end < 0 {
				end = len(field)
			}
			words, field = append(words, shorten(field[:end])), field[end:]
		}
	}
	return words
}

// cutRun cuts the run of characters without spaces off the start of s.
func cutRun(s string) (run []string, rest string) {
	for s != "" {
		r, size := utf8.DecodeRuneInString(s)
		switch {
		case isUnspaced(r) && (!unicode.IsMark(r) || len(run) == 0):
			run = append(run, s[:size])
		case unicode.IsMark(r) && len(run) > 0:
			if last := &run[len(run)-1]; len(*last) < maxWord/2 {
				*last += s[:size]
			}
		default:
			return run, s
		}
		s = s[size:]
	}
	return run, ""
}

func isUnspaced(r rune) bool { return r >= 0x0e00 && unicode.In(r, unspaced...) }

// shorten returns the part of word that counts.
func shorten(word string) string {
	if len(word) > maxWord {
		return strings.ToValidUTF8(word[:maxWord], "")
	}
	return word
}

// fold returns text without case and accents, so that cafe finds Café, and strasse Straße.
// It drops the accents of Latin, Greek and Cyrillic alone: in other scripts marks are
// vowels.
func fold(text string) string {
	bare := strings.Map(func(r rune) rune {
		if r >= 0x0300 && r <= 0x036f {
			return -1
		}
		return r
	}, norm.NFKD.String(text))
	return norm.NFC.String(cases.Fold().String(bare))
}
