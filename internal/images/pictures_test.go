package images_test

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"math/rand/v2"
	"testing"

	"example.org/cloakroom/internal/images"
)

// roomy are limits that no picture of these tests breaks.
var roomy = images.Limits{MaxSide: 1 << 14, MaxPixels: 1 << 28, MaxFrames: 1000, MaxFramePixels: 1 << 28}

// drawing returns a picture whose quarters tell which way it lies: red at the
// top left, green at the top right, blue at the bottom left, white. Over them
// lies some noise, so that it compresses like a photograph.
func drawing(w, h int) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	chance := rand.New(rand.NewPCG(1, 2))
	for y := range h {
		for x := range w {
			left, top := x < w/2, y < h/2
			shade := uint8(200 + 40*x/w + int(chance.Uint32()%16))
			c := color.RGBA{A: 255}
			if left == top {
				c.R = shade
			}
			if !left {
				c.G = shade
			}
			if !top {
				c.B = shade
			}
			img.SetRGBA(x, y, c)
		}
	}
	return img
}

func jpegOf(t testing.TB, img image.Image, quality int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: quality}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
