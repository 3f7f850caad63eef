// Package images knows pixels and metadata. It judges a picture before anyone
// else sees it, makes the copy others get (the same pixels without metadata),
// its thumbnails and avatars. It is the only package that knows imaging and
// x/image.
//
// Whatever a picture does to a decoder (a panic, an endless loop, a bomb)
// rejects that picture and nothing else: every decode runs in Decoder.run.
package images

import (
	"context"
	"io"
	"time"
)

// Limits say how big a picture may be. Memory follows from them: a decode takes
// up to 8 bytes a pixel, and 12 more for a progressive JPEG.
type Limits struct {
	MaxSide        int   // pixels, of width and of height
	MaxPixels      int64 // width × height
	MaxFrames      int   // pictures of an animation
	MaxFramePixels int64 // width × height × frames
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
type Decoder struct {
	Workers chan struct{} // its capacity is the number of decodes at once
	Timeout time.Duration // for one decode, once it has its turn

	formats map[string]format // nil: the real ones; tests plant worse
}

// Check decodes the whole picture in src, every frame of it, and returns what
// it is, or a problem at the field "file" if it breaks limits or cannot be
// read. mediaType is one of package filetypes' image types.
func (d *Decoder) Check(ctx context.Context, src io.ReadSeeker, mediaType string, limits Limits) (Info, error) {
	panic("being written")
}

// Clean writes the picture in src to dst, with the same media type, without
// metadata and upright. After an error, what dst got is to be thrown away.
func (d *Decoder) Clean(ctx context.Context, dst io.Writer, src io.ReadSeeker, mediaType string, limits Limits) error {
	panic("being written")
}

// Thumbnails returns both thumbnails of the picture in src, upright; of an
// animation, its first frame. Neither is larger than the picture.
func (d *Decoder) Thumbnails(ctx context.Context, src io.ReadSeeker, mediaType string, limits Limits) (Thumbnails, error) {
	panic("being written")
}

// Avatar returns the middle of the picture in src as a square of AvatarSide
// pixels, and its media type.
func (d *Decoder) Avatar(ctx context.Context, src io.ReadSeeker, mediaType string, limits Limits) (square []byte, squareType string, err error) {
	panic("being written")
}

// AvatarSide is the width and height of an avatar, in pixels.
const AvatarSide = 256

type format struct{}
