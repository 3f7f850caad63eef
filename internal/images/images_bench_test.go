package images_test

import (
	"bytes"
	"image/jpeg"
	"testing"
	"time"

	"github.com/disintegration/imaging"

	"example.org/cloakroom/internal/images"
	"example.org/cloakroom/internal/models"
)

// Compare the two benchmarks below: both thumbnails of a 12-megapixel image should cost
// at most 1.1 times one decode and one box scale.

func BenchmarkThumbnails(b *testing.B) {
	photo := jpegOf(b, drawing(4000, 3000), 90)
	d := &images.Decoder{Workers: 1, Memory: 1 << 30, Timeout: time.Minute}
	b.SetBytes(int64(len(photo)))
	for b.Loop() {
		if _, err := d.Thumbnails(b.Context(), bytes.NewReader(photo), "image/jpeg", roomy); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecodePlusBox(b *testing.B) {
	photo := jpegOf(b, drawing(4000, 3000), 90)
	b.SetBytes(int64(len(photo)))
	for b.Loop() {
		img, err := jpeg.Decode(bytes.NewReader(photo))
		if err != nil {
			b.Fatal(err)
		}
		imaging.Resize(img, models.ThumbnailLarge, 0, imaging.Box)
	}
}
