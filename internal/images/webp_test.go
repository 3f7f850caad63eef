package images_test

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"testing"
)

// Lossy WebP images, made with the reference encoder because Go has none.
const (
	webpLossy = "UklGRl4AAABXRUJQVlA4IFIAAACwAwCdASoYABAAPtFWo0u/pKMhsAgD8BoJbDuAGMeQdwf4AB7UYAD+7ts/z2h8AMiCd/cUScadZ/8lkh+9eS" +
		"n0cvjXrhdI3p8S6ThAB2yUKoAA"
	webpAlpha = "UklGRrwAAABXRUJQVlA4WAoAAAAQAAAADwAADwAAQUxQSG0AAAARX6CgjSQ1ZOCYHyMi5hvD2jbjAQatbTdJHTR1gAdQQFCwHCwFy0CHApaC5i" +
		"vgP30PDRH9V9u2DWNPJfUN/FCerADkjvFW4NnnNWQgzX2/XpBjKOvxVNkbV3RB36UytvUfgwWX0CC+n//h/5gAAFZQOCAoAAAAkAEAnQEqEAAQ" +
		"AAOAWiWgAnS6AAOYAP7tBy/G7LOHB7/sU145vEAAAA=="
)

// riff returns a WebP with these chunks.
func riff(chunks ...[]byte) []byte {
	body := append([]byte("WEBP"), bytes.Join(chunks, nil)...)
	return append(binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(len(body))), body...)
}

func riffChunk(kind, data string) []byte {
	b := append(binary.LittleEndian.AppendUint32([]byte(kind), uint32(len(data))), data...)
	if len(data)%2 == 1 {
		b = append(b, 0)
	}
	return b
}

// lossless returns the VP8L data of an image whose left half is red and whose right
// half is red and green, with one bit per pixel.
func lossless(w, h int) string {
	var b bits
	b.put(0x2f, 8)
	b.put(w-1, 14)
	b.put(h-1, 14)
	b.put(0, 1+3+1+1+1) // no alpha, version 0, no transform, no colour cache, one group of codes
	b.put(0b111, 3)     // green: a simple code with two symbols of 8 bits
	b.put(0, 8)
	b.put(255, 8)
	for _, symbol := range []int{255, 0, 255, 0} { // red, blue, alpha and distance: one symbol each
		b.put(0b101, 3)
		b.put(symbol, 8)
	}
	for range h {
		for x := range w {
			b.put(min(1, x/((w+1)/2)), 1)
		}
	}
	return string(b.bytes)
}

// bits writes a bit string, lowest bit first.
type bits struct {
	bytes []byte
	n     int
}

func (b *bits) put(value, n int) {
	for i := range n {
		if b.n%8 == 0 {
			b.bytes = append(b.bytes, 0)
		}
		b.bytes[b.n/8] |= byte(value>>i&1) << (b.n % 8)
		b.n++
	}
}

func vp8x(flags byte, w, h int) []byte {
	size := binary.LittleEndian.AppendUint32(nil, uint32(w-1))[:3]
	size = append(size, binary.LittleEndian.AppendUint32(nil, uint32(h-1))[:3]...)
	return riffChunk("VP8X", string(append([]byte{flags, 0, 0, 0}, size...)))
}

// sticker returns a WebP with all the metadata that programs write.
func sticker(w, h int, orientation uint16) []byte {
	return append(riff(vp8x(0x20|0x08|0x04, w, h), riffChunk("ICCP", string(profile)), riffChunk("VP8L", lossless(w, h)),
		riffChunk("EXIF", string(exif(binary.LittleEndian, orientation))), riffChunk("XMP ", canary+"!"), riffChunk("PRVT", canary)), canary...)
}

func fromBase64(t testing.TB, s string) []byte {
	t.Helper()
	b, err := base64.StdEncoding.DecodeString(s)
	return must(t, b, err)
}
