// Package images checks images and makes the copies that visitors see: the same
// pixels without metadata, thumbnails and avatars. It alone knows pixels and
// image metadata, and is the only package that knows imaging and x/image.
//
// A malformed image may make a decoder panic, run endlessly or ask for huge
// buffers. Every decode goes through run, so that only that image is rejected.
package images

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"io"
	"sync"
	"time"

	"github.com/disintegration/imaging"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// AvatarSide is the width and height of an avatar, in pixels.
const AvatarSide = 256

// Limits bound the size of an image that is decoded, and so the memory and the time.
type Limits struct {
	MaxSide        int    // of width and of height, in pixels
	MaxPixels      int64  // width × height
	MaxFrames      int    // frames of an animation; at least 1
	MaxFramePixels int64  // width × height × frames of an animation
	User           string // whose image it is: users take turns
}

// Info describes an image.
type Info struct {
	Width, Height int // as browsers show it: after EXIF orientation
	Frames        int // 1, or more for an animation
}

func (h header) info() Info {
	if h.orientation.swaps() {
		return Info{Width: h.height, Height: h.width, Frames: max(1, h.frames)}
	}
	return Info{Width: h.width, Height: h.height, Frames: max(1, h.frames)}
}

// Thumbnails are two smaller copies of an image, of the same media type.
type Thumbnails struct {
	Info         Info
	Small, Large []byte // at most models.ThumbnailSmall and ThumbnailLarge pixels wide
	MediaType    string // image/jpeg, or image/png if the image has transparency
}

// A Decoder decodes a bounded number of images concurrently. A process shares one.
//
// After a method has failed, the caller must close its source without using it
// again: an abandoned decoder may still be inside a Read.
type Decoder struct {
	Workers int           // the number of concurrent decodes
	Memory  int64         // of all of them together, in bytes; an image that needs more is decoded alone
	Timeout time.Duration // of one decode, and of a visitor's wait for a free worker

	formats    map[string]format // nil: the real ones; tests replace them
	heic, avif sandbox

	mu               sync.Mutex
	waiting, running []*turn
	waited, decoded  total
}

// Clean writes the image in src to dst without metadata, in the same media type, and returns
// its size. It returns an Unsupported problem for an image that it cannot read so far as to
// clean it. After an error, the caller must discard what dst has received.
//
// Encoded pixels are copied unchanged where possible, even if they are damaged. An image that
// is not upright is encoded again, if it can be decoded within limits; else it keeps its
// orientation as its only metadata. Browsers do not turn a WebP.
func (d *Decoder) Clean(ctx context.Context, dst io.Writer, src io.ReadSeeker, mediaType string, limits Limits) (Info, error) {
	f, h, err := d.scan(ctx, src, mediaType)
	if err != nil {
		return Info{}, err
	}
	if !h.orientation.isUpright() && f.encode != nil {
		turned, err := run(ctx, d, patient, src, mediaType, limits, func(f format, h header, r *source) ([]byte, error) {
			img, err := f.decode(r, h)
			if err != nil {
				return nil, err
			}
			var b bytes.Buffer
			err = f.encode(&b, orient(img, h.orientation), h)
			return b.Bytes(), err
		})
		switch {
		case err == nil:
			if _, err := dst.Write(turned); err != nil {
				return Info{}, fmt.Errorf("writing the clean image: %w", err)
			}
			return h.info(), nil
		case problem.All(err) == nil:
			return Info{}, err
		}
	}
	return h.info(), d.strip(ctx, dst, src, mediaType, h)
}

// strip copies the image without decoding it. It needs no worker and no memory for
// pixels.
func (d *Decoder) strip(ctx context.Context, dst io.Writer, src io.ReadSeeker, mediaType string, h header) error {
	in, out := &source{ctx: ctx, src: src}, &sink{dst: dst}
	if _, err := in.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("rewinding the image: %w", err)
	}
	err := d.table()[mediaType].strip(out, in, h)
	if out.err != nil {
		return fmt.Errorf("writing the clean image: %w", out.err)
	}
	if err == nil {
		err = in.err // a walker takes it for an end
	}
	return in.classify(ctx, mediaType, err)
}

// Thumbnails returns both thumbnails of the image in src, upright. Of an animation
// they show the first frame. They are never larger than the image.
func (d *Decoder) Thumbnails(ctx context.Context, src io.ReadSeeker, mediaType string, limits Limits) (Thumbnails, error) {
	return run(ctx, d, patient, src, mediaType, limits, func(f format, h header, r *source) (Thumbnails, error) {
		img, err := f.decode(r, h)
		if err != nil {
			return Thumbnails{}, err
		}
		return thumbnailsOf(img, h)
	})
}

func thumbnailsOf(img image.Image, h header) (t Thumbnails, err error) {
	large := brighten(fitWidth(img, h.orientation, models.ThumbnailLarge), h.gamma)
	small := fitWidth(large, h.orientation, models.ThumbnailSmall)
	t = Thumbnails{Info: h.info(), MediaType: thumbnailType(large)}
	if t.Large, err = encodeThumbnail(orient(large, h.orientation), t.MediaType, h); err != nil {
		return Thumbnails{}, err
	}
	t.Small, err = encodeThumbnail(orient(small, h.orientation), t.MediaType, h)
	return t, err
}

// Avatar returns the centre of the image in src as a square of AvatarSide pixels,
// and its media type.
func (d *Decoder) Avatar(
	ctx context.Context, src io.ReadSeeker, mediaType string, limits Limits,
) (square []byte, squareType string, err error) {
	type result struct {
		square    []byte
		mediaType string
	}
	made, err := run(ctx, d, d.Timeout, src, mediaType, limits, func(f format, h header, r *source) (result, error) {
		img, err := f.decode(r, h)
		if err != nil {
			return result{}, err
		}
		// Shrink cheaply to about twice the size, then with good quality.
		if w, h := img.Bounds().Dx(), img.Bounds().Dy(); min(w, h) > 4*AvatarSide {
			factor := float64(2*AvatarSide) / float64(min(w, h))
			img = scale(img, max(1, int(float64(w)*factor)), max(1, int(float64(h)*factor)))
		}
		var middle image.Image = imaging.Fill(orient(img, h.orientation), AvatarSide, AvatarSide, imaging.Center, imaging.Lanczos)
		mediaType := thumbnailType(middle)
		square, err := encodeThumbnail(middle, mediaType, h)
		return result{square, mediaType}, err
	})
	return made.square, made.mediaType, err
}
