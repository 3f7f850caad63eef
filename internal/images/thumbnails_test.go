package images_test

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"testing"

	"example.org/cloakroom/internal/images"
)

func thumbnails(t testing.TB, src []byte, mediaType string) images.Thumbnails {
	t.Helper()
	thumbs, err := decoder().Thumbnails(t.Context(), bytes.NewReader(src), mediaType, roomy)
	return must(t, thumbs, err)
}

func TestThumbnails(t *testing.T) {
	offset := sprite(image.Rect(20, 20, 40, 30), 1) // on a canvas of 40 × 30
	for name, c := range map[string]struct {
		src          []byte
		mediaType    string
		small, large image.Point
		thumbType    string
	}{
		"photograph":   {jpegOf(t, drawing(2800, 210), 90), "image/jpeg", image.Pt(320, 24), image.Pt(1280, 96), "image/jpeg"},
		"gray":         {jpegOf(t, gray(drawing(2800, 140)), 90), "image/jpeg", image.Pt(320, 16), image.Pt(1280, 64), "image/jpeg"},
		"a little big": {jpegOf(t, drawing(1281, 81), 90), "image/jpeg", image.Pt(320, 20), image.Pt(1280, 81), "image/jpeg"},
		"exact":        {jpegOf(t, drawing(1280, 80), 90), "image/jpeg", image.Pt(320, 20), image.Pt(1280, 80), "image/jpeg"},
		"tiny":         {jpegOf(t, drawing(4, 3), 90), "image/jpeg", image.Pt(4, 3), image.Pt(4, 3), "image/jpeg"},
		"one pixel":    {pngOf(t, drawing(1, 1)), "image/png", image.Pt(1, 1), image.Pt(1, 1), "image/jpeg"},
		"flat":         {jpegOf(t, drawing(8000, 2), 90), "image/jpeg", image.Pt(320, 1), image.Pt(1280, 1), "image/jpeg"},
		"tall":         {jpegOf(t, drawing(2, 8000), 90), "image/jpeg", image.Pt(2, 8000), image.Pt(2, 8000), "image/jpeg"},
		"screenshot":   {pngOf(t, drawing(2000, 100)), "image/png", image.Pt(320, 16), image.Pt(1280, 64), "image/jpeg"},
		"transparent":  {pngOf(t, seeThrough(2600, 130)), "image/png", image.Pt(320, 16), image.Pt(1280, 64), "image/png"},
		"gif":          {gifOf(t, sprite(image.Rect(0, 0, 640, 48), 1)), "image/gif", image.Pt(320, 24), image.Pt(640, 48), "image/png"},
		"gif, offset":  {gifOf(t, offset), "image/gif", image.Pt(40, 30), image.Pt(40, 30), "image/png"},
		"webp":         {sticker(400, 200, 1), "image/webp", image.Pt(320, 160), image.Pt(400, 200), "image/jpeg"},
		"webp, lossy":  {fromBase64(t, webpLossy), "image/webp", image.Pt(24, 16), image.Pt(24, 16), "image/jpeg"},
		"webp, alpha":  {fromBase64(t, webpAlpha), "image/webp", image.Pt(16, 16), image.Pt(16, 16), "image/png"},
	} {
		t.Run(name, func(t *testing.T) {
			thumbs := thumbnails(t, c.src, c.mediaType)
			small, smallFormat, err := image.Decode(bytes.NewReader(thumbs.Small))
			must(t, small, err)
			large, largeFormat, err := image.Decode(bytes.NewReader(thumbs.Large))
			must(t, large, err)
			if small.Bounds().Size() != c.small || large.Bounds().Size() != c.large {
				t.Errorf("sizes %v and %v, want %v and %v", small.Bounds().Size(), large.Bounds().Size(), c.small, c.large)
			}
			if thumbs.MediaType != c.thumbType || "image/"+smallFormat != c.thumbType || "image/"+largeFormat != c.thumbType {
				t.Errorf("types %s, %s, %s, want %s", thumbs.MediaType, smallFormat, largeFormat, c.thumbType)
			}
		})
	}
}

// Thumbnails show the same content at the same place in the same colours, and keep
// transparency.
func TestThumbnails_Look(t *testing.T) {
	for name, thumbs := range map[string]images.Thumbnails{
		"jpeg": thumbnails(t, jpegOf(t, drawing(2601, 61), 90), "image/jpeg"),
		"png":  thumbnails(t, pngOf(t, drawing(2601, 61)), "image/png"),
	} {
		for _, thumb := range [][]byte{thumbs.Small, thumbs.Large} {
			if got := layout(decode(t, thumb)); got != viewed[1] {
				t.Errorf("%s: %s, want %s", name, got, viewed[1])
			}
		}
	}
	corner := decode(t, thumbnails(t, pngOf(t, seeThrough(2600, 130)), "image/png").Small)
	if _, _, _, a := corner.At(10, 4).RGBA(); a != 0 {
		t.Errorf("the transparent corner has alpha %x", a)
	}
	if _, _, _, a := corner.At(310, 4).RGBA(); a != 0xffff {
		t.Errorf("the opaque corner has alpha %x", a)
	}
	offset := decode(t, thumbnails(t, gifOf(t, sprite(image.Rect(20, 20, 40, 30), 1)), "image/gif").Small)
	if _, _, _, a := offset.At(5, 5).RGBA(); a != 0 {
		t.Errorf("around the first frame alpha is %x", a)
	}
	if !sameColour(offset.At(30, 25), color.NRGBA{R: 255, A: 255}) {
		t.Errorf("in the first frame there is %v", offset.At(30, 25))
	}
}

// Thumbnails keep the colours of the original, unless its profile is larger than they
// are, or describes another colour space.
func TestThumbnails_Profile(t *testing.T) {
	large := bytes.Repeat(profile, 60)
	for name, c := range map[string]struct {
		src       []byte
		mediaType string
		want      bool
	}{
		"jpeg":             {photograph(t, drawing(700, 50), binary.BigEndian, 1), "image/jpeg", true},
		"png":              {screenshot(t, drawing(70, 50), 1), "image/png", true},
		"png, transparent": {screenshot(t, seeThrough(70, 50), 1), "image/png", true},
		"webp":             {sticker(400, 300, 1), "image/webp", true},
		"gray png":         {screenshot(t, gray(drawing(700, 50)), 1), "image/png", true},
		"large profile":    {jpegOf(t, drawing(70, 50), 90, segment(0xe2, "ICC_PROFILE\x00\x01\x01"+string(large))), "image/jpeg", false},
	} {
		thumbs := thumbnails(t, c.src, c.mediaType)
		for _, thumb := range [][]byte{thumbs.Small, thumbs.Large} {
			if got := bytes.Contains(thumb, profile) || bytes.Contains(thumb, []byte(deflate(profile))); got != c.want {
				t.Errorf("%s: the thumbnail has a profile: %v", name, got)
			}
			if bytes.Contains(thumb, []byte(canary[:12])) {
				t.Errorf("%s: the thumbnail holds the canary", name)
			}
		}
	}
}

func TestAvatar(t *testing.T) {
	const side = images.AvatarSide
	for _, c := range []struct {
		name, mediaType, want string
		src                   []byte
	}{
		{"wide", "image/jpeg", "image/jpeg", jpegOf(t, drawing(1200, 1040), 90)},
		{"tall", "image/jpeg", "image/jpeg", jpegOf(t, drawing(300, 900), 90)},
		{"small", "image/png", "image/jpeg", pngOf(t, drawing(20, 30))},
		{"transparent", "image/png", "image/png", pngOf(t, seeThrough(300, 280))},
		{"gif", "image/gif", "image/png", gifOf(t, sprite(image.Rect(0, 0, 256, 256), 1))},
	} {
		square, squareType, err := decoder().Avatar(t.Context(), bytes.NewReader(c.src), c.mediaType, roomy)
		img, format, err2 := image.Decode(bytes.NewReader(must(t, square, err)))
		if must(t, img, err2).Bounds().Size() != image.Pt(side, side) || squareType != c.want || "image/"+format != c.want {
			t.Errorf("%s: %v, %s, %s; want %s", c.name, img.Bounds().Size(), squareType, format, c.want)
		}
		if c.name != "gif" && c.name != "transparent" && layout(img) != viewed[1] {
			t.Errorf("%s: %s: not the middle", c.name, layout(img))
		}
	}
}
