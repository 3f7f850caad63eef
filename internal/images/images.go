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
	"time"

	"github.com/disintegration/imaging"

	"example.org/cloakroom/internal/models"
)

// AvatarSide is the width and height of an avatar, in pixels.
const AvatarSide = 256

// Limits bound the size of an image, and so the memory of a decode: up to 8 bytes
// per pixel, and 12 more for a progressive JPEG.
type Limits struct {
	MaxSide        int   // of width and of height, in pixels
	MaxPixels      int64 // width × height
	MaxFrames      int   // frames of an animation; at least 1
	MaxFramePixels int64 // width × height × frames of an animation
}

// Info describes an image that has passed Check.
type Info struct {
	Width, Height int // after EXIF orientation
	Frames        int // 1, or more for an animation
}

// Thumbnails are two smaller copies of an image, of the same media type.
type Thumbnails struct {
	Small, Large []byte // at most models.ThumbnailSmall and ThumbnailLarge pixels wide
	MediaType    string // image/jpeg, or image/png if the image has transparency
}

// A Decoder decodes a bounded number of images concurrently. A process shares one.
//
// After a method has failed, the caller must close its source without using it
// again: an abandoned decoder may still be inside a Read.
type Decoder struct {
	Workers chan struct{} // its capacity is the number of concurrent decodes
	Timeout time.Duration // of one decode, and of a visitor's wait for a free worker

	formats map[string]format // nil: the real ones; tests replace them
}

// Check decodes every frame of the image in src and returns its dimensions. It
// returns a problem at the field "file" if the image exceeds limits or cannot be
// decoded. The mediaType is one of the image types of package filetypes.
func (d *Decoder) Check(ctx context.Context, src io.ReadSeeker, mediaType string, limits Limits) (Info, error) {
	return run(ctx, d, d.Timeout, src, mediaType, func(f format, r io.ReadSeeker) (Info, error) {
		h, err := f.read(r, limits)
		if err != nil {
			return Info{}, err
		}
		if err := f.verify(r); err != nil {
			return Info{}, err
		}
		info := Info{Width: h.width, Height: h.height, Frames: h.frames}
		if h.orientation.swaps() {
			info.Width, info.Height = h.height, h.width
		}
		return info, nil
	})
}

// Clean writes the image in src to dst upright and without metadata, in the same
// media type. After an error, the caller must discard what dst has received.
//
// Encoded pixels are copied unchanged where possible. An image that is not upright
// is encoded again, except WebP, which Go cannot encode: it keeps its orientation
// as its only metadata.
func (d *Decoder) Clean(ctx context.Context, dst io.Writer, src io.ReadSeeker, mediaType string, limits Limits) error {
	type result struct {
		header header
		turned []byte // nil if the image is upright
	}
	made, err := run(ctx, d, patient, src, mediaType, func(f format, r io.ReadSeeker) (result, error) {
		h, err := f.read(r, limits)
		if err != nil || h.orientation.isUpright() || f.encode == nil {
			return result{header: h}, err
		}
		img, err := f.decode(r)
		if err != nil {
			return result{}, err
		}
		var b bytes.Buffer
		err = f.encode(&b, orient(img, h.orientation), h)
		return result{h, b.Bytes()}, err
	})
	if err != nil {
		return err
	}
	if made.turned != nil {
		if _, err := dst.Write(made.turned); err != nil {
			return fmt.Errorf("writing the clean image: %w", err)
		}
		return nil
	}
	return d.strip(ctx, dst, src, mediaType, made.header)
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
	return in.classify(ctx, mediaType, err)
}

// Thumbnails returns both thumbnails of the image in src, upright. Of an animation
// they show the first frame. They are never larger than the image.
func (d *Decoder) Thumbnails(ctx context.Context, src io.ReadSeeker, mediaType string, limits Limits) (Thumbnails, error) {
	return run(ctx, d, patient, src, mediaType, func(f format, r io.ReadSeeker) (Thumbnails, error) {
		img, h, err := f.readAndDecode(r, limits)
		if err != nil {
			return Thumbnails{}, err
		}
		large := fitWidth(img, h.orientation, models.ThumbnailLarge)
		small := fitWidth(large, h.orientation, models.ThumbnailSmall)
		t := Thumbnails{MediaType: thumbnailType(large)}
		if t.Large, err = encodeThumbnail(orient(large, h.orientation), t.MediaType, h); err != nil {
			return Thumbnails{}, err
		}
		t.Small, err = encodeThumbnail(orient(small, h.orientation), t.MediaType, h)
		return t, err
	})
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
	made, err := run(ctx, d, d.Timeout, src, mediaType, func(f format, r io.ReadSeeker) (result, error) {
		img, h, err := f.readAndDecode(r, limits)
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
