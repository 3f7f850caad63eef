// Package images knows pixels and metadata. It judges a picture before anyone
// else sees it, makes the copy others get (the same pixels without metadata),
// its thumbnails and avatars. It is the only package that knows imaging and
// x/image.
//
// Whatever a picture does to a decoder (a panic, a bomb, endless work) rejects
// that picture and nothing else: every decode goes through run.
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

// Limits say how big a picture may be. Memory follows from them: a decode takes
// up to 8 bytes a pixel, and 12 more for a progressive JPEG.
type Limits struct {
	MaxSide        int   // pixels, of width and of height
	MaxPixels      int64 // width × height
	MaxFrames      int   // pictures of an animation; at least 1
	MaxFramePixels int64 // width × height × frames of an animation
}

// Info is what a picture that passed Check looks like to a viewer.
type Info struct {
	Width, Height int // orientation applied
	Frames        int // 1, or more for an animation
}

// Thumbnails are two smaller copies of a picture, of the same media type.
type Thumbnails struct {
	Small, Large []byte // at most models.ThumbnailSmall and ThumbnailLarge pixels wide
	MediaType    string // image/jpeg, or image/png when the picture has transparency
}

// A Decoder decodes pictures, so many at once. All of a process share one.
//
// A source must not be used again before it is closed once a method failed:
// a decoder that was given up may be in the middle of its last Read.
type Decoder struct {
	Workers chan struct{} // its capacity is the number of decodes at once
	Timeout time.Duration // for one decode, once it has its turn; and for a visitor's wait for that

	formats map[string]format // nil: the real ones; tests plant worse
}

// Check decodes the whole picture in src, every frame of it, and returns what
// it is, or a problem at the field "file" if it breaks limits or cannot be
// read. mediaType is one of package filetypes' image types.
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

// Clean writes the picture in src to dst, with the same media type, without
// metadata and upright. After an error, what dst got is to be thrown away.
//
// Pixels are copied as they are encoded where that can be: a picture that lies
// on its side is encoded anew, except for WebP, which Go cannot write. It keeps
// its orientation, and nothing else, as metadata.
func (d *Decoder) Clean(ctx context.Context, dst io.Writer, src io.ReadSeeker, mediaType string, limits Limits) error {
	type result struct {
		header header
		turned []byte // nil if it need not be
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
			return fmt.Errorf("writing the clean picture: %w", err)
		}
		return nil
	}
	return d.strip(ctx, dst, src, mediaType, made.header)
}

// strip copies the picture without decoding it: that takes no worker and no
// memory, only as long as dst and src take.
func (d *Decoder) strip(ctx context.Context, dst io.Writer, src io.ReadSeeker, mediaType string, h header) error {
	in, out := &source{ctx: ctx, src: src}, &sink{dst: dst}
	if _, err := in.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("rewinding the picture: %w", err)
	}
	err := d.table()[mediaType].strip(out, in, h)
	if out.err != nil {
		return fmt.Errorf("writing the clean picture: %w", out.err)
	}
	return in.judge(ctx, mediaType, err)
}

// Thumbnails returns both thumbnails of the picture in src, upright; of an
// animation, its first frame. Neither is larger than the picture.
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

// Avatar returns the middle of the picture in src as a square of AvatarSide
// pixels, and its media type.
func (d *Decoder) Avatar(ctx context.Context, src io.ReadSeeker, mediaType string, limits Limits) (square []byte, squareType string, err error) {
	type result struct {
		square    []byte
		mediaType string
	}
	made, err := run(ctx, d, d.Timeout, src, mediaType, func(f format, r io.ReadSeeker) (result, error) {
		img, h, err := f.readAndDecode(r, limits)
		if err != nil {
			return result{}, err
		}
		// Down to about twice the size cheaply, then well.
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
