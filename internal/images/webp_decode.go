package images

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"image"
	"image/draw"
	"io"

	"golang.org/x/image/webp"
)

// decodeWebP decodes an image, or the first frame of an animation, placed on its canvas.
func decodeWebP(r io.Reader, h header) (image.Image, error) {
	if !h.animated {
		img, err := webp.Decode(r)
		return fullRange(img), err
	}
	in := bufio.NewReader(r)
	still, at, err := firstWebPFrame(in)
	if err != nil {
		return nil, err
	}
	frame, err := webp.Decode(still)
	if err != nil {
		return nil, err
	}
	canvas := image.NewNRGBA(image.Rect(0, 0, h.width, h.height))
	draw.Draw(canvas, frame.Bounds().Add(at), fullRange(frame), image.Point{}, draw.Src)
	return canvas, nil
}

// firstWebPFrame returns the first frame of an animation as an image of its own, and its
// place on the canvas.
func firstWebPFrame(r *bufio.Reader) (still io.Reader, at image.Point, err error) {
	const riffHead, chunkHead, frameHead = 12, 8, 16
	if _, err := r.Discard(riffHead); err != nil {
		return nil, at, err
	}
	var head [chunkHead + frameHead]byte
	for {
		if _, err := io.ReadFull(r, head[:chunkHead]); err != nil {
			return nil, at, err
		}
		length := int64(binary.LittleEndian.Uint32(head[4:]))
		if string(head[:4]) != "ANMF" {
			if err := pass(io.Discard, r, length+length&1); err != nil {
				return nil, at, err
			}
			continue
		}
		if _, err := io.ReadFull(r, head[chunkHead:]); err != nil || length < frameHead {
			return nil, at, errNotWebP
		}
		three := func(b []byte) int { return int(b[0]) | int(b[1])<<8 | int(b[2])<<16 }
		f := head[chunkHead:]
		at = image.Pt(2*three(f), 2*three(f[3:]))
		first, err := r.Peek(4)
		if err != nil {
			return nil, at, err
		}
		made := []byte("RIFF")
		extra := ""
		if string(first) == "ALPH" {
			extra = "VP8X\x0a\x00\x00\x00" + string([]byte{webpAlpha, 0, 0, 0}) + string(f[6:12])
		}
		made = binary.LittleEndian.AppendUint32(made, uint32(length-frameHead)+4+uint32(len(extra)))
		made = append(made, "WEBP"+extra...)
		return io.MultiReader(bytes.NewReader(made), io.LimitReader(r, length-frameHead)), at, nil
	}
}

// fullRange returns img, which it changes, with the range of colours of JPEG, which package
// image takes for granted. That of lossy WebP is smaller: its black is 16, and its white 235.
func fullRange(img image.Image) image.Image {
	var of *image.YCbCr
	switch img := img.(type) {
	case *image.YCbCr:
		of = img
	case *image.NYCbCrA:
		of = &img.YCbCr
	default:
		return img
	}
	var luma, chroma [256]uint8
	for i := range 256 {
		luma[i] = uint8(max(0, min(255, ((i-16)*255*2+219)/(2*219))))
		chroma[i] = uint8(max(0, min(255, 128+((i-128)*255)/224)))
	}
	for i, v := range of.Y {
		of.Y[i] = luma[v]
	}
	for _, plane := range [][]byte{of.Cb, of.Cr} {
		for i, v := range plane {
			plane[i] = chroma[v]
		}
	}
	return img
}
