package images

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
)

var errNotWebP = errors.New("not a WebP image")

// Flags in the first byte of the VP8X chunk.
const (
	webpAnimated = 1 << 1
	webpAlpha    = 1 << 4
	webpICC      = 1 << 5
)

// walkWebP reads the WebP in r up to its declared end, or as far as it goes, and ignores
// what follows. The
// data of a chunk goes to the writer that visit returns; a nil writer skips it.
func walkWebP(r *bufio.Reader, visit func(kind string, length uint32) io.Writer) error {
	var head [12]byte
	if _, err := io.ReadFull(r, head[:]); err != nil || string(head[:4]) != "RIFF" || string(head[8:]) != "WEBP" {
		return errNotWebP
	}
	left := int64(binary.LittleEndian.Uint32(head[4:])) - 4
	for left >= 8 {
		if _, err := io.ReadFull(r, head[:8]); err != nil {
			return cut(err, false)
		}
		length := binary.LittleEndian.Uint32(head[4:])
		padded := int64(length) + int64(length&1)
		left -= 8 + padded
		if left < -1 { // some encoders do not count the last padding byte
			return errNotWebP
		}
		w := visit(string(head[:4]), length)
		if w == nil {
			w = io.Discard
		}
		if err := pass(w, r, int64(length)); err != nil {
			return cut(err, false)
		}
		if err := pass(io.Discard, r, padded-int64(length)); err != nil {
			return cut(err, false)
		}
	}
	return nil
}

// limited is a buffer for the data of one chunk, up to most bytes, or all if that is zero.
type limited struct {
	data []byte
	most int
}

func (l *limited) Write(p []byte) (int, error) {
	part := p
	if l.most > 0 {
		part = p[:min(len(p), l.most-len(l.data))]
	}
	l.data = append(l.data, part...)
	return len(p), nil
}

// webpChunks collects the chunks that fill in a header, up to a maximum size each.
type webpChunks struct {
	first     string // kind of the first chunk
	vp8x, icc limited
	bitstream limited // its beginning
	lossless  bool
	frames    int
}

// visit returns the buffer for a chunk, or nil if the chunk is not needed.
func (c *webpChunks) visit(kind string, length uint32) io.Writer {
	const vp8xLength = 10
	if c.first == "" {
		c.first = kind
	}
	switch kind {
	case "VP8X":
		if length == vp8xLength && c.vp8x.data == nil {
			return &c.vp8x
		}
	case "VP8 ", "VP8L":
		if c.bitstream.data == nil {
			c.bitstream.most, c.lossless = 10, kind == "VP8L"
			return &c.bitstream
		}
	case "ICCP":
		if length <= maxProfile && c.icc.data == nil {
			return &c.icc
		}
	case "ANMF":
		c.frames++
	}
	return nil
}

// size returns the width and height of the image: those of its canvas, or of its pixels.
func (c *webpChunks) size() (width, height int) {
	b := c.bitstream.data
	switch {
	case len(c.vp8x.data) == 10:
		b = c.vp8x.data
		return int(b[4]) | int(b[5])<<8 | int(b[6])<<16 + 1, int(b[7]) | int(b[8])<<8 | int(b[9])<<16 + 1
	case c.lossless && len(b) >= 5 && b[0] == 0x2f:
		bits := binary.LittleEndian.Uint32(b[1:])
		return int(bits&0x3fff) + 1, int(bits>>14&0x3fff) + 1
	case !c.lossless && len(b) == 10 && string(b[3:6]) == "\x9d\x01\x2a":
		return int(binary.LittleEndian.Uint16(b[6:]) & 0x3fff), int(binary.LittleEndian.Uint16(b[8:]) & 0x3fff)
	}
	return 0, 0
}

// flag reports whether a flag of the VP8X chunk is set.
func (c *webpChunks) flag(bit byte) bool { return len(c.vp8x.data) > 0 && c.vp8x.data[0]&bit != 0 }

// scanWebP reads all chunks and fills in h.
func scanWebP(r io.Reader, h *header) error {
	var c webpChunks
	if err := walkWebP(bufio.NewReader(r), c.visit); err != nil {
		return err
	}
	switch c.first { // browsers detect the format by this
	case "VP8 ", "VP8L":
	case "VP8X":
		if c.vp8x.data == nil {
			return errNotWebP
		}
	default:
		return errNotWebP
	}
	h.width, h.height = c.size()
	h.frames, h.pixelBytes = max(1, c.frames), 8
	if h.animated = c.frames > 0 || c.flag(webpAnimated); h.animated {
		h.pixelBytes = 12 // a frame, and the canvas
	}
	if c.flag(webpICC) { // browsers do not turn a WebP by its EXIF, so neither do we
		h.icc = c.icc.data
	}
	return nil
}

// stripWebP copies what a decoder needs and the colour profile.
func stripWebP(w io.Writer, src io.ReadSeeker, h header) error {
	needed := func(kind string, length uint32) bool {
		switch kind {
		case "VP8X":
			return length == 10
		case "ANIM", "ANMF":
			return h.animated
		case "VP8 ", "VP8L", "ALPH":
			return true
		case "ICCP":
			return h.icc != nil
		}
		return false
	}
	// The total length precedes the chunks, so it is summed up first.
	seen := map[string]bool{}
	size := int64(4)
	count := func(kind string, length uint32) io.Writer {
		if needed(kind, length) && (!seen[kind] || kind == "ANMF") {
			seen[kind] = true
			size += 8 + int64(length) + int64(length&1)
		}
		return nil
	}
	if err := walkWebP(bufio.NewReader(src), count); err != nil {
		return err
	}
	if _, err := src.Seek(0, io.SeekStart); err != nil {
		return err
	}
	if size > 1<<32-2 {
		return errNotWebP
	}

	out := bufio.NewWriterSize(w, 64<<10)
	out.Write(binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(size))) //nolint:errcheck // Flush returns the error
	out.WriteString("WEBP")                                                   //nolint:errcheck // as above
	c := webpCopier{out: out, animated: h.animated, icc: seen["ICCP"]}
	err := walkWebP(bufio.NewReaderSize(src, 64<<10), func(kind string, length uint32) io.Writer {
		if !needed(kind, length) || !seen[kind] {
			return nil
		}
		seen[kind] = kind == "ANMF" // of the others, the first one is the one that counts
		return c.chunk(kind, length)
	})
	if err != nil {
		return err
	}
	c.pad()
	return out.Flush()
}

// A webpCopier writes a sequence of chunks.
type webpCopier struct {
	out           *bufio.Writer
	odd           bool // the last chunk has an odd length
	animated, icc bool // values for the flags of VP8X
	flags         bool // the next byte holds the flags
}

func (c *webpCopier) chunk(kind string, length uint32) io.Writer {
	c.pad()
	c.odd, c.flags = length&1 == 1, kind == "VP8X"
	c.out.WriteString(kind)                                    //nolint:errcheck // Flush returns the error
	c.out.Write(binary.LittleEndian.AppendUint32(nil, length)) //nolint:errcheck // as above
	return c
}

func (c *webpCopier) pad() {
	if c.odd {
		c.out.WriteByte(0) //nolint:errcheck // Flush returns the error
	}
	c.odd = false
}

// Write copies data of a chunk. In the flags of VP8X it keeps only transparency and
// sets those for an animation and for ICC.
func (c *webpCopier) Write(p []byte) (int, error) {
	if !c.flags || len(p) == 0 {
		return c.out.Write(p)
	}
	c.flags = false
	flags := p[0] & webpAlpha
	if c.animated {
		flags |= webpAnimated
	}
	if c.icc {
		flags |= webpICC
	}
	c.out.WriteByte(flags) //nolint:errcheck // Flush returns the error
	n, err := c.out.Write(p[1:])
	return n + 1, err
}
