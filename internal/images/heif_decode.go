package images

import (
	"context"
	"image"
	"io"
)

// The memory that the decoders need for a pixel, with the image that is made of it, in bytes: of
// HEIC with all colours, and of AVIF with ten bits a colour.
const (
	heicPixelBytes = 16
	avifPixelBytes = 40
)

// guestSlowness is how much longer a decoder in a sandbox may take than others.
const guestSlowness = 3

// Colours as libheif numbers them (heif_colorspace and heif_chroma).
const (
	heifRGB, heifGray = 1, 2 // else: YCbCr
	heif420, heif422  = 1, 2 // else: as many colours as pixels
)

// heifAlign is what decoders round the width of a plane up to, in pixels.
const heifAlign = 16

func aligned(width int) int { return (width + heifAlign - 1) / heifAlign * heifAlign }

// decodeHEIC decodes the primary image in r, upright.
func (s *sandbox) decodeHEIC(ctx context.Context, r io.Reader, h header) (img image.Image, err error) {
	err = s.decode(ctx, "heic.wasm.gz", r, h.encoded, h.memory(), func(g *guest) error {
		const fields = 5 // width, height, colours, subsampling, alpha
		about := g.alloc(4 * fields)
		run := func(onlySize, out uint64) {
			if g.call("decode", g.input, g.size, onlySize, about, about+4, about+8, about+12, about+16, out) == 0 && g.err == nil {
				g.err = errGuest
			}
		}
		run(1, 0)
		if g.err != nil || g.number(about) != h.width || g.number(about+4) != h.height {
			return errGuest
		}
		colours, chroma := g.number(about+8), g.number(about+12)
		size, build := heicImage(colours, chroma, h, g.number(about+16) == 1)
		out := g.alloc(size)
		run(0, out)
		if pixels := g.bytes(out, size); g.err == nil {
			img = build(append([]byte(nil), pixels...))
		}
		return nil
	})
	return img, err
}

// heicImage returns the size of a decoded image in bytes, and what makes an image of them.
func heicImage(colours, chroma int, h header, premultiplied bool) (size uint64, build func([]byte) image.Image) {
	rect := image.Rect(0, 0, h.width, h.height)
	switch colours {
	case heifGray:
		stride := aligned(h.width)
		return uint64(stride) * uint64(h.height), func(b []byte) image.Image {
			return &image.Gray{Pix: b, Stride: stride, Rect: rect}
		}
	case heifRGB:
		stride := aligned(4 * h.width)
		return uint64(stride) * uint64(h.height), func(b []byte) image.Image {
			if premultiplied {
				return &image.RGBA{Pix: b, Stride: stride, Rect: rect}
			}
			return &image.NRGBA{Pix: b, Stride: stride, Rect: rect}
		}
	}
	ratio, cw, ch := image.YCbCrSubsampleRatio444, h.width, h.height
	switch chroma {
	case heif420:
		ratio, cw, ch = image.YCbCrSubsampleRatio420, (h.width+1)/2, (h.height+1)/2
	case heif422:
		ratio, cw = image.YCbCrSubsampleRatio422, (h.width+1)/2
	}
	stride, cStride := aligned(h.width), aligned(cw)
	luma, colour := stride*h.height, cStride*ch
	return uint64(luma + 2*colour), func(b []byte) image.Image {
		return &image.YCbCr{
			Y: b[:luma:luma], Cb: b[luma : luma+colour : luma+colour], Cr: b[luma+colour:],
			YStride: stride, CStride: cStride, SubsampleRatio: ratio, Rect: rect,
		}
	}
}

// decodeAVIF decodes the primary image in r, not turned. It refuses one of which a part is
// shown, because it would show all.
func (s *sandbox) decodeAVIF(ctx context.Context, r io.Reader, h header) (img image.Image, err error) {
	if h.cut {
		return nil, errGuest
	}
	err = s.decode(ctx, "avif.wasm.gz", r, h.encoded, h.memory(), func(g *guest) error {
		const fields = 4 // width, height, bits of a colour, images
		about := g.alloc(4 * fields)
		duration := g.alloc(8)
		run := func(onlySize, out uint64) {
			if g.call("decode", g.input, g.size, onlySize, 0, about, about+4, about+8, about+12, duration, out) == 0 && g.err == nil {
				g.err = errGuest
			}
		}
		run(1, 0)
		if g.err != nil || g.number(about) != h.width || g.number(about+4) != h.height {
			return errGuest
		}
		bytes := 1 // of a colour
		if g.number(about+8) > 8 {
			bytes = 2
		}
		size := uint64(h.width) * uint64(h.height) * 4 * uint64(bytes)
		out := g.alloc(size)
		run(0, out)
		pixels := g.bytes(out, size)
		if g.err != nil {
			return nil
		}
		made := image.NewRGBA(image.Rect(0, 0, h.width, h.height))
		for i := range made.Pix {
			made.Pix[i] = pixels[i*bytes+bytes-1] // of two bytes, the second is the high one
		}
		img = made
		return nil
	})
	return img, err
}
