package images

import (
	"bufio"
	"bytes"
	"context"
	"image"
	"io"

	"example.org/cloakroom/internal/problem"
)

// A format implements one media type. Its functions seek to the start of the
// image, except strip and scan, whose callers do.
type format struct {
	scan   func(io.Reader, *header) error                                // fills in the header without decoding
	pixels func(io.Reader, header) (image.Image, error)                  // decodes the first frame
	guest  func(context.Context, io.Reader, header) (image.Image, error) // instead of pixels, in a sandbox
	strip  func(io.Writer, io.ReadSeeker, header) error                  // copies without metadata
	encode func(w io.Writer, img image.Image, h header) error            // nil: Go cannot encode the type
}

// A header is the information that precedes the pixels of an image.
type header struct {
	width, height int // before orientation
	frames        int
	scans         int // of JPEG: the passes over all pixels
	parts         int // of PNG: the chunks that hold no pixels of the first frame
	pixelBytes    int // memory that a decoder needs for a pixel
	orientation   orientation
	animated      bool    // of WebP
	cut           bool    // of HEIC and AVIF: a part of the pixels is shown
	transparent   bool    // of HEIC
	encoded       int64   // of HEIC and AVIF, when they are decoded: the size of the file in bytes
	gamma         float64 // of PNG: the exponent for showing its colours; zero is 1
	components    int     // colour components per pixel as stored: 1 gray, 3, or 4 CMYK
	icc           []byte  // the colour profile; may be empty
	chunks        []byte  // of PNG: the colour chunks, verbatim
}

// formats returns the supported formats by media type. It is a function, so that
// no caller can modify a shared map.
func formats() map[string]format {
	return map[string]format{
		"image/jpeg": {scan: scanJPEG, pixels: decodeJPEG, strip: stripJPEG, encode: encodeUprightJPEG},
		"image/png":  {scan: scanPNG, pixels: decodePNG, strip: stripPNG, encode: encodePNG},
		"image/gif":  {scan: scanGIF, pixels: firstGIFFrame, strip: stripGIF},
		"image/webp": {scan: scanWebP, pixels: decodeWebP, strip: stripWebP},
	}
}

// table returns the formats, with those that are only converted.
func (d *Decoder) table() map[string]format {
	if d.formats != nil {
		return d.formats
	}
	all := formats()
	all[HEIC] = format{scan: scanHEIC, guest: d.heic.decodeHEIC}
	all[AVIF] = format{scan: scanAVIF, guest: d.avif.decodeAVIF}
	return all
}

// buffered rewinds r and returns a buffered reader of it.
func buffered(r io.ReadSeeker) (*bufio.Reader, error) {
	_, err := r.Seek(0, io.SeekStart)
	return bufio.NewReaderSize(r, 64<<10), err
}

// read returns the header of the image, as far as that can be read.
func (f format) read(r io.ReadSeeker) (header, error) {
	h := header{frames: 1, orientation: upright, components: 3, gamma: 1, pixelBytes: 8}
	in, err := buffered(r)
	if err == nil {
		err = f.scan(in, &h)
	}
	if err == nil && (h.width <= 0 || h.height <= 0) {
		err = unreadable()
	}
	return h, err
}

// memory estimates the memory of a decode, in bytes. An image that is turned is held twice.
func (h header) memory() int64 {
	bytes := int64(h.width) * int64(h.height) * int64(h.pixelBytes)
	if h.orientation != upright {
		bytes *= 2
	}
	return bytes
}

// A scan costs a decoder a pass over all blocks, even if it is empty. Encoders write up
// to some twenty.
const (
	maxScans      = 100
	maxScanPixels = 1 << 31 // scans × width × height: 32 scans of the largest image by default
)

// maxParts bounds the chunks of a PNG that the decoder passes over: each of them, even an
// empty one, takes it 4 KiB of memory. Long animations have some 10,000.
const maxParts = 1 << 16

// check returns a problem if an image with this header is not to be decoded.
func (l Limits) check(h header) error {
	if err := l.checkSize(h); err != nil {
		return err
	}
	if h.scans > maxScans || int64(h.scans)*int64(h.width)*int64(h.height) > maxScanPixels {
		return refusal(problem.Unsupported, "This image has more scans than can be decoded. Save it anew and try again.")
	}
	if h.parts > maxParts {
		return refusal(problem.Unsupported, "This image has more parts than can be decoded. Save it anew and try again.")
	}
	return l.checkFrames(h)
}

func (l Limits) checkSize(h header) error {
	switch w, ht := h.width, h.height; {
	case w > l.MaxSide || ht > l.MaxSide:
		return refusal(problem.Invalid, "This image is %d × %d pixels. Up to %d per side is allowed. Resize it and try again.", w, ht, l.MaxSide)
	case int64(w)*int64(ht) > l.MaxPixels:
		return refusal(problem.Invalid, "This image is %d × %d pixels. Up to %d in total is allowed. Resize it and try again.", w, ht,
			l.MaxPixels)
	}
	return nil
}

func (l Limits) checkFrames(h header) error {
	switch {
	case h.frames < 1:
		return unreadable()
	case h.frames == 1:
		return nil
	case h.frames > l.MaxFrames:
		return refusal(problem.Invalid, "This animation has %d frames. Up to %d are allowed.", h.frames, l.MaxFrames)
	case int64(h.width)*int64(h.height)*int64(h.frames) > l.MaxFramePixels:
		return refusal(problem.Invalid, "This animation has %d frames of %d × %d pixels. Up to %d pixels in all frames are allowed.",
			h.frames, h.width, h.height, l.MaxFramePixels)
	}
	return nil
}

// decode returns the first frame.
func (f format) decode(r *source, h header) (img image.Image, err error) {
	in, err := buffered(r)
	if err != nil {
		return nil, err
	}
	if f.guest != nil {
		img, err = f.guest(r.ctx, in, h)
	} else {
		img, err = f.pixels(in, h)
	}
	if err == nil && img.Bounds().Size() != (image.Point{X: h.width, Y: h.height}) {
		err = unreadable() // what was scanned is not what was decoded
	}
	return img, err
}

const (
	thumbnailQuality = 82 // of 100: no visible artefacts at this size
	uprightQuality   = 95 // of 100: visitors receive this copy

	// maxProfile is the largest colour profile that is copied, in bytes: those of
	// printers are below 1 MiB. Thumbnails only copy those of cameras and screens.
	maxProfile          = 2 << 20
	maxThumbnailProfile = 16 << 10
)

// thumbnailType returns the media type for a thumbnail of img.
func thumbnailType(img image.Image) string {
	if o, ok := img.(interface{ Opaque() bool }); ok && o.Opaque() {
		return "image/jpeg"
	}
	return "image/png"
}

func encodeThumbnail(img image.Image, mediaType string, h header) ([]byte, error) {
	if len(h.icc) > maxThumbnailProfile {
		h.icc = nil
	}
	var b bytes.Buffer
	if mediaType == "image/png" {
		h.chunks = iccpChunk(h.icc)
		err := encodePNG(&b, img, h)
		return b.Bytes(), err
	}
	err := encodeJPEG(&b, img, thumbnailQuality, h)
	return b.Bytes(), err
}

// fits reports whether the colour profile of h describes the pixels of img. It
// does not if decoding has changed the colour space, from CMYK or gray.
func (h header) fits(img image.Image) bool {
	_, gray := img.(*image.Gray)
	return len(h.icc) > 0 && (h.components == 3 && !gray || h.components == 1 && gray)
}
