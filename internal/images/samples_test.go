package images_test

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
	"testing"

	"example.org/cloakroom/internal/images"
)

// roomy are limits that no image of these tests exceeds.
var roomy = images.Limits{MaxSide: 1 << 14, MaxPixels: 1 << 28, MaxFrames: 1000, MaxFramePixels: 1 << 28}

// canary stands for private metadata, such as a home address. It is placed wherever an
// image can contain metadata.
const canary = "CANARY-52.5200N-13.4050E"

// profile stands for a colour profile, which Clean must copy.
var profile = bytes.Repeat([]byte("a colour profile "), 20)

// drawing returns an image whose quarters show its orientation: red at the top left,
// green at the top right, blue at the bottom left, white at the bottom right. Noise
// makes it compress like a photograph.
func drawing(w, h int) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	chance := rand.New(rand.NewPCG(1, 2))
	for y := range h {
		for x := range w {
			left, top := x < w/2, y < h/2
			shade := uint8(200 + 40*x/w + int(chance.Uint32()%16))
			c := img.Pix[y*img.Stride+4*x:][:4]
			c[3] = 255
			if left == top {
				c[0] = shade
			}
			if !left {
				c[1] = shade
			}
			if !top {
				c[2] = shade
			}
			if !left && !top {
				c[0] = shade
			}
		}
	}
	return img
}

// seeThrough returns a drawing whose top left corner is transparent.
func seeThrough(w, h int) *image.NRGBA {
	img := drawing(w, h)
	for y := range h / 2 {
		for x := range w / 2 {
			img.SetNRGBA(x, y, color.NRGBA{})
		}
	}
	return img
}

func must[T any](t testing.TB, value T, err error) T {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	return value
}

type byteOrder interface {
	binary.ByteOrder
	binary.AppendByteOrder
}

// exif returns EXIF data with an orientation and a location.
func exif(order byteOrder, orientation uint16) []byte {
	magic := "II"
	if order.Uint16([]byte{0, 1}) == 1 {
		magic = "MM"
	}
	entry := func(b []byte, tag, kind uint16, count uint32, value []byte) []byte {
		b = order.AppendUint16(order.AppendUint16(b, tag), kind)
		return append(order.AppendUint32(b, count), value...)
	}
	b := order.AppendUint32(order.AppendUint16([]byte(magic), 42), 8)
	b = order.AppendUint16(b, 3)
	const data = 8 + 2 + 3*12 + 4
	b = entry(b, 0x010f, 2, uint32(len(canary)), order.AppendUint32(nil, data)) // camera maker
	b = entry(b, 0x0112, 3, 1, append(order.AppendUint16(nil, orientation), 0, 0))
	b = entry(b, 0x8825, 4, 1, order.AppendUint32(nil, data)) // offset of the GPS directory
	return append(append(b, 0, 0, 0, 0), canary...)
}

// segment returns a JPEG segment.
func segment(marker byte, payload string) []byte {
	size := len(payload) + 2
	return append([]byte{0xff, marker, byte(size >> 8), byte(size)}, payload...)
}

func jpegOf(t testing.TB, img image.Image, quality int, segments ...[]byte) []byte {
	t.Helper()
	if n, ok := img.(*image.NRGBA); ok {
		img = &image.RGBA{Pix: n.Pix, Stride: n.Stride, Rect: n.Rect}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: quality}); err != nil {
		t.Fatal(err)
	}
	return append(append([]byte{0xff, 0xd8}, bytes.Join(segments, nil)...), b.Bytes()[2:]...)
}

// photograph returns a JPEG with all the metadata that a phone writes.
func photograph(t testing.TB, img image.Image, order byteOrder, orientation uint16) []byte {
	t.Helper()
	made := jpegOf(t, img, 90,
		segment(0xe0, "JFIF\x00\x01\x02\x00\x00\x48\x00\x48\x02\x02"+canary[:12]), // with a thumbnail of 2 × 2
		segment(0xe0, "JFXX\x00\x13"+canary),
		segment(0xe1, "Exif\x00\x00"+string(exif(order, orientation))),
		segment(0xe1, "http://ns.adobe.com/xap/1.0/\x00<x:xmpmeta>"+canary),
		segment(0xe2, "ICC_PROFILE\x00\x01\x02"+string(profile[:100])),
		segment(0xe2, "ICC_PROFILE\x00\x02\x02"+string(profile[100:])),
		segment(0xe2, "MPF\x00"+canary),
		segment(0xed, "Photoshop 3.0\x008BIM"+canary),
		segment(0xe5, canary),
		segment(0xfe, canary))
	return append(made, "PK\x03\x04 and another picture: "+canary...)
}

// chunk returns a PNG chunk.
func chunk(kind, data string) []byte {
	b := append(binary.BigEndian.AppendUint32(nil, uint32(len(data))), kind+data...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
}

func deflate(data []byte) string {
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	z.Write(data)
	z.Close()
	return b.String()
}

// pngOf returns img as a PNG with chunks after its header.
func pngOf(t testing.TB, img image.Image, chunks ...[]byte) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	const head = 8 + 25
	return append(append(bytes.Clone(b.Bytes()[:head]), bytes.Join(chunks, nil)...), b.Bytes()[head:]...)
}

func screenshot(t testing.TB, img image.Image, orientation uint16) []byte {
	t.Helper()
	made := pngOf(t, img,
		chunk("gAMA", "\x00\x00\xb1\x8f"),
		chunk("iCCP", "icc\x00\x00"+deflate(profile)),
		chunk("pHYs", "\x00\x00\x0b\x13\x00\x00\x0b\x13\x01"),
		chunk("tEXt", "Comment\x00"+canary),
		chunk("zTXt", "Comment\x00\x00"+deflate([]byte(canary))),
		chunk("iTXt", "XML:com.adobe.xmp\x00\x00\x00\x00\x00"+canary),
		chunk("eXIf", string(exif(binary.BigEndian, orientation))),
		chunk("tIME", "\x07\xe8\x01\x02\x03\x04\x05"),
		chunk("sBIT", canary),
		chunk("prVt", canary))
	return append(made, canary...)
}

// gifOf returns an endless animation of frames.
func gifOf(t testing.TB, frames ...*image.Paletted) []byte {
	t.Helper()
	g := gif.GIF{Image: frames, Delay: make([]int, len(frames))}
	for i := range g.Delay {
		g.Delay[i] = 3 + i
	}
	if len(frames) > 0 && frames[0].Rect.Min != (image.Point{}) {
		g.Config = image.Config{Width: frames[0].Rect.Max.X, Height: frames[0].Rect.Max.Y, ColorModel: frames[0].Palette}
	}
	var b bytes.Buffer
	if err := gif.EncodeAll(&b, &g); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// sprite returns a frame of one colour, except its first pixel, which is transparent.
func sprite(r image.Rectangle, index uint8) *image.Paletted {
	img := image.NewPaletted(r, color.Palette{color.NRGBA{}, color.NRGBA{R: 255, A: 255}, color.NRGBA{G: 255, A: 255},
		color.NRGBA{B: 255, A: 255}})
	for i := range img.Pix {
		img.Pix[i] = index
	}
	img.Pix[0] = 0
	return img
}

// animation returns a GIF with all the extensions that programs write.
func animation(t testing.TB) []byte {
	t.Helper()
	r := image.Rect(0, 0, 40, 30)
	made := gifOf(t, sprite(r, 1), sprite(image.Rect(5, 5, 20, 20), 2), sprite(r, 3))
	comment := append([]byte("\x21\xfe"), append(subBlock(canary), 0)...)
	xmp := append([]byte("\x21\xff\x0bXMP DataXMP"), append(subBlock(canary), 0)...)
	text := append([]byte("\x21\x01"), append(append(subBlock("\x00\x00\x00\x00\x01\x00\x01\x00\x08\x08\x00\x01"), subBlock(canary)...), 0)...)
	const head = 13
	at := head
	if made[10]&0x80 != 0 {
		at += 3 << (made[10]&7 + 1)
	}
	extra := bytes.Join([][]byte{comment, xmp, text}, nil)
	made = append(append(bytes.Clone(made[:at]), extra...), made[at:]...)
	return append(made, canary...)
}

func subBlock(data string) []byte { return append([]byte{byte(len(data))}, data...) }
