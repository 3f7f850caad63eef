package images_test

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"testing"

	"example.org/cloakroom/internal/images"
	"example.org/cloakroom/internal/problem"
)

// For any input, Clean and Thumbnails fail only with a problem. A clean copy can be cleaned.
// One of an image that decodes decodes, too, and cleaning that of a whole JPEG or PNG changes
// nothing. Each fuzz test covers one parser.

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
		var b bytes.Buffer
		info, err := d.Clean(t.Context(), &b, bytes.NewReader(src), mediaType, tight)
		before, decodes := d.Thumbnails(t.Context(), bytes.NewReader(src), mediaType, tight)
		for _, err := range []error{err, decodes} {
			if err != nil && problem.All(err) == nil {
				t.Errorf("it fails with %v", err)
			}
		}
		if err != nil {
			return
		}
		out := b.Bytes()
		b = bytes.Buffer{}
		again, err := d.Clean(t.Context(), &b, bytes.NewReader(out), mediaType, tight)
		// Of the others, what decodes can be cut behind the first frame.
		whole := decodes == nil && info.Frames == 1 && (mediaType == "image/jpeg" || mediaType == "image/png")
		if err != nil || again != info || whole && !bytes.Equal(b.Bytes(), out) {
			t.Fatalf("cleaning twice: %+v, %v; before %+v", again, err, info)
		}
		if decodes != nil {
			return
		}
		if after, err := d.Thumbnails(t.Context(), bytes.NewReader(out), mediaType, tight); err != nil || after.Info != before.Info {
			t.Fatalf("clean: %+v, %v; before %+v", after.Info, err, before.Info)
		}
	})
}
