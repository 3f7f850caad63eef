package images

import (
	"bufio"
	"compress/lzw"
	"encoding/binary"
	"errors"
	"image"
	"image/draw"
	"image/gif"
	"io"
)

var (
	errNotGIF  = errors.New("not a GIF image")
	errTooMuch = errors.New("a GIF frame with too many pixels")
)

// Introducers and labels of the blocks of GIF (GIF89a, appendix A).
const (
	gifImage       = 0x2c
	gifExtension   = 0x21
	gifEnd         = 0x3b
	gifControl     = 0xf9
	gifApplication = 0xff
	gifComment     = 0xfe
	gifPlainText   = 0x01
)

// A gifWalker reads a GIF block by block and copies to out what is displayed:
// frames, their timing, and the repeat count of an animation.
type gifWalker struct {
	r       *bufio.Reader
	out     io.Writer
	decode  bool   // decode the frames, to verify them
	frames  int    // read so far
	control []byte // graphic control extension of the next frame
	global  int    // size of the global colour table
	screen  image.Point
}

// walk reads the GIF up to its trailer and ignores what follows.
func (g *gifWalker) walk() error {
	var head [13]byte
	if _, err := io.ReadFull(g.r, head[:]); err != nil || string(head[:6]) != "GIF89a" && string(head[:6]) != "GIF87a" {
		return errNotGIF
	}
	if _, err := g.out.Write(head[:]); err != nil {
		return err
	}
	g.screen = gifPoint(head[6:])
	var err error
	if g.global, err = g.colours(head[10]); err != nil {
		return err
	}
	for {
		introducer, err := g.r.ReadByte()
		if err != nil {
			return io.ErrUnexpectedEOF
		}
		switch introducer {
		case gifImage:
			err = g.frame()
		case gifExtension:
			err = g.extension()
		case gifEnd:
			_, err = g.out.Write([]byte{gifEnd})
			return err
		default:
			return errNotGIF
		}
		if err != nil {
			return err
		}
	}
}

// gifPoint decodes two 16-bit numbers.
func gifPoint(b []byte) image.Point {
	return image.Pt(int(binary.LittleEndian.Uint16(b)), int(binary.LittleEndian.Uint16(b[2:])))
}

// colours copies the colour table announced by flags, if any, and returns its size.
func (g *gifWalker) colours(flags byte) (int, error) {
	if flags&0x80 == 0 {
		return 0, nil
	}
	n := 1 << (flags&7 + 1)
	_, err := io.CopyN(g.out, g.r, int64(3*n))
	return n, err
}

// frame copies one frame and, if g.decode is set, decodes it.
func (g *gifWalker) frame() error {
	var descriptor [9]byte
	if _, err := io.ReadFull(g.r, descriptor[:]); err != nil {
		return io.ErrUnexpectedEOF
	}
	size := gifPoint(descriptor[4:])
	if end := gifPoint(descriptor[:]).Add(size); end.X > g.screen.X || end.Y > g.screen.Y {
		return errors.New("a GIF frame larger than the image")
	}
	if _, err := g.out.Write(append(append(g.control, gifImage), descriptor[:]...)); err != nil {
		return err
	}
	g.frames++
	colours, err := g.colours(descriptor[8])
	if err != nil {
		return err
	}
	if colours == 0 {
		colours = g.global
	}
	if colours == 0 {
		return errNotGIF
	}
	const transparent = 1                                  // flag in the control extension
	if g.control != nil && g.control[3]&transparent != 0 { // the transparent index can exceed the table
		colours = max(colours, int(g.control[6])+1)
	}
	g.control = nil
	codeSize, err := g.r.ReadByte()
	if err != nil {
		return io.ErrUnexpectedEOF
	}
	if _, err := g.out.Write([]byte{codeSize}); err != nil {
		return err
	}
	data := &gifData{r: g.r, out: g.out}
	if g.decode {
		if err := checkIndices(data, int(codeSize), size.X*size.Y, colours); err != nil {
			return err
		}
		return data.finish()
	}
	_, err = io.Copy(io.Discard, data)
	return err
}

// checkIndices decompresses a frame in constant memory. It verifies that there are
// n pixels and that each is a valid index of the colour table.
func checkIndices(r *gifData, codeSize, n, colours int) error {
	if codeSize < 2 || codeSize > 8 {
		return errNotGIF
	}
	z := lzw.NewReader(r, lzw.LSB, codeSize)
	defer z.Close()
	var part [4096]byte
	for n > 0 {
		got, err := z.Read(part[:min(n, len(part))])
		for _, index := range part[:got] {
			if int(index) >= colours {
				return errors.New("a GIF pixel without a colour")
			}
		}
		n -= got
		if err != nil && n > 0 {
			return io.ErrUnexpectedEOF
		}
	}
	if got, err := z.Read(part[:1]); got != 0 || !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return errTooMuch
	}
	return nil
}

// extension copies the two extensions that affect animations and skips the others:
// comments, XMP, and plain text, which no browser draws. It is as strict as
// image/gif, so that both accept the same frames.
func (g *gifWalker) extension() error {
	label, err := g.r.ReadByte()
	if err != nil {
		return io.ErrUnexpectedEOF
	}
	data := &gifData{r: g.r, out: io.Discard}
	if label == gifComment {
		_, err := io.Copy(io.Discard, data)
		return err
	}
	if data.next() != nil {
		return errNotGIF
	}
	first := make([]byte, data.left)
	if _, err := io.ReadFull(data, first); err != nil {
		return err
	}
	switch {
	case label == gifControl && len(first) == 4:
		g.control = append(append([]byte{gifExtension, gifControl, 4}, first...), 0)
		if !errors.Is(data.next(), io.EOF) {
			return errNotGIF
		}
		return nil
	case label == gifApplication:
		if err := g.application(string(first), data); err != nil {
			return err
		}
	case label == gifPlainText && len(first) == 12:
	default:
		return errNotGIF
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
	h.frames = g.frames
	return err
}

// verifyGIF decodes every frame, one at a time.
func verifyGIF(r io.Reader) error {
	return (&gifWalker{r: bufio.NewReader(r), out: io.Discard, decode: true}).walk()
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
func firstGIFFrame(r io.Reader) (image.Image, error) {
	in := bufio.NewReader(r)
	head, err := in.Peek(10)
	if err != nil {
		return nil, errNotGIF
	}
	whole := image.Rectangle{Max: gifPoint(head[6:])}
	frame, err := gif.Decode(in)
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
