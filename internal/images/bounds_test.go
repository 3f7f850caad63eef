package images_test

import (
	"bytes"
	"fmt"
	"image"
	"io"
	"runtime"
	"slices"
	"testing"

	"example.org/cloakroom/internal/problem"
)

// An endless image is head, and then part again and again up to a size.
type endless struct {
	head, part []byte
	size, at   int64

	looked int64  // where the memory was looked at
	most   uint64 // that was held, in bytes
}

// look notes how much memory is held.
func (e *endless) look() {
	var stats runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&stats)
	e.most, e.looked = max(e.most, stats.HeapAlloc), e.at
}

func (e *endless) Read(p []byte) (n int, err error) {
	for n < len(p) && e.at < e.size {
		var m int
		if at := e.at - int64(len(e.head)); at < 0 {
			m = copy(p[n:], e.head[e.at:])
		} else {
			m = copy(p[n:], e.part[at%int64(len(e.part)):])
		}
		n, e.at = n+m, e.at+int64(m)
	}
	if e.at-e.looked > 8<<20 || n == 0 {
		e.look()
	}
	if n == 0 {
		return 0, io.EOF
	}
	return n, nil
}

func (e *endless) Seek(offset int64, whence int) (int64, error) {
	if whence != io.SeekStart {
		return 0, fmt.Errorf("whence %d", whence)
	}
	e.at, e.looked = offset, offset
	return offset, nil
}

// No scanner keeps what an image repeats without end: of 16 MiB of any part that a scanner
// looks at, at most 8 MiB are held at any time. Most of that are the colour profile, as it
// is and compressed.
func TestScanners_KeepAFixedSum(t *testing.T) {
	pngHead := pngOf(t, drawing(8, 8))[:8+25]
	jpegHead := jpegOf(t, drawing(8, 8), 90)
	cut := bytes.Index(jpegHead, []byte{0xff, 0xda})
	sos := jpegHead[cut : cut+14]
	webpHead := riff(vp8x(0x2c, 30, 20), riffChunk("VP8L", lossless(30, 20)))
	copy(webpHead[4:], "\xf0\xff\xff\xff")
	big := string(make([]byte, 60_000))
	gifHead := gifOf(t, sprite(image.Rect(0, 0, 4, 4), 1))
	gifHead = gifHead[:len(gifHead)-1]
	for name, c := range map[string]struct {
		mediaType  string
		head, part []byte
	}{
		"PNG IHDR":       {"image/png", pngHead, pngHead[8:]},
		"PNG gAMA":       {"image/png", pngHead, chunk("gAMA", "\x00\x00\xb1\x8f")},
		"PNG eXIf":       {"image/png", pngHead, chunk("eXIf", big)},
		"PNG iCCP":       {"image/png", pngHead, chunk("iCCP", "icc\x00\x00"+deflate(make([]byte, 1<<20)))},
		"PNG tEXt":       {"image/png", pngHead, chunk("tEXt", big)},
		"JPEG ICC":       {"image/jpeg", jpegHead[:cut], segment(0xe2, "ICC_PROFILE\x00\x01\x01"+big)},
		"JPEG EXIF":      {"image/jpeg", jpegHead[:cut], segment(0xe1, "Exif\x00\x00"+big)},
		"JPEG Adobe":     {"image/jpeg", jpegHead[:cut], segment(0xee, "Adobe"+big)},
		"JPEG scans":     {"image/jpeg", jpegHead[:cut], sos},
		"GIF comments":   {"image/gif", gifHead, append([]byte("\x21\xfe"), append(subBlock(big[:255]), 0)...)},
		"GIF controls":   {"image/gif", gifHead, []byte("\x21\xf9\x04\x00\x00\x00\x00\x00")},
		"GIF repeats":    {"image/gif", gifHead, []byte("\x21\xff\x0bNETSCAPE2.0\x03\x01\x00\x00\x00")},
		"WebP EXIF":      {"image/webp", webpHead, riffChunk("EXIF", big)},
		"WebP no EXIF":   {"image/webp", webpHead, riffChunk("EXIF", "")},
		"WebP ICCP":      {"image/webp", webpHead, riffChunk("ICCP", big)},
		"WebP something": {"image/webp", webpHead, riffChunk("what", big)},
	} {
		src := &endless{head: c.head, part: c.part, size: 16 << 20}
		src.look()
		before := src.most
		_, _ = decoder().Thumbnails(t.Context(), src, c.mediaType, roomy) // refused or taken: what it holds counts
		_, err := decoder().Clean(t.Context(), io.Discard, src, c.mediaType, roomy)
		if held := src.most - before; held > 8<<20 {
			t.Errorf("%s: %d MiB are held (%v)", name, held>>20, err)
		}
	}
}

// A JPEG has as many scans as a decoder can afford, and no more: 100, and fewer the
// larger it is.
func TestCheck_Scans(t *testing.T) {
	for _, c := range []struct{ side, most int }{{16, 100}, {8192, 32}} {
		if _, err := check(t, scans(t, c.side, c.most+1), "image/jpeg", roomy); problem.All(err) == nil {
			t.Errorf("%d × %d with %d scans: %v", c.side, c.side, c.most+1, err)
		} else {
			refused(t, err, problem.Unsupported, "scans")
		}
		if c.side > 16 { // decoding takes seconds
			continue
		}
		if _, err := check(t, scans(t, c.side, c.most), "image/jpeg", roomy); err != nil {
			t.Errorf("%d × %d with %d scans: %v", c.side, c.side, c.most, err)
		}
	}
}

// scans returns a gray progressive JPEG of which each scan is empty.
func scans(t testing.TB, side, n int) []byte {
	t.Helper()
	made := []byte("\xff\xd8")
	made = append(made, segment(0xdb, "\x00"+string(bytes.Repeat([]byte{1}, 64)))...)
	size := string([]byte{byte(side >> 8), byte(side), byte(side >> 8), byte(side)})
	made = append(made, segment(0xc2, "\x08"+size+"\x01\x01\x11\x00")...)
	made = append(made, segment(0xc4, "\x00\x01"+string(make([]byte, 15))+"\x00")...)     // DC: one code, no difference
	made = append(made, segment(0xc4, "\x10\x02"+string(make([]byte, 15))+"\xe0\x00")...) // AC: end of 2^14 blocks, or of one
	blocks := (side + 7) / 8 * ((side + 7) / 8)
	made = append(made, segment(0xda, "\x01\x01\x00\x00\x00\x00")...)
	made = append(made, make([]byte, (blocks+7)/8)...)
	for range n - 1 {
		made = append(made, segment(0xda, "\x01\x01\x00\x01\x01\x00")...)
		made = append(made, make([]byte, 15*(blocks/(1<<14))/8+64)...)
	}
	return append(made, 0xff, 0xd9)
}

// A million tiny parts of an image do not take memory one after the other, which would cost
// the processor half a minute. It runs without the race detector, with which pools of buffers
// forget some of them.
func TestThumbnails_OfTinyParts(t *testing.T) {
	const size = 4 << 20
	picture := drawing(64, 64)
	png, jpeg, gif := pngOf(t, picture), jpegOf(t, picture, 90), gifOf(t, sprite(image.Rect(0, 0, 4, 4), 1))
	scan := bytes.Index(jpeg, []byte{0xff, 0xda})
	many := func(part []byte) []byte { return bytes.Repeat(part, size/len(part)) }
	for name, c := range map[string]struct {
		mediaType string
		src       []byte
	}{
		"PNG tEXt":     {"image/png", slices.Concat(png[:8+25], many(chunk("tEXt", "")), png[8+25:])},
		"PNG gAMA":     {"image/png", slices.Concat(png[:8+25], many(chunk("gAMA", "\x00\x00\xb1\x8f")), png[8+25:])},
		"PNG fdAT":     {"image/png", slices.Concat(png[:8+25], many(chunk("fdAT", "")), png[8+25:])},
		"JPEG comment": {"image/jpeg", slices.Concat(jpeg[:scan], many([]byte("\xff\xfe\x00\x02")), jpeg[scan:])},
		"GIF comment":  {"image/gif", slices.Concat(gif[:len(gif)-1], many([]byte("\x21\xfe\x01x\x00")), gif[len(gif)-1:])},
		"GIF control":  {"image/gif", slices.Concat(gif[:len(gif)-1], many([]byte("\x21\xf9\x04\x00\x00\x00\x00\x00")), gif[len(gif)-1:])},
		"WebP what":    {"image/webp", riff(vp8x(0, 30, 20), riffChunk("VP8L", lossless(30, 20)), many(riffChunk("what", "")))},
		"WebP before":  {"image/webp", riff(vp8x(0, 30, 20), many(riffChunk("what", "")), riffChunk("VP8L", lossless(30, 20)))},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := decoder().Thumbnails(t.Context(), bytes.NewReader(c.src), c.mediaType, roomy)
		_, cleaning := decoder().Clean(t.Context(), io.Discard, bytes.NewReader(c.src), c.mediaType, roomy)
		runtime.ReadMemStats(&after)
		if taken := after.TotalAlloc - before.TotalAlloc; taken > 32<<20 {
			t.Errorf("%s: %d MiB are taken for an image of %d MiB (%v)", name, taken>>20, size>>20, err)
		}
		if cleaning != nil {
			t.Errorf("%s: cleaning: %v", name, cleaning)
		}
	}
}
