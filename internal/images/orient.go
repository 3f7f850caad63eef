package images

import (
	"image"

	"github.com/disintegration/imaging"
)

// orient returns img turned for display.
func orient(img image.Image, o orientation) image.Image {
	if o.isUpright() {
		return img
	}
	switch img := img.(type) {
	case *image.YCbCr: // stays YCbCr, so colours are not converted twice
		return orientYCbCr(img, o)
	case *image.Gray:
		p := planeOf(img.Pix, img.Stride, img.Rect.Dx(), img.Rect.Dy()).orient(o)
		return &image.Gray{Pix: p.pix, Stride: p.stride, Rect: image.Rect(0, 0, p.w, p.h)}
	}
	switch o {
	case 2:
		return imaging.FlipH(img)
	case 3:
		return imaging.Rotate180(img)
	case 4:
		return imaging.FlipV(img)
	case 5:
		return imaging.Transpose(img)
	case 6:
		return imaging.Rotate270(img) // imaging turns counter-clockwise
	case 7:
		return imaging.Transverse(img)
	default:
		return imaging.Rotate90(img)
	}
}

func orientYCbCr(img *image.YCbCr, o orientation) *image.YCbCr {
	y, cb, cr := planes(img)
	y, cb, cr = y.orient(o), cb.orient(o), cr.orient(o)
	ratio := img.SubsampleRatio
	if o.swaps() {
		switch ratio {
		case image.YCbCrSubsampleRatio422:
			ratio = image.YCbCrSubsampleRatio440
		case image.YCbCrSubsampleRatio440:
			ratio = image.YCbCrSubsampleRatio422
		}
	}
	return &image.YCbCr{Y: y.pix, Cb: cb.pix, Cr: cr.pix, YStride: y.stride, CStride: cb.stride,
		SubsampleRatio: ratio, Rect: image.Rect(0, 0, y.w, y.h)}
}

// A plane is one colour component of an image.
type plane struct {
	pix          []byte
	stride, w, h int
}

func planeOf(pix []byte, stride, w, h int) plane { return plane{pix: pix, stride: stride, w: w, h: h} }

// planes returns the three planes of img, which must start at (0, 0), as all decoded
// images do.
func planes(img *image.YCbCr) (y, cb, cr plane) {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	cw, ch := w, h
	switch img.SubsampleRatio {
	case image.YCbCrSubsampleRatio422:
		cw = (w + 1) / 2
	case image.YCbCrSubsampleRatio420:
		cw, ch = (w+1)/2, (h+1)/2
	case image.YCbCrSubsampleRatio440:
		ch = (h + 1) / 2
	case image.YCbCrSubsampleRatio411:
		cw = (w + 3) / 4
	case image.YCbCrSubsampleRatio410:
		cw, ch = (w+3)/4, (h+1)/2
	}
	return planeOf(img.Y, img.YStride, w, h), planeOf(img.Cb, img.CStride, cw, ch), planeOf(img.Cr, img.CStride, cw, ch)
}

// orient returns p turned. It fills the result row by row, reading p in strides.
func (p plane) orient(o orientation) plane {
	last := (p.h-1)*p.stride + p.w - 1
	var start, column, row int // index in p of the first pixel, and strides along and down the result
	switch o {
	case 2:
		start, column, row = p.w-1, -1, p.stride
	case 3:
		start, column, row = last, -1, -p.stride
	case 4:
		start, column, row = last-p.w+1, 1, -p.stride
	case 5:
		start, column, row = 0, p.stride, 1
	case 6:
		start, column, row = last-p.w+1, -p.stride, 1
	case 7:
		start, column, row = last, -p.stride, -1
	case 8:
		start, column, row = p.w-1, p.stride, -1
	}
	out := plane{w: p.w, h: p.h}
	if o.swaps() {
		out.w, out.h = p.h, p.w
	}
	out.stride = out.w
	out.pix = make([]byte, out.w*out.h)
	for y := range out.h {
		at := start + y*row
		line := out.pix[y*out.stride:][:out.w]
		for x := range line {
			line[x] = p.pix[at]
			at += column
		}
	}
	return out
}
