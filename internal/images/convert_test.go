package images_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	_ "image/jpeg"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"example.org/cloakroom/internal/images"
	"example.org/cloakroom/internal/problem"
	"example.org/cloakroom/internal/testenv"
)

// encoded returns img as a HEIC or AVIF, made by the reference encoder.
func encoded(t *testing.T, img image.Image, mediaType string, options ...string) []byte {
	t.Helper()
	dir := t.TempDir()
	in, out := filepath.Join(dir, "in.png"), filepath.Join(dir, "out")
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(in, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	args := append([]string{"-s", "9", "--min", "10", "--max", "20"}, append(options, in, out+".avif")...)
	program, ending := "avifenc", ".avif"
	if mediaType == images.HEIC {
		program, ending, args = "heif-enc", ".heic", append([]string{"-q", "90", "-o", out + ".heic"}, append(options, in)...)
	}
	path, err := exec.LookPath(program)
	if err != nil {
		testenv.Missing(t, program, "apt-get install libheif-examples libavif-bin")
	}
	if said, err := exec.CommandContext(t.Context(), path, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", program, err, said)
	}
	made, err := os.ReadFile(out + ending)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// converter compiles its decoders once for all tests, which takes most of their time.
var converter = images.Decoder{Workers: 1, Memory: 1 << 30, Timeout: time.Minute}

func convert(ctx context.Context, src []byte, mediaType string, limits images.Limits) (images.Conversion, error) {
	return converter.Convert(ctx, bytes.NewReader(src), mediaType, limits)
}

// The corners of a converted image have the colours of the drawing, also if it is turned, has
// odd sides, transparency or ten bits a colour.
func TestConvert(t *testing.T) {
	gray := image.NewGray(image.Rect(0, 0, 63, 40))
	for i := range gray.Pix {
		gray.Pix[i] = uint8(i % 63 * 4)
	}
	for name, c := range map[string]struct {
		mediaType, want string
		img             image.Image
		options         []string
		size            image.Point
		corners         string // top left, top right, bottom left, bottom right
	}{
		"HEIC":              {images.HEIC, "image/jpeg", drawing(320, 200), nil, image.Pt(320, 200), "RGBW"},
		"HEIC, odd":         {images.HEIC, "image/jpeg", drawing(641, 479), nil, image.Pt(641, 479), "RGBW"},
		"HEIC, 10 bits":     {images.HEIC, "image/jpeg", drawing(320, 200), []string{"-b", "10"}, image.Pt(320, 200), "RGBW"},
		"HEIC, 4:4:4":       {images.HEIC, "image/jpeg", drawing(320, 200), []string{"-p", "chroma=444"}, image.Pt(320, 200), "RGBW"},
		"AVIF":              {images.AVIF, "image/jpeg", drawing(320, 200), nil, image.Pt(320, 200), "RGBW"},
		"AVIF, odd":         {images.AVIF, "image/jpeg", drawing(641, 479), nil, image.Pt(641, 479), "RGBW"},
		"AVIF, transparent": {images.AVIF, "image/png", seeThrough(320, 200), nil, image.Pt(320, 200), "-GBW"},
		"AVIF, gray":        {images.AVIF, "image/jpeg", gray, nil, image.Pt(63, 40), "KWKW"},
		"AVIF, 10 bits":     {images.AVIF, "image/jpeg", drawing(320, 200), []string{"-d", "10"}, image.Pt(320, 200), "RGBW"},
		"AVIF, a quarter":   {images.AVIF, "image/jpeg", drawing(320, 200), []string{"--irot", "1"}, image.Pt(200, 320), "GWRB"},
		"AVIF, half":        {images.AVIF, "image/jpeg", drawing(320, 200), []string{"--irot", "2"}, image.Pt(320, 200), "WBGR"},
		"AVIF, three":       {images.AVIF, "image/jpeg", drawing(320, 200), []string{"--irot", "3"}, image.Pt(200, 320), "BRWG"},
		"AVIF, mirrored":    {images.AVIF, "image/jpeg", drawing(320, 200), []string{"--imir", "1"}, image.Pt(320, 200), "GRWB"},
		"AVIF, flipped":     {images.AVIF, "image/jpeg", drawing(320, 200), []string{"--imir", "0"}, image.Pt(320, 200), "BWRG"},
	} {
		t.Run(name, func(t *testing.T) {
			src := encoded(t, c.img, c.mediaType, c.options...)
			made, err := convert(t.Context(), src, c.mediaType, roomy)
			if err != nil {
				t.Fatal(err)
			}
			if made.FullType != c.want || made.Info.Width != c.size.X || made.Info.Height != c.size.Y {
				t.Errorf("made %s of %+v, want %s of %v", made.FullType, made.Info, c.want, c.size)
			}
			for what, b := range map[string][]byte{"full": made.Full, "large": made.Large, "small": made.Small} {
				img, _, err := image.Decode(bytes.NewReader(b))
				if err != nil {
					t.Fatal(err)
				}
				if got := cornersOf(img); got != c.corners {
					t.Errorf("%s: the corners are %s, want %s", what, got, c.corners)
				}
			}
		})
	}
}

// cornersOf names the colours of the corners.
func cornersOf(img image.Image) (names string) {
	b := img.Bounds()
	x, y := b.Dx()/8, b.Dy()/8
	for _, at := range []image.Point{{x, y}, {b.Dx() - 1 - x, y}, {x, b.Dy() - 1 - y}, {b.Dx() - 1 - x, b.Dy() - 1 - y}} {
		c := color.NRGBAModel.Convert(img.At(at.X, at.Y)).(color.NRGBA)
		key := fmt.Sprint(c.R > 128, c.G > 128, c.B > 128)
		name := map[string]string{"true false false": "R", "false true false": "G", "false false true": "B", "true true true": "W",
			"false false false": "K"}[key]
		if c.A < 128 {
			name = "-"
		}
		names += name
	}
	return names
}

func TestConvert_Refuses(t *testing.T) {
	heic := encoded(t, drawing(64, 48), images.HEIC)
	padded := func(size int) []byte { // with a box that fills it up
		b := append(bytes.Clone(heic), make([]byte, size-len(heic))...)
		copy(b[len(heic):], binary.BigEndian.AppendUint32(nil, uint32(size-len(heic))))
		copy(b[len(heic)+4:], "free")
		return b
	}
	for name, c := range map[string]struct {
		src    []byte
		limits func(*images.Limits)
		want   problem.Kind
	}{
		"transparent":   {encoded(t, seeThrough(64, 48), images.HEIC), nil, problem.Unsupported},
		"nothing":       {nil, nil, problem.Unsupported},
		"its beginning": {heic[:len(heic)/2], nil, problem.Unsupported},
		"another kind":  {jpegOf(t, drawing(64, 48), 90), nil, problem.Unsupported},
		"64 MiB":        {padded(64 << 20), nil, problem.Internal},
		"more":          {padded(64<<20 + 1), nil, problem.Unsupported},
		"at the limit":  {heic, func(l *images.Limits) { l.MaxSide, l.MaxPixels = 64, 64*48 }, problem.Internal},
		"too wide":      {heic, func(l *images.Limits) { l.MaxSide = 63 }, problem.Invalid},
		"too many":      {heic, func(l *images.Limits) { l.MaxPixels = 64*48 - 1 }, problem.Invalid},
	} {
		limits := roomy
		if c.limits != nil {
			c.limits(&limits)
		}
		if _, err := convert(t.Context(), c.src, images.HEIC, limits); problem.KindOf(err) != c.want {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A decoder that takes too long is stopped, and an image that needs too much memory is not
// decoded.
func TestConvert_IsBounded(t *testing.T) {
	src := encoded(t, drawing(1600, 1200), images.HEIC)
	const needed = 16 * 1600 * 1200
	for name, c := range map[string]struct {
		d    *images.Decoder
		want problem.Kind
	}{
		"no time":          {&images.Decoder{Workers: 1, Memory: needed, Timeout: time.Millisecond}, problem.Unsupported},
		"too little space": {&images.Decoder{Workers: 1, Memory: needed - 1, Timeout: time.Minute}, problem.Invalid},
		"enough":           {&images.Decoder{Workers: 1, Memory: needed, Timeout: time.Minute}, problem.Internal},
	} {
		if _, err := c.d.Convert(t.Context(), bytes.NewReader(src), images.HEIC, roomy); problem.KindOf(err) != c.want {
			t.Errorf("%s: %v", name, err)
		}
	}
}
