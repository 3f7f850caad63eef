package images_test

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/gif"
	"testing"

	"example.org/cloakroom/internal/images"
	"example.org/cloakroom/internal/problem"
)

// For any input, Check fails only with a problem. An image that passes has a clean
// copy that passes too and looks the same, cleaning that again changes nothing, and
// thumbnails can be made. Each fuzz test covers one parser.

func FuzzJPEG(f *testing.F) {
	f.Add(photograph(f, drawing(17, 9), binary.BigEndian, 1))
	f.Add(photograph(f, drawing(17, 9), binary.LittleEndian, 6))
	f.Add(photograph(f, gray(drawing(9, 17)), binary.LittleEndian, 3))
	f.Add(jpegYCbCr(drawing(16, 16), image.YCbCrSubsampleRatio444))
	f.Add(jpegYCbCr(drawing(20, 20), image.YCbCrSubsampleRatio422))
	fuzz(f, "image/jpeg")
}

func FuzzPNG(f *testing.F) {
	f.Add(screenshot(f, drawing(9, 7), 1))
	f.Add(screenshot(f, seeThrough(9, 7), 8))
	f.Add(pngOf(f, gray(drawing(5, 5))))
	f.Add(pngOf(f, sprite(image.Rect(0, 0, 5, 5), 1)))
	fuzz(f, "image/png")
}

// resum corrects the checksums of PNG chunks, because hardly any mutation would get
// past wrong ones.
func resum(src []byte) []byte {
	src = bytes.Clone(src)
	for at := 8; at+12 <= len(src); {
		length := int64(binary.BigEndian.Uint32(src[at:]))
		if int64(at)+12+length > int64(len(src)) {
			break
		}
		end := at + 8 + int(length)
		binary.BigEndian.PutUint32(src[end:], crc32.ChecksumIEEE(src[at+4:end]))
		at = end + 4
	}
	return src
}

func FuzzGIF(f *testing.F) {
	f.Add(animation(f))
	f.Add(gifOf(f, sprite(image.Rect(2, 2, 9, 9), 3)))
	fuzz(f, "image/gif")
}

func FuzzWebP(f *testing.F) {
	f.Add(sticker(9, 8, 1))
	f.Add(sticker(9, 8, 5))
	f.Add(riff(riffChunk("VP8L", lossless(5, 5))))
	f.Add(fromBase64(f, webpLossy))
	f.Add(fromBase64(f, webpAlpha))
	fuzz(f, "image/webp")
}

func fuzz(f *testing.F, mediaType string) {
	tight := images.Limits{MaxSide: 200, MaxPixels: 10_000, MaxFrames: 20, MaxFramePixels: 50_000}
	d := decoder()
	f.Fuzz(func(t *testing.T, src []byte) {
		if mediaType == "image/png" {
			src = resum(src)
		}
		before, err := d.Check(t.Context(), bytes.NewReader(src), mediaType, tight)
		if err != nil {
			if problem.All(err) == nil {
				t.Errorf("Check: %v", err)
			}
			return
		}
		out := clean(t, src, mediaType)
		after, err := d.Check(t.Context(), bytes.NewReader(out), mediaType, tight)
		if err != nil || after != before {
			t.Fatalf("clean: %+v, %v; before %+v", after, err, before)
		}
		if again := clean(t, out, mediaType); !bytes.Equal(again, out) {
			t.Error("cleaning twice changes the picture")
		}
		stored := decode(t, src)
		if turned := stored.Bounds().Dx() != before.Width; !turned &&
			bytes.Count(src, []byte("II*\x00"))+bytes.Count(src, []byte("MM\x00*")) == 0 &&
			!samePixels(stored, decode(t, out)) {
			t.Error("the clean copy looks otherwise")
		}
		if mediaType == "image/gif" {
			if all, err := gif.DecodeAll(bytes.NewReader(src)); err != nil || len(all.Image) != before.Frames {
				t.Errorf("others do not read what Check passed: %v", err)
			}
		}
		if _, err := d.Thumbnails(t.Context(), bytes.NewReader(src), mediaType, tight); err != nil {
			t.Errorf("Thumbnails: %v", err)
		}
	})
}
