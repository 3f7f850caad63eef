package e2e_test

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"testing"
)

// canary stands for private metadata that a camera writes.
const canary = "CANARY-52.5200N-13.4050E"

// gradient returns an image that is unique to the seed.
func gradient(width, height int, seed uint8) image.Image {
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			img.SetRGBA(x, y, color.RGBA{uint8(255 * x / width), uint8(255 * y / height), seed, 255})
		}
	}
	return img
}

// photo returns a JPEG as a phone takes it: sideways, with EXIF data for the orientation and
// the location.
func photo(t *testing.T, width, height int, seed uint8) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := jpeg.Encode(&out, gradient(width, height, seed), &jpeg.Options{Quality: 85}); err != nil {
		t.Fatal(err)
	}
	exif := append([]byte("Exif\x00\x00"), tiff()...)
	segment := binary.BigEndian.AppendUint16([]byte{0xff, 0xe1}, uint16(len(exif)+2))
	plain := out.Bytes()
	return bytes.Join([][]byte{plain[:2], segment, exif, plain[2:]}, nil)
}

// tiff returns the body of an EXIF segment: orientation 6, a description and a location
// (TIFF 6.0; EXIF 2.32, 4.6).
func tiff() []byte {
	le := binary.LittleEndian
	const textAt, gpsAt, numbersAt = 8 + 2 + 3*12 + 4, 128, 128 + 2 + 4*12 + 4
	entry := func(tag, kind uint16, count, value uint32) []byte {
		b := le.AppendUint16(nil, tag)
		b = le.AppendUint16(b, kind)
		return le.AppendUint32(le.AppendUint32(b, count), value)
	}
	b := append([]byte("II*\x00"), 8, 0, 0, 0)
	b = le.AppendUint16(b, 3)
	b = append(b, entry(0x010e, 2, uint32(len(canary)+1), textAt)...)
	b = append(b, entry(0x0112, 3, 1, 6)...)
	b = append(b, entry(0x8825, 4, 1, gpsAt)...)
	b = append(b, 0, 0, 0, 0)
	b = append(b, canary...)
	b = append(b, make([]byte, gpsAt-len(b))...)
	b = le.AppendUint16(b, 4)
	b = append(b, entry(1, 2, 2, 'N')...)
	b = append(b, entry(2, 5, 3, numbersAt)...)
	b = append(b, entry(3, 2, 2, 'E')...)
	b = append(b, entry(4, 5, 3, numbersAt+24)...)
	b = append(b, 0, 0, 0, 0)
	for _, n := range []uint32{52, 1, 31, 1, 12, 1, 13, 1, 24, 1, 18, 1} {
		b = le.AppendUint32(b, n)
	}
	return b
}

// drawing returns a PNG with a text chunk.
func drawing(t *testing.T, width, height int, seed uint8) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := png.Encode(&out, gradient(width, height, seed)); err != nil {
		t.Fatal(err)
	}
	const header = 8 + 12 + 13 // signature and IHDR
	text := append([]byte("tEXtComment\x00"), canary...)
	chunk := binary.BigEndian.AppendUint32(nil, uint32(len(text)-4))
	chunk = append(chunk, text...)
	chunk = binary.BigEndian.AppendUint32(chunk, crc32.ChecksumIEEE(text))
	return bytes.Join([][]byte{out.Bytes()[:header], chunk, out.Bytes()[header:]}, nil)
}

// document returns a PDF with one empty page, padded to some length.
func document() []byte {
	const head = "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n" +
		"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>endobj\n"
	padding := bytes.Repeat([]byte("% cloakroom\n"), 500)
	return append(append([]byte(head), padding...), "trailer<</Root 1 0 R>>\n%%EOF\n"...)
}

func archive(t *testing.T) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	f, err := w.Create("inside.txt")
	if err == nil {
		_, err = f.Write([]byte("inside the archive\n"))
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
