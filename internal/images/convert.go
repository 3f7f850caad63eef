package images

import (
	"bytes"
	"context"
	"image"
	"io"

	"example.org/cloakroom/internal/problem"
)

// The media types that few programs show, so that others get them converted.
const (
	HEIC = "image/heic"
	AVIF = "image/avif"
)

// Converts reports whether Convert takes images of the media type.
func Converts(mediaType string) bool { return mediaType == HEIC || mediaType == AVIF }

// A Conversion is a copy of an image, upright and without metadata, with its thumbnails.
type Conversion struct {
	Thumbnails

	Full     []byte
	FullType string // image/jpeg, or image/png if the image has transparency

	// Cut is also set beside an error: the file holds pixels that programs do not show.
	Cut bool
}

// Convert decodes the HEIC or AVIF in src and makes a copy that every browser shows. It returns
// an Unsupported or Invalid problem for an image that cannot be decoded, also for one that needs
// more than d.Memory.
func (d *Decoder) Convert(ctx context.Context, src io.ReadSeeker, mediaType string, limits Limits) (Conversion, error) {
	_, before, err := d.scan(ctx, src, mediaType)
	if err != nil {
		return Conversion{}, err
	}
	made, err := run(ctx, d, patient, src, mediaType, limits, func(f format, h header, r *source) (c Conversion, err error) {
		if h.memory() > d.Memory {
			return c, refusal(problem.Invalid, "This image needs more memory than there is for images.")
		}
		img, err := f.decode(r, h)
		if err != nil {
			return c, err
		}
		if c.Thumbnails, err = thumbnailsOf(img, h); err != nil {
			return c, err
		}
		c.Full, c.FullType, err = encodeFull(orient(img, h.orientation), h)
		return c, err
	})
	made.Cut = before.cut
	return made, err
}

func encodeFull(img image.Image, h header) (full []byte, mediaType string, err error) {
	var b bytes.Buffer
	if mediaType = thumbnailType(img); mediaType == "image/png" {
		h.chunks = iccpChunk(h.icc)
		err = encodePNG(&b, img, h)
	} else {
		err = encodeUprightJPEG(&b, img, h)
	}
	return b.Bytes(), mediaType, err
}
