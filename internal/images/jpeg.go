package images

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"image"
	"image/jpeg"
	"io"
	"strings"
)

// Markers of JPEG (ITU T.81, table B.1) that need special treatment.
const (
	markerSOI  = 0xd8
	markerEOI  = 0xd9
	markerSOS  = 0xda
	markerDQT  = 0xdb
	markerDRI  = 0xdd
	markerDHT  = 0xc4
	markerSOF0 = 0xc0
	markerSOF2 = 0xc2 // progressive
	markerJPG  = 0xc8
	markerDAC  = 0xcc // of arithmetic coding
	markerSOFF = 0xcf
	markerDNL  = 0xdc
	markerCOM  = 0xfe
	markerAPP0 = 0xe0 // JFIF: the density
	markerAPP1 = 0xe1 // EXIF or XMP
	markerAPP2 = 0xe2 // ICC colour profile, or further images (MPF)
	markerAPPE = 0xee // Adobe: the colour space of the components
)

const (
	exifPrefix = "Exif\x00\x00"
	iccPrefix  = "ICC_PROFILE\x00"
	iccHead    = len(iccPrefix) + 2 // plus number and count of the segment
)

var errNotJPEG = errors.New("not a JPEG image")

// isFrame reports whether a marker begins the description of the pixels.
func isFrame(marker byte) bool {
	return marker >= markerSOF0 && marker <= markerSOFF && marker != markerDHT && marker != markerJPG && marker != markerDAC
}

// isKnown reports whether a marker can follow a scan. Others are damage within the scan.
func isKnown(marker byte) bool { return marker >= markerSOF0 && marker <= 0xef || marker == markerCOM }

// walkJPEG reads the JPEG in r up to its end marker, or as far as it goes, and ignores what
// follows.
// Segments go to segment, which must not keep them, and entropy-coded bytes to data.
func walkJPEG(r *bufio.Reader, segment func(marker byte, payload []byte) error, data io.Writer) error {
	var start [2]byte
	if _, err := io.ReadFull(r, start[:]); err != nil || start != [2]byte{0xff, markerSOI} {
		return errNotJPEG
	}
	err := walkSegments(r, segment, data)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil
	}
	return err
}

func walkSegments(r *bufio.Reader, segment func(marker byte, payload []byte) error, data io.Writer) error {
	marker, err := nextMarker(r)
	buffer := make([]byte, 0xffff) // for the segments, one after the other
	for err == nil && marker != markerEOI {
		var size [2]byte
		if _, err := io.ReadFull(r, size[:]); err != nil {
			return err
		}
		length := int(size[0])<<8 | int(size[1])
		if length < 2 {
			return errNotJPEG
		}
		payload := buffer[:length-2]
		if _, err := io.ReadFull(r, payload); err != nil {
			return err
		}
		if err := segment(marker, payload); err != nil {
			return err
		}
		if marker == markerSOS {
			marker, err = copyEntropy(data, r)
		} else {
			marker, err = nextMarker(r)
		}
	}
	return err
}

// nextMarker returns the next marker that starts a segment or ends the image. Like
// image/jpeg it skips stray bytes and restart markers.
func nextMarker(r *bufio.Reader) (byte, error) {
	for {
		b, err := r.ReadByte()
		for err == nil && b != 0xff {
			b, err = r.ReadByte()
		}
		for err == nil && b == 0xff {
			b, err = r.ReadByte()
		}
		if err != nil {
			return 0, io.ErrUnexpectedEOF
		}
		if !withinScan(b) {
			return b, nil
		}
	}
}

// withinScan reports whether the bytes 0xff, b can occur within entropy-coded
// data: as a stuffed 0xff or a restart marker.
func withinScan(b byte) bool { return b == 0 || b >= 0xd0 && b <= 0xd7 }

// copyEntropy copies entropy-coded data including restart markers from r to w, and
// returns the marker that ends it.
func copyEntropy(w io.Writer, r *bufio.Reader) (marker byte, err error) {
	for {
		part, err := r.ReadSlice(0xff)
		if errors.Is(err, bufio.ErrBufferFull) {
			if _, err := w.Write(part); err != nil {
				return 0, err
			}
			continue
		}
		if err != nil { // it was cut: what is there is shown
			_, failed := w.Write(part)
			return 0, cmp.Or(failed, err)
		}
		if _, err := w.Write(part[:len(part)-1]); err != nil {
			return 0, err
		}
		next, err := r.ReadByte()
		for err == nil && next == 0xff {
			next, err = r.ReadByte()
		}
		if err != nil {
			return 0, io.ErrUnexpectedEOF
		}
		if !withinScan(next) && isKnown(next) {
			return next, nil
		}
		if _, err := w.Write([]byte{0xff, next}); err != nil {
			return 0, err
		}
	}
}

// scanJPEG reads all segments.
func scanJPEG(r io.Reader, h *header) error {
	exif := false
	err := walkJPEG(bufio.NewReaderSize(r, 64<<10), func(marker byte, payload []byte) error {
		switch {
		case marker == markerSOS:
			h.scans++
		case isFrame(marker) && len(payload) > 5 && h.width == 0:
			h.height, h.width = int(payload[1])<<8|int(payload[2]), int(payload[3])<<8|int(payload[4])
			h.components = int(payload[5])
			h.pixelBytes = h.components
			if marker == markerSOF2 { // a decoder keeps the coefficients of all scans
				h.pixelBytes = 5 * h.components
			}
		case marker == markerAPP1 && !exif && bytes.HasPrefix(payload, []byte(exifPrefix)):
			exif = true
			h.orientation = exifOrientation(payload[len(exifPrefix):])
		case isICC(marker, payload) && len(h.icc) <= maxProfile:
			h.icc = append(h.icc, payload[iccHead:]...)
		}
		return nil
	}, io.Discard)
	if len(h.icc) > maxProfile {
		h.icc = nil
	}
	return err
}

func isICC(marker byte, payload []byte) bool {
	return marker == markerAPP2 && len(payload) >= iccHead && bytes.HasPrefix(payload, []byte(iccPrefix))
}

// stripJPEG copies only what a decoder needs.
func stripJPEG(w io.Writer, src io.ReadSeeker, h header) error {
	out := bufio.NewWriterSize(w, 64<<10)
	out.Write([]byte{0xff, markerSOI}) //nolint:errcheck // Flush returns the error
	if !h.orientation.isUpright() {
		writeSegment(out, markerAPP1, append([]byte(exifPrefix), onlyOrientation(h.orientation)...)) //nolint:errcheck // as above
	}
	err := walkJPEG(bufio.NewReaderSize(src, 64<<10), func(marker byte, payload []byte) error {
		if payload = neededOf(marker, payload, h); payload == nil {
			return nil
		}
		return writeSegment(out, marker, payload)
	}, out)
	if err != nil {
		return err
	}
	out.Write([]byte{0xff, markerEOI}) //nolint:errcheck // as above
	return out.Flush()
}

// neededOf returns the part of a segment that decoders need, or nil.
func neededOf(marker byte, payload []byte, h header) []byte {
	const jfif, adobe = 14, 12 // lengths without a thumbnail
	switch {
	case isFrame(marker), marker == markerDHT, marker == markerDAC, marker >= markerSOS && marker <= markerDRI:
		return payload
	case marker == markerAPP0 && len(payload) >= jfif && bytes.HasPrefix(payload, []byte("JFIF\x00")):
		kept := bytes.Clone(payload[:jfif])
		kept[12], kept[13] = 0, 0 // the dimensions of its thumbnail
		return kept
	case marker == markerAPPE && len(payload) >= adobe && bytes.HasPrefix(payload, []byte("Adobe")):
		return payload[:adobe]
	case isICC(marker, payload) && h.icc != nil:
		return payload
	}
	return nil
}

func writeSegment(w io.Writer, marker byte, payload []byte) error {
	size := len(payload) + 2
	_, err := w.Write(append([]byte{0xff, marker, byte(size >> 8), byte(size)}, payload...))
	return err
}

// decodeJPEG decodes an image. A missing end marker is added.
func decodeJPEG(r io.Reader, _ header) (image.Image, error) {
	return jpeg.Decode(io.MultiReader(r, strings.NewReader("\xff\xd9")))
}

// encodeJPEG writes img, with the colour profile of h if it fits img.
func encodeJPEG(w io.Writer, img image.Image, quality int, h header) error {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, opaqueRGBA(img), &jpeg.Options{Quality: quality}); err != nil {
		return err
	}
	const start = 2 // the profile follows the start marker
	if _, err := w.Write(b.Next(start)); err != nil {
		return err
	}
	if h.fits(img) {
		const most = 0xffff - 2 - iccHead
		parts := (len(h.icc) + most - 1) / most
		for i := range parts {
			part := h.icc[i*most : min((i+1)*most, len(h.icc))]
			if err := writeSegment(w, markerAPP2, append([]byte(iccPrefix+string([]byte{byte(i + 1), byte(parts)})), part...)); err != nil {
				return err
			}
		}
	}
	_, err := b.WriteTo(w)
	return err
}

// encodeUprightJPEG writes an image that was turned upright by Clean.
func encodeUprightJPEG(w io.Writer, img image.Image, h header) error {
	return encodeJPEG(w, img, uprightQuality, h)
}

// opaqueRGBA returns img as the type that image/jpeg encodes fastest. For an
// opaque image, the premultiplied and the plain form of RGB are the same.
func opaqueRGBA(img image.Image) image.Image {
	if n, ok := img.(*image.NRGBA); ok && n.Opaque() {
		return &image.RGBA{Pix: n.Pix, Stride: n.Stride, Rect: n.Rect}
	}
	return img
}
