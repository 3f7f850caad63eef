package images

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"image/draw"
	"image/gif"
	"io"
)

var (
	errNotGIF = errors.New("not a GIF image")
	errGIFEnd = errors.New("the end of a GIF image")
)

// Introducers and labels of the blocks of GIF (GIF89a, appendix A).
const (
	gifImage       = 0x2c
	gifExtension   = 0x21
	gifEnd         = 0x3b
	gifControl     = 0xf9
	gifApplication = 0xff
)

// A gifWalker reads a GIF block by block and copies to out what is displayed:
// frames, their timing, and the repeat count of an animation.
type gifWalker struct {
	r       *bufio.Reader
	out     io.Writer
	frames  int         // read so far
	control []byte      // graphic control extension of the next frame
	screen  image.Point // grown to the first frame, as browsers do

	data  gifData   // of the extension that is read: a file can have millions of them
	first [255]byte // its first sub-block
}

// walk reads the GIF up to its trailer, or as far as it goes, and ignores what follows.
func (g *gifWalker) walk() error {
	var head [13]byte
	if _, err := io.ReadFull(g.r, head[:]); err != nil || string(head[:6]) != "GIF89a" && string(head[:6]) != "GIF87a" {
		return errNotGIF
	}
	if _, err := g.out.Write(head[:]); err != nil {
		return err
	}
	g.screen = gifPoint(head[6:])
	err := g.colours(head[10])
	for err == nil {
		err = g.block()
	}
	if errors.Is(err, errGIFEnd) || errors.Is(err, io.EOF) {
		_, err = g.out.Write([]byte{gifEnd})
		return err
	}
	return cut(err, false) // within a block, where an end would be taken for data
}

// block copies the next block. It returns io.EOF if there is none, and errGIFEnd at the
// trailer, or at what is no block.
func (g *gifWalker) block() error {
	introducer, err := g.r.ReadByte()
	if err != nil {
		return err
	}
	switch introducer {
	case gifImage:
		err = g.frame()
	case gifExtension:
		err = g.extension()
	case 0: // some programs write one too many
	default:
		return errGIFEnd
	}
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return err
}

// gifPoint decodes two 16-bit numbers.
func gifPoint(b []byte) image.Point {
	return image.Pt(int(binary.LittleEndian.Uint16(b)), int(binary.LittleEndian.Uint16(b[2:])))
}

// colours copies the colour table announced by flags, if any.
func (g *gifWalker) colours(flags byte) error {
	if flags&0x80 == 0 {
		return nil
	}
	_, err := io.CopyN(g.out, g.r, int64(3<<(flags&7+1)))
	return err
}

// frame copies one frame.
func (g *gifWalker) frame() error {
	var descriptor [9]byte
	if _, err := io.ReadFull(g.r, descriptor[:]); err != nil {
		return io.ErrUnexpectedEOF
	}
	if end := gifPoint(descriptor[:]).Add(gifPoint(descriptor[4:])); g.frames == 0 {
		g.screen.X, g.screen.Y = max(g.screen.X, end.X), max(g.screen.Y, end.Y)
	}
	g.control = append(append(g.control, gifImage), descriptor[:]...)
	if _, err := g.out.Write(g.control); err != nil {
		return err
	}
	g.frames++
	g.control = g.control[:0]
	if err := g.colours(descriptor[8]); err != nil {
		return err
	}
	codeSize, err := g.r.ReadByte()
	if err != nil {
		return io.ErrUnexpectedEOF
	}
	if _, err := g.out.Write([]byte{codeSize}); err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, &gifData{r: g.r, out: g.out})
	return err
}

// extension copies the two extensions that affect animations and skips the others:
// comments, XMP, and plain text, which no browser draws.
func (g *gifWalker) extension() error {
	label, err := g.r.ReadByte()
	if err != nil {
		return io.ErrUnexpectedEOF
	}
	data := &g.data
	*data = gifData{r: g.r, out: io.Discard}
	if err := data.next(); errors.Is(err, io.EOF) {
		return nil // an empty one
	} else if err != nil {
		return err
	}
	first := g.first[:data.left]
	if _, err := io.ReadFull(data, first); err != nil {
		return err
	}
	switch {
	case label == gifControl && len(first) == 4:
		g.control = append(append(append(g.control[:0], gifExtension, gifControl, 4), first...), 0)
	case label == gifApplication:
		if err := g.application(string(first), data); err != nil {
			return err
		}
	}
	_, err = io.Copy(io.Discard, data)
	return err
}

// application copies the repeat count of the animation, if data contains it.
func (g *gifWalker) application(name string, data *gifData) error {
	if name != "NETSCAPE2.0" && name != "ANIMEXTS1.0" {
		return nil
	}
	if err := data.next(); err != nil || data.left != 3 {
		return nil // the caller skips the rest
	}
	var loop [3]byte
	if _, err := io.ReadFull(data, loop[:]); err != nil || loop[0] != 1 {
		return err
	}
	_, err := g.out.Write(append(append([]byte{gifExtension, gifApplication, byte(len(name))}, name...), 3, loop[0], loop[1], loop[2], 0))
	return err
}

// scanGIF counts the frames.
func scanGIF(r io.Reader, h *header) error {
	g := gifWalker{r: bufio.NewReader(r), out: io.Discard}
	err := g.walk()
	h.frames, h.width, h.height = g.frames, g.screen.X, g.screen.Y
	h.pixelBytes = 5 // an index, and a colour on the canvas
	return err
}

// stripGIF copies only what is displayed.
func stripGIF(w io.Writer, src io.ReadSeeker, _ header) error {
	out := bufio.NewWriterSize(w, 64<<10)
	if err := (&gifWalker{r: bufio.NewReaderSize(src, 64<<10), out: out}).walk(); err != nil {
		return err
	}
	return out.Flush()
}

// firstGIFFrame returns the first frame, placed on the canvas of the image.
func firstGIFFrame(r io.Reader, h header) (image.Image, error) {
	in := bufio.NewReader(r)
	var head [13]byte
	if _, err := io.ReadFull(in, head[:]); err != nil || h.width > 0xffff || h.height > 0xffff {
		return nil, errNotGIF
	}
	binary.LittleEndian.PutUint16(head[6:], uint16(h.width))
	binary.LittleEndian.PutUint16(head[8:], uint16(h.height))
	whole := image.Rect(0, 0, h.width, h.height)
	frame, err := gif.Decode(io.MultiReader(bytes.NewReader(head[:]), in))
	if err != nil {
		return nil, err
	}
	if frame.Bounds() == whole {
		return frame, nil
	}
	canvas := image.NewNRGBA(whole)
	draw.Draw(canvas, frame.Bounds(), frame, frame.Bounds().Min, draw.Src)
	return canvas, nil
}
