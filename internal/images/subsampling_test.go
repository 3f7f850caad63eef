package images_test

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"strings"
	"testing"
)

// A turned image keeps its colours with every chroma subsampling that cameras use.
func TestClean_Subsampling(t *testing.T) {
	for _, ratio := range []image.YCbCrSubsampleRatio{
		image.YCbCrSubsampleRatio444, image.YCbCrSubsampleRatio422, image.YCbCrSubsampleRatio420, image.YCbCrSubsampleRatio440,
	} {
		src := jpegYCbCr(drawing(64, 48), ratio)
		if img := decode(t, src).(*image.YCbCr); img.SubsampleRatio != ratio {
			t.Fatalf("the test made %v, not %v", img.SubsampleRatio, ratio)
		}
		if out := clean(t, src, "image/jpeg"); !bytes.Equal(out, src) {
			t.Errorf("%v: a picture without metadata is changed", ratio)
		}
		for o, want := range viewed {
			turned := append(bytes.Clone(src[:2]), append(segment(0xe1, "Exif\x00\x00"+string(exif(binary.BigEndian, o))), src[2:]...)...)
			if got := layout(decode(t, clean(t, turned, "image/jpeg"))); got != want {
				t.Errorf("%v, %d: %s, want %s", ratio, o, got, want)
			}
		}
	}
}

// jpegYCbCr returns a JPEG with the given subsampling and one flat colour per block,
// which is enough for a drawing. Go's encoder only writes 4:2:0.
func jpegYCbCr(img *image.NRGBA, ratio image.YCbCrSubsampleRatio) []byte {
	across, down := 1, 1
	switch ratio {
	case image.YCbCrSubsampleRatio422:
		across = 2
	case image.YCbCrSubsampleRatio420:
		across, down = 2, 2
	case image.YCbCrSubsampleRatio440:
		down = 2
	}
	w, h := img.Rect.Dx(), img.Rect.Dy()
	tables := strings.Repeat("\x08", 64) // with a step of 8, the first coefficient is the mean of the block
	out := append([]byte{0xff, 0xd8}, segment(0xdb, "\x00"+tables)...)
	out = append(out, segment(0xc0, "\x08"+string([]byte{byte(h >> 8), byte(h), byte(w >> 8),
		byte(w)})+"\x03\x01"+string([]byte{byte(across<<4 | down)})+"\x00\x02\x11\x00\x03\x11\x00")...)
	out = append(out, segment(0xdd, "\x00\x02")...) // a restart after two units, as cameras write them
	// All codes have four bits. Their value is the size of a difference; for AC, the only code ends the block.
	out = append(out, segment(0xc4, "\x00\x00\x00\x00\x0c"+strings.Repeat("\x00", 12)+"\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b")...)
	out = append(out, segment(0xc4, "\x10\x00\x00\x00\x01"+strings.Repeat("\x00", 12)+"\x00")...)
	out = append(out, segment(0xda, "\x03\x01\x00\x02\x00\x03\x00\x00\x3f\x00")...)
	var e entropy
	units := 0
	for y := 0; y < h; y += 8 * down {
		for x := 0; x < w; x += 8 * across {
			if units > 0 && units%2 == 0 {
				e.restart(units/2 - 1)
			}
			units++
			for v := range down {
				for u := range across {
					e.block(0, meanOf(img, x+8*u, y+8*v, 8, 8)[0])
				}
			}
			mean := meanOf(img, x, y, 8*across, 8*down)
			e.block(1, mean[1])
			e.block(2, mean[2])
		}
	}
	return append(append(out, e.flush()...), 0xff, 0xd9)
}

func meanOf(img *image.NRGBA, x, y, w, h int) [3]int {
	var sums [3]int
	for j := range h {
		for i := range w {
			c := img.NRGBAAt(min(x+i, img.Rect.Dx()-1), min(y+j, img.Rect.Dy()-1))
			cy, cb, cr := color.RGBToYCbCr(c.R, c.G, c.B)
			sums[0] += int(cy)
			sums[1] += int(cb)
			sums[2] += int(cr)
		}
	}
	return [3]int{sums[0]/(w*h) - 128, sums[1]/(w*h) - 128, sums[2]/(w*h) - 128}
}

// entropy writes flat blocks as entropy-coded data.
type entropy struct {
	out  []byte
	bits uint32
	n    int
	last [3]int
}

func (e *entropy) block(component, mean int) {
	diff := mean - e.last[component]
	e.last[component] = mean
	size, value := 0, diff
	for a := max(diff, -diff); a > 0; a >>= 1 {
		size++
	}
	if diff < 0 {
		value = diff + 1<<size - 1
	}
	e.put(size, 4)
	e.put(value, size)
	e.put(0, 4)
}

func (e *entropy) put(value, n int) {
	for i := n - 1; i >= 0; i-- {
		e.bits = e.bits<<1 | uint32(value>>i&1)
		if e.n++; e.n%8 == 0 {
			e.out = append(e.out, byte(e.bits))
			if byte(e.bits) == 0xff {
				e.out = append(e.out, 0)
			}
		}
	}
}

// restart ends a restart interval: the next one can be decoded on its own.
func (e *entropy) restart(n int) {
	e.flush()
	e.out, e.last = append(e.out, 0xff, byte(0xd0+n%8)), [3]int{}
}

func (e *entropy) flush() []byte {
	for e.n%8 != 0 {
		e.put(1, 1)
	}
	return e.out
}
