package images

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"slices"
)

const (
	// maxHEIFMeta is the longest description of the images in a HEIF file, in bytes. That of a
	// phone has some 10 KiB.
	maxHEIFMeta = 1 << 20

	// maxHEIFProperties is how many properties the images of a file may have together.
	maxHEIFProperties = 1 << 12

	// maxHEIFAssigned is how many properties an image may have. That of a phone has some ten.
	maxHEIFAssigned = 64

	// The kinds of colours that are a profile: "prof" and "rICC".
	colourProfile, restrictedProfile = 0x70726f66, 0x72494343
)

var errNotHEIF = errors.New("not a HEIF image")

// heifSequences are the brands of files that are an animation above all. A still image would
// not be what their owner shared.
var heifSequences = []string{"avis", "msf1", "hevc", "hevx", "hevs"}

// A heifBox is a part of a HEIF file (ISO/IEC 14496-12, 4.2).
type heifBox struct {
	kind string
	body []byte
}

// heifMeta returns the content of the meta box of the file in r (ISO/IEC 23008-12).
func heifMeta(r *bufio.Reader) ([]byte, error) {
	var head [16]byte
	for first := true; ; first = false {
		if _, err := io.ReadFull(r, head[:8]); err != nil {
			return nil, err
		}
		length, kind := uint64(binary.BigEndian.Uint32(head[:])), string(head[4:8])
		header := uint64(8)
		if length == 1 {
			if _, err := io.ReadFull(r, head[8:]); err != nil {
				return nil, err
			}
			length, header = binary.BigEndian.Uint64(head[8:]), 16
		}
		if (kind == "ftyp") != first || length < header || length-header > 1<<62 {
			return nil, errNotHEIF
		}
		length -= header
		if brand, _ := r.Peek(4); kind == "ftyp" && slices.Contains(heifSequences, string(brand)) {
			return nil, errNotHEIF
		}
		if kind != "meta" {
			if err := pass(io.Discard, r, int64(length)); err != nil {
				return nil, err
			}
			continue
		}
		const versionAndFlags = 4
		if length < versionAndFlags || length > maxHEIFMeta {
			return nil, errNotHEIF
		}
		meta := make([]byte, length)
		if _, err := io.ReadFull(r, meta); err != nil {
			return nil, err
		}
		return meta[versionAndFlags:], nil
	}
}

// heifBoxes returns the boxes in b, up to a damaged one.
func heifBoxes(b []byte) (boxes []heifBox) {
	for len(b) >= 8 && len(boxes) < maxHEIFProperties {
		length := binary.BigEndian.Uint32(b)
		if length < 8 || uint64(length) > uint64(len(b)) {
			break
		}
		boxes = append(boxes, heifBox{string(b[4:8]), b[8:length]})
		b = b[length:]
	}
	return boxes
}

// A heifReader reads big-endian numbers. It returns zeros after the end.
type heifReader struct {
	b    []byte
	over bool
}

func (r *heifReader) next(n int) (value uint32) {
	if len(r.b) < n {
		r.b, r.over = nil, true
		return 0
	}
	for _, c := range r.b[:n] {
		value = value<<8 | uint32(c)
	}
	r.b = r.b[n:]
	return value
}

// heifProperties returns the properties of the primary image, in their order, and those of
// all images.
func heifProperties(meta []byte) (of, all []heifBox, err error) {
	var primary uint32
	var assigned [][]byte
	for _, box := range heifBoxes(meta) {
		switch box.kind {
		case "pitm":
			r, width := heifReader{b: box.body}, 2
			if r.next(4)>>24 > 0 {
				width = 4
			}
			primary = r.next(width)
		case "iprp":
			for _, part := range heifBoxes(box.body) {
				switch part.kind {
				case "ipco":
					all = heifBoxes(part.body)
				case "ipma":
					assigned = append(assigned, part.body)
				}
			}
		}
	}
	for _, body := range assigned {
		for _, i := range heifIndexes(body, primary) {
			if i < 1 || i > len(all) {
				return nil, nil, errNotHEIF
			}
			if of = append(of, all[i-1]); len(of) > maxHEIFAssigned {
				return nil, nil, errNotHEIF
			}
		}
	}
	return of, all, nil
}

// heifIndexes returns the numbers, from 1, of the properties that an ipma box gives an item.
func heifIndexes(ipma []byte, item uint32) (indexes []int) {
	r := heifReader{b: ipma}
	head := r.next(4)
	idWidth, width, mask := 2, 1, uint32(1<<7-1)
	if head>>24 > 0 {
		idWidth = 4
	}
	if head&1 == 1 {
		width, mask = 2, 1<<15-1
	}
	for range r.next(4) {
		id := r.next(idWidth)
		for range r.next(1) {
			if i := r.next(width) & mask; id == item && i > 0 && len(indexes) <= maxHEIFAssigned {
				indexes = append(indexes, int(i))
			}
		}
		if r.over {
			return nil
		}
	}
	return indexes
}

// alphaNames name an image that holds the transparency of another.
var alphaNames = []string{"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha", "urn:mpeg:hevc:2015:auxid:1"}

// scanHEIC fills in h from the properties of the primary image. The decoder cuts and turns
// the image as they say. It would drop transparency, so that such an image cannot be decoded.
func scanHEIC(r io.Reader, h *header) error {
	turned, err := scanHEIF(r, h)
	if turned.swaps() {
		h.width, h.height = h.height, h.width
	}
	if err == nil && h.transparent {
		err = errNotHEIF
	}
	h.pixelBytes = heicPixelBytes
	return err
}

// scanAVIF fills in h. The decoder does not turn the image, and does not cut it.
func scanAVIF(r io.Reader, h *header) error {
	turned, err := scanHEIF(r, h)
	h.orientation, h.pixelBytes = turned, avifPixelBytes
	return err
}

// scanHEIF fills in the size and the colours of the primary image, and returns how it is turned.
func scanHEIF(r io.Reader, h *header) (turned orientation, err error) {
	meta, err := heifMeta(bufio.NewReader(r))
	if err != nil {
		return upright, err
	}
	properties, all, err := heifProperties(meta)
	if err != nil {
		return upright, err
	}
	h.transparent = slices.ContainsFunc(all, func(b heifBox) bool {
		return b.kind == "auxC" && slices.ContainsFunc(alphaNames, func(name string) bool { return bytes.Contains(b.body, []byte(name)) })
	})
	var angle, axis uint32
	var icc []byte
	mirrored := false
	for _, p := range properties {
		in := heifReader{b: p.body}
		switch p.kind {
		case "ispe":
			in.next(4)
			h.width, h.height = int(in.next(4)), int(in.next(4))
		case "clap":
			h.cut = true
			h.width, h.height = int(in.next(4)/max(1, in.next(4))), int(in.next(4)/max(1, in.next(4)))
		case "irot":
			angle = in.next(1) & 3
		case "imir":
			mirrored, axis = true, in.next(1)&1
		case "colr":
			if kind := in.next(4); (kind == colourProfile || kind == restrictedProfile) && len(in.b) <= maxProfile {
				icc = in.b
			}
		}
	}
	h.icc = slices.Clone(icc) // not meta, which is larger
	return heifOrientation(angle, mirrored, axis), nil
}

// heifOrientation returns the orientation of an image that is turned counter-clockwise by
// angle quarters, and is mirrored after that: axis 0 exchanges its top and its bottom, and
// axis 1 left and right (ISO/IEC 23008-12, 6.5.10 and 6.5.12).
func heifOrientation(angle uint32, mirrored bool, axis uint32) orientation {
	switch {
	case !mirrored:
		return [4]orientation{1, 8, 3, 6}[angle]
	case axis == 0:
		return [4]orientation{4, 5, 2, 7}[angle]
	}
	return [4]orientation{2, 7, 4, 5}[angle]
}
