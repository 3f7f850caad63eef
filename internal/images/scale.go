package images

import (
	"encoding/binary"
	"image"
	"math"

	"github.com/disintegration/imaging"
)

// fitWidth returns img, not yet turned, reduced so that its width after turning by o
// is at most width. It never enlarges.
func fitWidth(img image.Image, o orientation, width int) image.Image {
	w, h := img.Bounds().Dx(), img.Bounds().Dy()
	if o.swaps() {
		w, h = h, w
	}
	if w <= width {
		return img
	}
	w, h = width, max(1, int(math.Round(float64(h)*float64(width)/float64(w))))
	if o.swaps() {
		w, h = h, w
	}
	return scale(img, w, h)
}

// scale returns img reduced to w × h pixels.
//
// Each pixel becomes the mean of the area that it covers. JPEGs stay in YCbCr and are
// averaged plane by plane without conversion to RGB, so that a thumbnail costs little
// more than its decode. Close to the original size a mean looks blurred, so there
// Lanczos is used.
func scale(img image.Image, w, h int) image.Image {
	if img.Bounds().Dx() < 2*w {
		return imaging.Resize(img, w, h, imaging.Lanczos)
	}
	switch img := img.(type) {
	case *image.YCbCr:
		y, cb, cr := planes(img)
		out := image.NewYCbCr(image.Rect(0, 0, w, h), image.YCbCrSubsampleRatio420)
		oy, ocb, ocr := planes(out)
		oy.mean(y)
		ocb.mean(cb)
		ocr.mean(cr)
		return out
	case *image.Gray:
		out := image.NewGray(image.Rect(0, 0, w, h))
		planeOf(out.Pix, out.Stride, w, h).mean(planeOf(img.Pix, img.Stride, img.Rect.Dx(), img.Rect.Dy()))
		return out
	}
	return imaging.Resize(img, w, h, imaging.Box)
}

// whole is the sum of the weights of a span. A pixel times its weight fits into 16
// bits, and so does the sum of a span.
const whole = 256

// A span holds the source pixels of one result pixel along a line, and the weight of
// each.
type span struct {
	first   int
	weights []uint16
}

// spans divides from source pixels into to spans.
func spans(from, to int) []span {
	all := make([]span, to)
	for i := range all {
		// In units of 1/to of a pixel, this span covers start to end.
		start, end := i*from, (i+1)*from
		s := span{first: start / to}
		for k, so := s.first, 0; k*to < end; k++ {
			upTo := (min((k+1)*to, end) - start) * whole
			rounded := (upTo + from/2) / from
			s.weights = append(s.weights, uint16(rounded-so))
			so = rounded
		}
		all[i] = s
	}
	return all
}

// mean fills out with the reduced in: first vertically, then horizontally.
func (out plane) mean(in plane) {
	columns := spans(in.w, out.w)
	words := (in.w + 7) / 8
	even, odd, line := make([]uint64, words), make([]uint64, words), make([]uint16, 8*words)
	for y, row := range spans(in.h, out.h) {
		clear(even)
		clear(odd)
		for k, weight := range row.weights {
			addRow(even, odd, in.pix[(row.first+k)*in.stride:][:in.w], uint64(weight))
		}
		unpack(line, even, odd)
		to := out.pix[y*out.stride:][:out.w]
		for x, column := range columns {
			sum := uint32(whole * whole / 2)
			from := line[column.first:][:len(column.weights)]
			for k, weight := range column.weights {
				sum += uint32(weight) * uint32(from[k])
			}
			to[x] = uint8(sum / (whole * whole))
		}
	}
}

// addRow adds row times weight to 16-bit sums, four in each word: even and odd pixels
// are kept apart.
func addRow(even, odd []uint64, row []byte, weight uint64) {
	const lanes = 0x00ff00ff00ff00ff
	n := len(row) / 8
	even, odd = even[:len(odd)], odd[:len(even)]
	for i := range n {
		eight := binary.LittleEndian.Uint64(row[8*i:])
		even[i] += eight & lanes * weight
		odd[i] += eight >> 8 & lanes * weight
	}
	if n < len(even) {
		var rest [8]byte
		copy(rest[:], row[8*n:])
		eight := binary.LittleEndian.Uint64(rest[:])
		even[n] += eight & lanes * weight
		odd[n] += eight >> 8 & lanes * weight
	}
}

// unpack writes the sums in pixel order.
func unpack(line []uint16, even, odd []uint64) {
	for i, e := range even {
		o, eight := odd[i], line[8*i:][:8]
		eight[0], eight[1], eight[2], eight[3] = uint16(e), uint16(o), uint16(e>>16), uint16(o>>16)
		eight[4], eight[5], eight[6], eight[7] = uint16(e>>32), uint16(o>>32), uint16(e>>48), uint16(o>>48)
	}
}

// brighten applies the exponent gamma to the colours of img.
func brighten(img image.Image, gamma float64) image.Image {
	if gamma == 1 || gamma == 0 {
		return img
	}
	var table [256]uint8
	for i := range table {
		table[i] = uint8(math.Round(255 * math.Pow(float64(i)/255, gamma)))
	}
	out := imaging.Clone(img)
	for i := range out.Pix {
		if i%4 != 3 { // transparency
			out.Pix[i] = table[out.Pix[i]]
		}
	}
	return out
}
