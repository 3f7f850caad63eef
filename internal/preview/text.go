package preview

import (
	"bytes"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"example.org/cloakroom/internal/problem"
	"example.org/cloakroom/internal/sanitize"
)

// readText returns the beginning of a text in UTF-8 with line feeds, without a byte order
// mark, and what cut says if it goes on.
func readText(content io.Reader, size int64) (text, cut string, err error) {
	raw, err := io.ReadAll(io.LimitReader(content, MaxText))
	if err != nil {
		return "", "", err
	}
	if size > MaxText {
		cut = beginning(MaxText)
	}
	text = decoded(raw, size > MaxText)
	return printable(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)), cut, nil
}

// decoded returns text in UTF-8. It takes bytes for UTF-16 if they begin with its byte order
// mark, for UTF-8 if they are valid UTF-8, and for Windows-1252 otherwise. If they are cut, they
// can end within a character.
func decoded(raw []byte, cut bool) string {
	var from encoding.Encoding = charmap.Windows1252
	whole := raw
	if cut {
		whole = withoutPart(raw)
	}
	switch {
	case bytes.HasPrefix(raw, []byte{0xff, 0xfe}), bytes.HasPrefix(raw, []byte{0xfe, 0xff}):
		from = unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM)
		whole = raw[:len(raw)&^1]
	case utf8.Valid(whole):
		return string(bytes.TrimPrefix(whole, []byte("\ufeff")))
	}
	text, err := from.NewDecoder().Bytes(whole)
	if err != nil {
		return strings.ToValidUTF8(string(whole), "\uFFFD")
	}
	return string(text)
}

// withoutPart returns raw without the beginning of a character of UTF-8 at its end.
func withoutPart(raw []byte) []byte {
	for i := 1; i < utf8.UTFMax && i <= len(raw); i++ {
		if last := raw[len(raw)-i:]; utf8.RuneStart(last[0]) {
			if !utf8.FullRune(last) {
				return raw[:len(raw)-i]
			}
			break
		}
	}
	return raw
}

// markdown returns the preview of a text in Markdown. A longer one ends at a line, or within
// a line if there is nothing before it.
func markdown(text, cut string) Preview {
	if len(text) > MaxMarkdown {
		text = string(withoutPart([]byte(text[:MaxMarkdown])))
		if lines := text[:strings.LastIndexByte(text, '\n')+1]; strings.TrimSpace(lines) != "" {
			text = lines
		}
		cut = beginning(MaxMarkdown) + " The source shows more."
	}
	if strings.TrimSpace(text) == "" {
		if text != "" {
			cut = strings.TrimSpace("There is only white space here. " + cut)
		}
		return Preview{Kind: Text, Cut: cut, Formatted: true}
	}
	return Preview{Kind: Markdown, Cut: cut, HTML: sanitize.Document(text), Formatted: true}
}

// splitLines returns the lines of a text, and what is said if there are more.
func splitLines(text string) (lines []string, cut string) {
	text = strings.TrimSuffix(text, "\n")
	if text == "" {
		return nil, ""
	}
	lines = strings.SplitN(text, "\n", MaxLines+1)
	if len(lines) > MaxLines {
		return lines[:MaxLines], "This is the beginning: the first " + problem.Number(MaxLines).String() + " lines."
	}
	return lines, ""
}
