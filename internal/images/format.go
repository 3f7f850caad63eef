package images

import (
	"bufio"
	"bytes"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"

	"golang.org/x/image/webp"

	"example.org/cloakroom/internal/problem"
)

// A format implements one media type. Its functions seek to the start of the
// image, except strip and scan, whose callers do.
type format struct {
	config func(io.Reader) (image.Config, error)
	scan   func(io.Reader, *header) error                     // fills in the header without decoding
	pixels func(io.Reader) (image.Image, error)               // decodes the first frame
	frames func(io.Reader) error                              // decodes every frame; nil: the type has one frame
	strip  func(io.Writer, io.ReadSeeker, header) error       // copies without metadata
	encode func(w io.Writer, img image.Image, h header) error // nil: Go cannot encode the type
}

// A header is the information that precedes the pixels of an image.
type header struct {
	width, height int // before orientation
	frames        int
	orientation   orientation
	components    int    // colour components per pixel as stored: 1 gray, 3, or 4 CMYK
	icc           []byte // the colour profile; may be empty
	chunks        []byte // of PNG: the colour chunks, verbatim
}

// formats returns the supported formats by media type. It is a function, so that
// no caller can modify a shared map.
func formats() map[string]format {
	return map[string]format{
		"image/jpeg": {config: jpeg.DecodeConfig, scan: scanJPEG, pixels: jpeg.Decode, strip: stripJPEG, encode: encodeUprightJPEG},
		"image/png":  {config: png.DecodeConfig, scan: scanPNG, pixels: png.Decode, strip: stripPNG, encode: encodePNG},
		"image/gif":  {config: gif.DecodeConfig, scan: scanGIF, pixels: firstGIFFrame, frames: verifyGIF, strip: stripGIF},
		"image/webp": {config: webp.DecodeConfig, scan: scanWebP, pixels: webp.Decode, strip: stripWebP},
	}
}

func (d *Decoder) table() map[string]format {
	if d.formats != nil {
		return d.formats
	}
	return formats()
}

// buffered rewinds r and returns a buffered reader of it.
func buffered(r io.ReadSeeker) (*bufio.Reader, error) {
	_, err := r.Seek(0, io.SeekStart)
	return bufio.NewReaderSize(r, 64<<10), err
}

// read returns the header of the image, or a problem if that exceeds limits. No
// pixels are decoded before the limits have been checked.
func (f format) read(r io.ReadSeeker, limits Limits) (header, error) {
	in, err := buffered(r)
	if err != nil {
		return header{}, err
	}
	config, err := f.config(in)
	if err != nil {
		return header{}, err
	}
	h := header{width: config.Width, height: config.Height, frames: 1, orientation: upright, components: 3}
	if err := limits.checkSize(h); err != nil {
		return header{}, err
	}
	if in, err = buffered(r); err != nil {
		return header{}, err
	}
	if err := f.scan(in, &h); err != nil {
		return header{}, err
	}
	return h, limits.checkFrames(h)
}

func (l Limits) checkSize(h header) error {
	switch w, ht := h.width, h.height; {
	case w <= 0 || ht <= 0:
		return unreadable()
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
func (f format) decode(r io.ReadSeeker) (image.Image, error) {
	in, err := buffered(r)
	if err != nil {
		return nil, err
	}
	return f.pixels(in)
}

// readAndDecode returns the header and the first frame of an image within limits.
func (f format) readAndDecode(r io.ReadSeeker, limits Limits) (image.Image, header, error) {
	h, err := f.read(r, limits)
	if err != nil {
		return nil, h, err
	}
	img, err := f.decode(r)
	return img, h, err
}

// verify decodes every frame.
func (f format) verify(r io.ReadSeeker) error {
	if f.frames == nil {
		_, err := f.decode(r)
		return err
	}
	in, err := buffered(r)
	if err != nil {
		return err
	}
	return f.frames(in)
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
