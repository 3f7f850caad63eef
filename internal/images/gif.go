package images

import (
	"bufio"
	"compress/lzw"
	"errors"
	"image"
	"image/draw"
	"image/gif"
	"io"
)

var errNotGIF = errors.New("not a GIF picture")

// Introducers and labels of the blocks of GIF (GIF89a, appendix A).
const (
	gifImage       = 0x2c
	gifExtension   = 0x21
	gifEnd         = 0x3b
	gifControl     = 0xf9
	gifApplication = 0xff
	gifPlainText   = 0x01
)

// A gifWalker reads a GIF block by block and writes the needed ones to out:
// frames, their timing, and how often an animation repeats.
type gifWalker struct {
	r       *bufio.Reader
	out     io.Writer
	decode  bool   // decode the frames, to see that they can be
	frames  int    // seen so far
	control []byte // the graphic control extension for the next frame
	global  int    // colours of the global table
}

// walk reads the GIF up to its end: what follows that is not the picture.
func (g *gifWalker) walk() error {
	var head [13]byte
	if _, err := io.ReadFull(g.r, head[:]); err != nil || string(head[:6]) != "GIF89a" && string(head[:6]) != "GIF87a" {
		return errNotGIF
	}
	if _, err := g.out.Write(head[:]); err != nil {
		return err
	}
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

// colours copies the colour table that flags announce, and returns its size.
func (g *gifWalker) colours(flags byte) (int, error) {
	if flags&0x80 == 0 {
		return 0, nil
	}
	n := 1 << (flags&7 + 1)
	_, err := io.CopyN(g.out, g.r, int64(3*n))
	return n, err
}

// frame copies one frame, and decodes it if asked to.
func (g *gifWalker) frame() error {
	var descriptor [9]byte
	if _, err := io.ReadFull(g.r, descriptor[:]); err != nil {
		return io.ErrUnexpectedEOF
	}
	if _, err := g.out.Write(append(append(g.control, gifImage), descriptor[:]...)); err != nil {
		return err
	}
	g.control = nil
	g.frames++
	colours, err := g.colours(descriptor[8])
	if err != nil {
		return err
	}
	if colours == 0 {
		colours = g.global
	}
	codeSize, err := g.r.ReadByte()
	if err != nil {
		return io.ErrUnexpectedEOF
	}
	if _, err := g.out.Write([]byte{codeSize}); err != nil {
		return err
	}
	data := &gifData{r: g.r, out: g.out}
	if g.decode {
		width, height := int(descriptor[4])|int(descriptor[5])<<8, int(descriptor[6])|int(descriptor[7])<<8
		if err := checkIndices(data, int(codeSize), width*height, colours); err != nil {
			return err
		}
	}
	_, err = io.Copy(io.Discard, data)
	return err
}

// checkIndices decompresses a frame of n pixels in little memory, and holds
// that there are so many and that each names a colour.
func checkIndices(r io.Reader, codeSize, n, colours int) error {
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
	if got, err := z.Read(part[:1]); got != 0 || err == nil {
		return errors.New("a GIF frame with too many pixels")
	}
	return nil
}

// extension copies the two extensions that take part in an animation, and
// passes over the rest: comments, XMP, and text that nobody draws.
func (g *gifWalker) extension() error {
	label, err := g.r.ReadByte()
	if err != nil {
		return io.ErrUnexpectedEOF
	}
	data := &gifData{r: g.r, out: io.Discard}
	switch label {
	case gifControl:
		var control [5]byte
		n, err := io.ReadFull(data, control[:])
		if n != 4 || !errors.Is(err, io.ErrUnexpectedEOF) {
			return errNotGIF
		}
		g.control = []byte{gifExtension, gifControl, 4, control[0], control[1], control[2], control[3], 0}
		return nil
	case gifApplication:
		const nameSize = 11
		var loop [nameSize + 3]byte
		n, err := io.ReadFull(data, loop[:])
		if name := string(loop[:nameSize]); err == nil && (name == "NETSCAPE2.0" || name == "ANIMEXTS1.0") && loop[nameSize] == 1 {
			block := append([]byte{gifExtension, gifApplication, nameSize}, loop[:nameSize]...)
			if _, err := g.out.Write(append(block, 3, 1, loop[n-2], loop[n-1], 0)); err != nil {
				return err
			}
		}
	case gifPlainText:
		g.control = nil // it was meant for the text
	}
	_, err = io.Copy(io.Discard, data)
	return err
}

// gifData reads the data of a run of sub-blocks up to its end, and copies the
// sub-blocks to out.
type gifData struct {
	r    *bufio.Reader
	out  io.Writer
	left int
	err  error
}

func (d *gifData) Read(p []byte) (int, error) {
	if d.left == 0 && d.err == nil {
		size, err := d.r.ReadByte()
		if err != nil {
			d.err = io.ErrUnexpectedEOF
			return 0, d.err
		}
		if _, err := d.out.Write([]byte{size}); err != nil {
			d.err = err
			return 0, err
		}
		d.left = int(size)
		if size == 0 {
			d.err = io.EOF
		}
	}
	if d.err != nil {
		return 0, d.err
	}
	n, err := io.ReadFull(d.r, p[:min(len(p), d.left)])
	d.left -= n
	if err == nil {
		_, err = d.out.Write(p[:n])
	}
	if err != nil {
		d.err = err
		if errors.Is(err, io.EOF) {
			d.err = io.ErrUnexpectedEOF
		}
	}
	return n, d.err
}

// scanGIF counts the frames.
func scanGIF(r io.Reader, h *header) error {
	g := gifWalker{r: bufio.NewReader(r), out: io.Discard}
	err := g.walk()
	h.frames = g.frames
	return err
}

// verifyGIF decodes every frame, one at a time and without keeping it.
func verifyGIF(r io.Reader) error {
	return (&gifWalker{r: bufio.NewReader(r), out: io.Discard, decode: true}).walk()
}

// stripGIF copies what is shown.
func stripGIF(w io.Writer, src io.ReadSeeker, _ header) error {
	out := bufio.NewWriterSize(w, 64<<10)
	if err := (&gifWalker{r: bufio.NewReaderSize(src, 64<<10), out: out}).walk(); err != nil {
		return err
	}
	return out.Flush()
}

// firstGIFFrame returns the first frame in its place on the whole picture.
func firstGIFFrame(r io.Reader) (image.Image, error) {
	var head [10]byte
	in := bufio.NewReader(r)
	peeked, err := in.Peek(len(head))
	if err != nil {
		return nil, errNotGIF
	}
	copy(head[:], peeked)
	frame, err := gif.Decode(in)
	if err != nil {
		return nil, err
	}
	whole := image.Rect(0, 0, int(head[6])|int(head[7])<<8, int(head[8])|int(head[9])<<8)
	if frame.Bounds() == whole {
		return frame, nil
	}
	canvas := image.NewNRGBA(whole)
	draw.Draw(canvas, frame.Bounds(), frame, frame.Bounds().Min, draw.Src)
	return canvas, nil
}
