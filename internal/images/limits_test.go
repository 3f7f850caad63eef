package images_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"io"
	"strings"
	"testing"

	"example.org/cloakroom/internal/images"
	"example.org/cloakroom/internal/problem"
)

func check(t testing.TB, src []byte, mediaType string, limits images.Limits) (images.Info, error) {
	t.Helper()
	made, err := decoder().Thumbnails(t.Context(), bytes.NewReader(src), mediaType, limits)
	return made.Info, err
}

// refused fails the test unless err is one problem of this kind at the field "file",
// with words in its message.
func refused(t testing.TB, err error, kind problem.Kind, words string) {
	t.Helper()
	found := problem.All(err)
	if len(found) != 1 || found[0].Kind != kind || found[0].Field != "file" || !strings.Contains(found[0].Message, words) {
		t.Errorf("err = %v, want a problem %q at file that says %q", err, kind, words)
	}
}

// Each limit allows its own value and refuses the next.
func TestCheck_Limits(t *testing.T) {
	frame := sprite(image.Rect(0, 0, 40, 30), 1)
	still := map[string][]byte{
		"image/jpeg": jpegOf(t, drawing(40, 30), 90),
		"image/png":  pngOf(t, drawing(40, 30)),
		"image/gif":  gifOf(t, frame),
		"image/webp": sticker(40, 30, 1),
	}
	exact := images.Limits{MaxSide: 40, MaxPixels: 1200, MaxFrames: 1, MaxFramePixels: 0}
	for mediaType, src := range still {
		if info, err := check(t, src, mediaType, exact); err != nil || info != (images.Info{Width: 40, Height: 30, Frames: 1}) {
			t.Errorf("%s: %+v, %v", mediaType, info, err)
		}
		narrow, small := exact, exact
		narrow.MaxSide--
		small.MaxPixels--
		_, err := check(t, src, mediaType, narrow)
		refused(t, err, problem.Invalid, "40 × 30 pixels. Up to 39 per side")
		_, err = check(t, src, mediaType, small)
		refused(t, err, problem.Invalid, "40 × 30 pixels. Up to 1,199 in total")
	}

	moving := gifOf(t, frame, frame, frame)
	exact.MaxFrames, exact.MaxFramePixels = 3, 3*1200
	if info, err := check(t, moving, "image/gif", exact); err != nil || info.Frames != 3 {
		t.Errorf("%+v, %v", info, err)
	}
	few, short := exact, exact
	few.MaxFrames--
	short.MaxFramePixels--
	_, err := check(t, moving, "image/gif", few)
	refused(t, err, problem.Invalid, "3 frames. Up to 2")
	_, err = check(t, moving, "image/gif", short)
	refused(t, err, problem.Invalid, "3 frames of 40 × 30 pixels. Up to 3,599")

	// Every method that decodes enforces them.
	_, err = decoder().Thumbnails(t.Context(), bytes.NewReader(moving), "image/gif", few)
	refused(t, err, problem.Invalid, "Up to 2")
	_, _, err = decoder().Avatar(t.Context(), bytes.NewReader(moving), "image/gif", few)
	refused(t, err, problem.Invalid, "Up to 2")
}

func TestCheck_ThousandFrames(t *testing.T) {
	frames := make([]*image.Paletted, 1001)
	for i := range frames {
		frames[i] = sprite(image.Rect(0, 0, 20, 20), uint8(1+i%3))
	}
	if info, err := check(t, gifOf(t, frames[:1000]...), "image/gif", roomy); err != nil || info.Frames != 1000 {
		t.Errorf("1,000 frames: %+v, %v", info, err)
	}
	_, err := check(t, gifOf(t, frames...), "image/gif", roomy)
	refused(t, err, problem.Invalid, "1,001 frames. Up to 1,000")
}

// The declared size is checked before a buffer of that size is allocated.
func TestCheck_Bombs(t *testing.T) {
	ihdr := "\x00\x00\xea\x60\x00\x00\xea\x60\x08\x06\x00\x00\x00"
	_, err := check(t, append([]byte("\x89PNG\r\n\x1a\n"), chunk("IHDR", ihdr)...), "image/png", roomy)
	refused(t, err, problem.Invalid, "60,000 × 60,000 pixels")

	sof := segment(0xc0, "\x08\xff\xff\xff\xff\x03\x01\x22\x00\x02\x11\x01\x03\x11\x01")
	_, err = check(t, append([]byte{0xff, 0xd8}, append(sof, segment(0xda, "\x03\x01\x00\x02\x11\x03\x11\x00\x3f\x00")...)...),
		"image/jpeg", roomy)
	refused(t, err, problem.Invalid, "65,535 × 65,535 pixels")

	_, err = check(t, []byte("GIF89a\xff\xff\xff\xff\x00\x00\x00"), "image/gif", roomy)
	refused(t, err, problem.Invalid, "65,535 × 65,535 pixels")

	_, err = check(t, riff(vp8x(0, 20000, 20000), riffChunk("VP8L", lossless(8, 8))), "image/webp", roomy)
	refused(t, err, problem.Invalid, "20,000 × 20,000 pixels")
	_, err = check(t, riff(vp8x(0, 8, 8), riffChunk("VP8L", lossless(16000, 16)[:40])), "image/webp", roomy)
	refused(t, err, problem.Unsupported, "be read")
}

// A profile that inflates beyond the maximum is not copied, and long text is neither
// read nor copied.
func TestClean_ProfileBomb(t *testing.T) {
	zeros := make([]byte, 8<<20)
	bomb := chunk("iCCP", "icc\x00\x00"+deflate(zeros))
	text := chunk("zTXt", "Comment\x00\x00"+string(zeros))
	out := clean(t, pngOf(t, drawing(20, 20), bomb, text), "image/png")
	if bytes.Contains(out, []byte("iCCP")) || len(out) > 10_000 {
		t.Errorf("the clean copy has %d bytes", len(out))
	}
	segments := [][]byte{}
	for i := range 64 {
		segments = append(segments, segment(0xe2, "ICC_PROFILE\x00"+string([]byte{byte(i + 1), 64})+string(zeros[:60000])))
	}
	if out := clean(t, jpegOf(t, drawing(20, 20), 90, segments...), "image/jpeg"); len(out) > 10_000 {
		t.Errorf("the clean copy has %d bytes", len(out))
	}
}

// Of an image truncated at any position, or with any byte changed, nothing worse is heard than
// a problem, and no thumbnail costs the clean copy.
func TestClean_Damaged(t *testing.T) {
	for mediaType, src := range map[string][]byte{
		"image/jpeg": jpegOf(t, drawing(24, 16), 60),
		"image/png":  pngOf(t, drawing(8, 8)),
		"image/gif":  gifOf(t, sprite(image.Rect(0, 0, 9, 9), 1), sprite(image.Rect(0, 0, 9, 9), 2)),
		"image/webp": riff(riffChunk("VP8L", lossless(30, 20))),
	} {
		for i := range src {
			changed := bytes.Clone(src)
			changed[i] ^= 0x55
			for _, damaged := range [][]byte{src[:i], changed} {
				_, decodes := check(t, damaged, mediaType, roomy)
				_, cleans := decoder().Clean(t.Context(), io.Discard, bytes.NewReader(damaged), mediaType, roomy)
				for _, err := range []error{decodes, cleans} {
					if err != nil && problem.All(err) == nil {
						t.Errorf("%s damaged at byte %d: %v", mediaType, i, err)
					}
				}
				if decodes == nil && cleans != nil {
					t.Errorf("%s damaged at byte %d: it decodes, and is not cleaned: %v", mediaType, i, cleans)
				}
			}
			if half := len(src) / 2; mediaType != "image/webp" && i > half && len(src) > 700 {
				if _, err := decoder().Clean(t.Context(), io.Discard, bytes.NewReader(src[:i]), mediaType, roomy); err != nil {
					t.Errorf("%s cut at byte %d: %v", mediaType, i, err)
				}
			}
		}
	}
}

func TestCheck_NotAnImage(t *testing.T) {
	polyglot := []byte("GIF89a/*\x00\x01\x00\x00\x00,*/=1;alert(1)//<script>alert(1)</script>")
	for _, c := range []struct {
		mediaType string
		src       []byte
	}{
		{"image/jpeg", polyglot}, {"image/png", nil}, {"image/webp", []byte("RIFF\x00\x00\x00\x00WEBP")},
		{"image/jpeg", pngOf(t, drawing(4, 4))}, {"image/gif", gifOf(t, sprite(image.Rect(0, 0, 4, 4), 1))[:13]},
	} {
		_, err := check(t, c.src, c.mediaType, roomy)
		refused(t, err, problem.Unsupported, "be read")
	}
	for _, mediaType := range []string{"", "image/svg+xml", "image/tiff", "text/html"} {
		_, err := check(t, pngOf(t, drawing(4, 4)), mediaType, roomy)
		refused(t, err, problem.Unsupported, "supported")
	}
}

// A failing source fails after some bytes, like a store that is gone.
type failing struct {
	*bytes.Reader
	after int
}

var errGone = errors.New("the store is gone")

func (f *failing) Read(p []byte) (int, error) {
	if f.after -= len(p); f.after < 0 {
		return 0, errGone
	}
	return f.Reader.Read(p)
}

// An image is not rejected when the store it is read from fails.
func TestCheck_StoreFails(t *testing.T) {
	for mediaType, src := range map[string][]byte{
		"image/jpeg": photograph(t, drawing(700, 500), binary.BigEndian, 1), "image/png": screenshot(t, drawing(300, 300), 1),
		"image/gif": animation(t), "image/webp": sticker(300, 300, 1),
	} {
		for _, after := range []int{0, 1 << 16, 1<<17 + 1<<15} {
			broken := &failing{bytes.NewReader(src), after}
			if _, err := decoder().Thumbnails(t.Context(), broken, mediaType, roomy); err != nil &&
				(!errors.Is(err, errGone) || problem.KindOf(err) != problem.Internal) {
				t.Errorf("%s: Check: %v", mediaType, err)
			}
			broken = &failing{bytes.NewReader(src), after}
			if _, err := decoder().Clean(t.Context(), io.Discard, broken, mediaType, roomy); err != nil &&
				(!errors.Is(err, errGone) || problem.KindOf(err) != problem.Internal) {
				t.Errorf("%s: Clean: %v", mediaType, err)
			}
		}
		_, err := decoder().Clean(t.Context(), full{}, bytes.NewReader(src), mediaType, roomy)
		if !errors.Is(err, errGone) || problem.KindOf(err) != problem.Internal {
			t.Errorf("%s: a full store: %v", mediaType, err)
		}
	}
}

// full is a store without free space.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errGone }
