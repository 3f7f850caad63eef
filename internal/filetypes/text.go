package filetypes

import (
	"bytes"
	"encoding/binary"
	"unicode/utf8"
)

const (
	utf8Charset  = "utf-8"
	utf16Charset = "utf-16"
)

// A Text finds out whether the bytes that are written to it are text, and in which
// charset. It looks at all of them, and holds none. The zero Text is ready for use.
type Text struct {
	order  binary.ByteOrder // of UTF-16; nil: of single bytes
	begun  bool
	binary bool   // a byte that is in no text was seen
	legacy bool   // a byte that is not UTF-8 was seen
	ended  bool   // Ctrl-Z was seen, the end of a text in DOS
	high   bool   // the last unit of UTF-16 began a pair
	rest   []byte // the beginning of a character that goes on in the next Write
}

const ctrlZ = 0x1a

// notText holds the bytes that text does not contain. Of the control characters it contains
// white space, and what terminals, printers and ISO 2022 write into logs (BEL, BS, FF, SO,
// SI, ESC); Ctrl-Z only at its end.
var notText = [256]bool{
	0: true, 1: true, 2: true, 3: true, 4: true, 5: true, 6: true, 0x10: true, 0x11: true, 0x12: true, 0x13: true, 0x14: true, 0x15: true,
	0x16: true, 0x17: true, 0x18: true, 0x19: true, ctrlZ: true, 0x1c: true, 0x1d: true, 0x1e: true, 0x1f: true,
}

// Write implements io.Writer. It never fails.
func (t *Text) Write(p []byte) (int, error) {
	n := len(p)
	if t.binary || n == 0 {
		return n, nil
	}
	if len(t.rest) > 0 {
		p = append(t.rest, p...) //nolint:gocritic // rest is at most 3 bytes, and never shared
		t.rest = nil
	}
	if !t.begun {
		if len(p) < 2 { // wait for the byte order mark
			t.rest = append([]byte(nil), p...)
			return n, nil
		}
		t.begin(p)
	}
	if t.order != nil {
		t.units(p)
	} else {
		t.bytes(p)
	}
	return n, nil
}

// begin looks for the byte order mark of UTF-16.
func (t *Text) begin(p []byte) {
	t.begun = true
	switch {
	case p[0] == 0xff && p[1] == 0xfe:
		t.order = binary.LittleEndian
	case p[0] == 0xfe && p[1] == 0xff:
		t.order = binary.BigEndian
	}
}

// bytes reads text of single bytes: UTF-8, or an older charset.
func (t *Text) bytes(p []byte) {
	for i, b := range p {
		if notText[b] || t.ended {
			t.ended = true
			t.binary = len(bytes.Trim(p[i:], string(rune(ctrlZ)))) > 0
			break
		}
	}
	if t.binary || t.legacy {
		return
	}
	end := len(p)
	for i := 1; i < utf8.UTFMax && i <= len(p); i++ { // a character that is cut goes on later
		if utf8.RuneStart(p[len(p)-i]) {
			if !utf8.FullRune(p[len(p)-i:]) {
				end = len(p) - i
			}
			break
		}
	}
	t.legacy = !utf8.Valid(p[:end])
	t.rest = append([]byte(nil), p[end:]...)
}

// units reads UTF-16.
func (t *Text) units(p []byte) {
	for ; len(p) >= 2; p = p[2:] {
		unit := t.order.Uint16(p)
		low, forbidden := unit>>10 == 0xdc00>>10, unit < ' ' && unit != ctrlZ && notText[unit]
		if forbidden || unit >= 0xfffe || low != t.high || t.ended && unit != ctrlZ {
			t.binary = true
			return
		}
		t.high, t.ended = unit>>10 == 0xd800>>10, unit == ctrlZ
	}
	t.rest = append([]byte(nil), p...)
}

// IsText reports whether everything that was written is text.
func (t *Text) IsText() bool {
	if len(t.rest) == 1 && !t.begun {
		b := t.rest[0]
		return !notText[b] || b == ctrlZ
	}
	return !t.binary && (t.order == nil || len(t.rest) == 0 && !t.high)
}

// Charset returns the charset of the text: "utf-8", "utf-16" with a byte order mark, or ""
// if it is another one.
func (t *Text) Charset() string {
	switch {
	case !t.IsText():
		return ""
	case t.order != nil:
		return utf16Charset
	case t.legacy, len(t.rest) > 0 && !utf8.Valid(t.rest):
		return ""
	}
	return utf8Charset
}
