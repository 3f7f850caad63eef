package images

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"strings"

	"example.org/cloakroom/internal/problem"
)

var errNotWebP = errors.New("not a WebP image")

// Flags in the first byte of the VP8X chunk.
const (
	webpAnimated = 1 << 1
	webpXMP      = 1 << 2
	webpEXIF     = 1 << 3
	webpAlpha    = 1 << 4
	webpICC      = 1 << 5
)

// walkWebP reads the WebP in r up to its declared end and ignores what follows. The
// data of a chunk goes to the writer that visit returns; a nil writer skips it.
func walkWebP(r *bufio.Reader, visit func(kind string, length uint32) io.Writer) error {
	var head [12]byte
	if _, err := io.ReadFull(r, head[:]); err != nil || string(head[:4]) != "RIFF" || string(head[8:]) != "WEBP" {
		return errNotWebP
	}
	left := int64(binary.LittleEndian.Uint32(head[4:])) - 4
	for left >= 8 {
		if _, err := io.ReadFull(r, head[:8]); err != nil {
			return io.ErrUnexpectedEOF
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
		if _, err := io.CopyN(w, r, int64(length)); err != nil {
			return err
		}
		if _, err := io.CopyN(io.Discard, r, padded-int64(length)); err != nil && left >= 0 {
			return err
		}
	}
	return nil
}

// limited is a buffer for the data of one chunk.
type limited struct{ data []byte }

func (l *limited) Write(p []byte) (int, error) {
	l.data = append(l.data, p...)
	return len(p), nil
}

// webpChunks collects the chunks that fill in a header, up to a maximum size each.
type webpChunks struct {
	first           string // kind of the first chunk
	vp8x, exif, icc limited
	animated        bool
}

// visit returns the buffer for a chunk, or nil if the chunk is not needed.
func (c *webpChunks) visit(kind string, length uint32) io.Writer {
	const vp8xLength, maxEXIF = 10, 1 << 20 // EXIF can exceed that of JPEG, because the format has no limit
	if c.first == "" {
		c.first = kind
	}
	switch kind {
	case "VP8X":
		if length == vp8xLength && c.vp8x.data == nil {
			return &c.vp8x
		}
	case "EXIF":
		if length <= maxEXIF && c.exif.data == nil {
			return &c.exif
		}
	case "ICCP":
		if length <= maxProfile && c.icc.data == nil {
			return &c.icc
		}
	case "ANIM", "ANMF":
		c.animated = true
	}
	return nil
}

// flag reports whether a flag of the VP8X chunk is set.
func (c *webpChunks) flag(bit byte) bool { return len(c.vp8x.data) > 0 && c.vp8x.data[0]&bit != 0 }

// scanWebP reads all chunks and fills in h.
func scanWebP(r io.Reader, h *header) error {
	var c webpChunks
	if err := walkWebP(bufio.NewReader(r), c.visit); err != nil {
		return err
	}
	if !strings.HasPrefix(c.first, "VP8") { // browsers detect the format by this
		return errNotWebP
	}
	if c.animated || c.flag(webpAnimated) { // Go cannot decode it
		return refusal(problem.Unsupported, "Animated WebP images aren't supported. Upload the animation as a GIF or a video.")
	}
	if c.flag(webpEXIF) { // without VP8X there is no metadata
		h.orientation = exifOrientation(trimEXIF(c.exif.data))
	}
	if c.flag(webpICC) {
		h.icc = c.icc.data
	}
	return nil
}

// trimEXIF returns the data without the prefix of JPEG, which some encoders write
// in WebP too.
func trimEXIF(data []byte) []byte {
	if len(data) > len(exifPrefix) && string(data[:len(exifPrefix)]) == exifPrefix {
		return data[len(exifPrefix):]
	}
	return data
}

// stripWebP copies what a decoder needs and the colour profile. Go cannot encode
// WebP, so an image that is not upright keeps its orientation, as the only EXIF
// entry.
func stripWebP(w io.Writer, src io.ReadSeeker, h header) error {
	needed := func(kind string, length uint32) bool {
		switch kind {
		case "VP8X":
			return length == 10
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
		if needed(kind, length) && !seen[kind] {
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
	var exif []byte
	if !h.orientation.isUpright() && seen["VP8X"] {
		exif = onlyOrientation(h.orientation)
		size += 8 + int64(len(exif))
	}
	if size > 1<<32-2 {
		return errNotWebP
	}

	out := bufio.NewWriterSize(w, 64<<10)
	out.Write(binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(size))) //nolint:errcheck // Flush returns the error
	out.WriteString("WEBP")                                                   //nolint:errcheck // as above
	c := webpCopier{out: out, exif: exif != nil, icc: seen["ICCP"]}
	err := walkWebP(bufio.NewReaderSize(src, 64<<10), func(kind string, length uint32) io.Writer {
		if !needed(kind, length) || !seen[kind] {
			return nil
		}
		seen[kind] = false // the first chunk of a kind is the one that counts
		return c.chunk(kind, length)
	})
	if err != nil {
		return err
	}
	c.pad()
	if exif != nil {
		c.chunk("EXIF", uint32(len(exif))).Write(exif) //nolint:errcheck // as above
	}
	return out.Flush()
}

// A webpCopier writes a sequence of chunks.
type webpCopier struct {
	out       *bufio.Writer
	odd       bool // the last chunk has an odd length
	exif, icc bool // values for the flags of VP8X
	flags     bool // the next byte holds the flags
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
// sets those for EXIF and ICC.
func (c *webpCopier) Write(p []byte) (int, error) {
	if !c.flags || len(p) == 0 {
		return c.out.Write(p)
	}
	c.flags = false
	flags := p[0] & webpAlpha
	if c.exif {
		flags |= webpEXIF
	}
	if c.icc {
		flags |= webpICC
	}
	c.out.WriteByte(flags) //nolint:errcheck // Flush returns the error
	n, err := c.out.Write(p[1:])
	return n + 1, err
}
