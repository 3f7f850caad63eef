package images_test

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/gif"
	"slices"
	"strings"
	"testing"
	"time"

	_ "image/png"

	_ "golang.org/x/image/webp"

	"example.org/cloakroom/internal/images"
)

func decoder() *images.Decoder {
	return &images.Decoder{Workers: 2, Memory: 1 << 30, Timeout: time.Minute}
}

func clean(t testing.TB, src []byte, mediaType string) []byte {
	t.Helper()
	var b bytes.Buffer
	if _, err := decoder().Clean(t.Context(), &b, bytes.NewReader(src), mediaType, roomy); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func decode(t testing.TB, src []byte) image.Image {
	t.Helper()
	img, _, err := image.Decode(bytes.NewReader(src))
	return must(t, img, err)
}

func gray(img *image.NRGBA) image.Image {
	out := image.NewGray(img.Rect)
	for i := range out.Pix {
		out.Pix[i] = img.Pix[4*i]
	}
	return out
}

func TestClean_RemovesMetadata(t *testing.T) {
	large := slices.Repeat(profile, 400) // more than one JPEG segment can hold
	for name, c := range map[string]struct {
		mediaType string
		src       []byte
		icc       []byte // expected in the file; nil: none
	}{
		"jpeg":               {"image/jpeg", photograph(t, drawing(70, 50), binary.BigEndian, 1), profile[:100]},
		"jpeg, odd exif":     {"image/jpeg", photograph(t, drawing(70, 50), binary.LittleEndian, 9), profile[100:]},
		"jpeg, turned":       {"image/jpeg", photograph(t, drawing(70, 50), binary.LittleEndian, 6), profile},
		"jpeg, gray":         {"image/jpeg", photograph(t, gray(drawing(70, 50)), binary.LittleEndian, 1), profile[:100]},
		"jpeg, gray, turned": {"image/jpeg", photograph(t, gray(drawing(70, 50)), binary.LittleEndian, 3), profile},
		"jpeg, large profile, turned": {"image/jpeg", jpegOf(t, drawing(70, 50), 90,
			segment(0xe1, "Exif\x00\x00"+string(exif(binary.BigEndian, 8))),
			segment(0xe2, "ICC_PROFILE\x00\x01\x03"+string(large[:60000])), segment(0xe2, "ICC_PROFILE\x00\x02\x03"+string(large[60000:120000])),
			segment(0xe2, "ICC_PROFILE\x00\x03\x03"+string(large[120000:]))), large[:65519]},
		"png":                {"image/png", screenshot(t, drawing(70, 50), 1), []byte(deflate(profile))},
		"png, transparent":   {"image/png", screenshot(t, seeThrough(70, 50), 1), []byte(deflate(profile))},
		"png, turned":        {"image/png", screenshot(t, drawing(70, 50), 6), []byte(deflate(profile))},
		"gif":                {"image/gif", animation(t), nil},
		"webp":               {"image/webp", sticker(33, 21, 1), profile},
		"webp, turned":       {"image/webp", sticker(33, 21, 6), profile},
		"webp, simple":       {"image/webp", append(riff(riffChunk("VP8L", lossless(33, 21))), canary...), nil},
		"webp, lossy":        {"image/webp", append(fromBase64(t, webpLossy), canary...), nil},
		"webp, lossy, alpha": {"image/webp", append(fromBase64(t, webpAlpha), canary...), nil},
	} {
		t.Run(name, func(t *testing.T) {
			if !bytes.Contains(c.src, []byte(canary[:12])) && !strings.Contains(name, "large") {
				t.Fatal("the test's own picture has no canary")
			}
			out := clean(t, c.src, c.mediaType)
			for _, hidden := range []string{canary[:12], "PK\x03\x04", "MPF\x00", deflate([]byte(canary)), "tIME"} {
				if bytes.Contains(out, []byte(hidden)) {
					t.Errorf("the clean copy holds %q", hidden)
				}
			}
			if at := bytes.Index(out, []byte("JFIF\x00")); at >= 0 && (out[at+12] != 0 || out[at+13] != 0) {
				t.Error("the clean copy announces a thumbnail it has not")
			}
			if !bytes.Contains(out, c.icc) {
				t.Error("the clean copy has lost its colour profile")
			}
			if !strings.Contains(name, "turned") && !samePixels(decode(t, c.src), decode(t, out)) {
				t.Error("the clean copy looks otherwise")
			}
			if again := clean(t, out, c.mediaType); !bytes.Equal(again, out) {
				t.Error("cleaning the clean copy changes it")
			}
			before, err1 := check(t, c.src, c.mediaType, roomy)
			after, err2 := check(t, out, c.mediaType, roomy)
			if err1 != nil || err2 != nil || before != after {
				t.Errorf("Check: %+v, %v before and %+v, %v after", before, err1, after, err2)
			}
		})
	}
}

func samePixels(a, b image.Image) bool {
	if a.Bounds() != b.Bounds() {
		return false
	}
	for y := a.Bounds().Min.Y; y < a.Bounds().Max.Y; y++ {
		for x := a.Bounds().Min.X; x < a.Bounds().Max.X; x++ {
			if !sameColour(a.At(x, y), b.At(x, y)) {
				return false
			}
		}
	}
	return true
}

func sameColour(a, b color.Color) bool {
	r1, g1, b1, a1 := a.RGBA()
	r2, g2, b2, a2 := b.RGBA()
	return r1 == r2 && g1 == g2 && b1 == b2 && a1 == a2
}

// A cleaned animation keeps its timing and frames.
func TestClean_KeepsAnimation(t *testing.T) {
	src := animation(t)
	before, err := gif.DecodeAll(bytes.NewReader(src))
	must(t, before, err)
	after, err := gif.DecodeAll(bytes.NewReader(clean(t, src, "image/gif")))
	must(t, after, err)
	if !slices.Equal(before.Delay, after.Delay) || !slices.Equal(before.Disposal, after.Disposal) ||
		before.LoopCount != after.LoopCount || len(after.Image) != 3 {
		t.Errorf("delays %v, disposals %v, loops %d became %v, %v, %d", before.Delay, before.Disposal, before.LoopCount, after.Delay,
			after.Disposal, after.LoopCount)
	}
	for i := range before.Image {
		if !samePixels(before.Image[i], after.Image[i]) {
			t.Errorf("frame %d looks otherwise", i)
		}
	}
}

// layout returns the colours of the quarters of img, row by row: "RGBW" for an upright
// drawing.
func layout(img image.Image) string {
	b := img.Bounds()
	var s strings.Builder
	for _, at := range []image.Point{{1, 1}, {3, 1}, {1, 3}, {3, 3}} {
		r, g, bl, _ := img.At(b.Min.X+at.X*b.Dx()/4, b.Min.Y+at.Y*b.Dy()/4).RGBA()
		const half = 0x6000
		switch [3]bool{r > half, g > half, bl > half} {
		case [3]bool{true, false, false}:
			s.WriteByte('R')
		case [3]bool{false, true, false}:
			s.WriteByte('G')
		case [3]bool{false, false, true}:
			s.WriteByte('B')
		case [3]bool{true, true, true}:
			s.WriteByte('W')
		default:
			s.WriteByte('?')
		}
	}
	return s.String()
}

// viewed maps each EXIF orientation to the layout of a stored drawing when displayed:
// for example, 6 means that the first stored row is the right side.
var viewed = map[uint16]string{1: "RGBW", 2: "GRWB", 3: "WBGR", 4: "BWRG", 5: "RBGW", 6: "BRWG", 7: "WGBR", 8: "GWRB"}

func TestOrientation(t *testing.T) {
	stored := drawing(64, 48)
	for _, c := range []struct {
		name, mediaType string
		src             func(o uint16) []byte
	}{
		{"jpeg", "image/jpeg", func(o uint16) []byte { return photograph(t, stored, binary.BigEndian, o) }},
		{"jpeg, odd", "image/jpeg", func(o uint16) []byte { return photograph(t, drawing(63, 47), binary.LittleEndian, o) }},
		{"png", "image/png", func(o uint16) []byte { return screenshot(t, stored, o) }},
	} {
		for o, want := range viewed {
			src := c.src(o)
			size := must(t, decode(t, src).Bounds(), nil).Size()
			if o >= 5 {
				size.X, size.Y = size.Y, size.X
			}
			info, err := check(t, src, c.mediaType, roomy)
			if err != nil || info != (images.Info{Width: size.X, Height: size.Y, Frames: 1}) {
				t.Errorf("%s %d: Check = %+v, %v; want %v", c.name, o, info, err, size)
			}
			out := decode(t, clean(t, src, c.mediaType))
			if got := layout(out); got != want || out.Bounds().Size() != size {
				t.Errorf("%s %d: clean is %s, %v; want %s, %v", c.name, o, got, out.Bounds().Size(), want, size)
			}
			thumbs, err := decoder().Thumbnails(t.Context(), bytes.NewReader(src), c.mediaType, roomy)
			if err != nil {
				t.Fatal(err)
			}
			for _, thumb := range [][]byte{thumbs.Small, thumbs.Large} {
				if img := decode(t, thumb); layout(img) != want || img.Bounds().Size() != size {
					t.Errorf("%s %d: thumbnail is %s, %v; want %s", c.name, o, layout(img), img.Bounds().Size(), want)
				}
			}
			avatar, _, err := decoder().Avatar(t.Context(), bytes.NewReader(src), c.mediaType, roomy)
			if img := decode(t, must(t, avatar, err)); layout(img) != want {
				t.Errorf("%s %d: avatar is %s; want %s", c.name, o, layout(img), want)
			}
		}
	}
}

// The width of a thumbnail is limited after turning.
func TestOrientation_Shrunk(t *testing.T) {
	for o, want := range map[uint16]image.Point{1: {320, 640}, 6: {320, 160}, 3: {320, 640}, 8: {320, 160}} {
		thumbs, err := decoder().Thumbnails(t.Context(), bytes.NewReader(photograph(t, drawing(660, 1320), binary.BigEndian, o)),
			"image/jpeg", roomy)
		if err != nil {
			t.Fatal(err)
		}
		if img := decode(t, thumbs.Small); img.Bounds().Size() != want || layout(img) != viewed[o] {
			t.Errorf("%d: %v, %s; want %v, %s", o, img.Bounds().Size(), layout(img), want, viewed[o])
		}
	}
}

// Browsers do not turn a WebP by its EXIF. So the clean copy, the thumbnail and the recorded
// size are as it is stored.
func TestOrientation_WebP(t *testing.T) {
	src := sticker(40, 20, 6)
	out := clean(t, src, "image/webp")
	if bytes.Contains(out, []byte("EXIF")) || out[20]&0x0c != 0 {
		t.Errorf("the clean copy has EXIF: %q", out)
	}
	thumbs, err := decoder().Thumbnails(t.Context(), bytes.NewReader(src), "image/webp", roomy)
	if err != nil || thumbs.Info != (images.Info{Width: 40, Height: 20, Frames: 1}) {
		t.Fatalf("%+v, %v", thumbs.Info, err)
	}
	if img := decode(t, thumbs.Large); img.Bounds().Size() != image.Pt(40, 20) {
		t.Errorf("thumbnail: %v", img.Bounds().Size())
	}
}
