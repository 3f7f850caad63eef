package images

import (
	"bufio"
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/png"
	"io"
	"math"
	"strings"
)

const (
	pngSignature = "\x89PNG\r\n\x1a\n"
	pngFirst     = len(pngSignature) + 8 + 13 + 4 // signature and IHDR
)

var errNotPNG = errors.New("not a PNG image")

// pngNeeded holds the chunks that matter for decoding and colour, with their
// maximum plausible length in bytes. A longer chunk hides something.
var pngNeeded = map[string]uint32{
	"IHDR": 13, "PLTE": 3 * 256, "IDAT": 1<<31 - 1, "IEND": 0,
	"acTL": 8, "fcTL": 26, "fdAT": 1<<31 - 1,
	"tRNS": 256, "gAMA": 4, "cHRM": 32, "sRGB": 1, "sBIT": 4, "pHYs": 9, "cICP": 4, "iCCP": maxProfile,
}

// walkPNG reads the PNG in r up to its end chunk, or as far as it goes, and ignores what
// follows. Wrong checksums are left to the decoder. Each chunk, including its header and
// checksum, goes to the writer that visit returns; a nil writer skips it.
func walkPNG(r *bufio.Reader, visit func(kind string, length uint32) io.Writer) error {
	var head [8]byte
	if _, err := io.ReadFull(r, head[:]); err != nil || string(head[:]) != pngSignature {
		return errNotPNG
	}
	for first := true; ; first = false {
		if _, err := io.ReadFull(r, head[:]); err != nil {
			return cut(err, first)
		}
		length, kind := binary.BigEndian.Uint32(head[:4]), string(head[4:])
		if (kind == "IHDR") != first {
			return errNotPNG
		}
		if length > 1<<31-1 {
			return cut(io.ErrUnexpectedEOF, first)
		}
		w := visit(kind, length)
		if w == nil {
			w = io.Discard
		}
		if _, err := w.Write(head[:]); err != nil {
			return err
		}
		if err := pass(w, r, int64(length)); err != nil {
			return cut(err, first)
		}
		if _, err := io.ReadFull(r, head[:4]); err != nil {
			return cut(err, first)
		}
		if _, err := w.Write(head[:4]); err != nil {
			return err
		}
		if kind == "IEND" {
			return nil
		}
	}
}

// cut returns nil for an image that ends too early, unless that is before anything can be
// shown.
func cut(err error, atStart bool) error {
	if !atStart && (errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)) {
		return nil
	}
	return err
}

// pass copies n bytes from the buffer of r to w. Unlike io.CopyN it allocates nothing.
func pass(w io.Writer, r *bufio.Reader, n int64) error {
	for n > 0 {
		if _, err := r.Peek(1); err != nil {
			return err
		}
		part, _ := r.Peek(int(min(n, int64(r.Buffered()))))
		if _, err := w.Write(part); err != nil {
			return err
		}
		n -= int64(len(part))
		r.Discard(len(part)) //nolint:errcheck // they are in the buffer
	}
	return nil
}

// pngChunks collects the chunks that fill in a header, up to a maximum size each.
type pngChunks struct {
	ihdr, exif, iccp, colour, actl bytes.Buffer
}

// visit returns the buffer for a chunk, or nil if the chunk is not needed.
func (c *pngChunks) visit(kind string, length uint32) io.Writer {
	const maxEXIF, maxColour = 64 << 10, 1 << 10 // EXIF as in JPEG
	switch kind {
	case "IHDR":
		if length == pngNeeded[kind] {
			return &c.ihdr
		}
	case "eXIf":
		if length <= maxEXIF && c.exif.Len() == 0 {
			return &c.exif
		}
	case "iCCP":
		if length <= pngNeeded[kind] && c.iccp.Len() == 0 {
			return &c.iccp
		}
	case "gAMA", "cHRM", "sRGB", "cICP":
		if length == pngNeeded[kind] && c.colour.Len() < maxColour {
			return &c.colour
		}
	case "acTL":
		if length == pngNeeded[kind] && c.actl.Len() == 0 {
			return &c.actl
		}
	}
	return nil
}

// scanPNG reads all chunks and fills in h.
func scanPNG(r io.Reader, h *header) error {
	var c pngChunks
	err := walkPNG(bufio.NewReader(r), func(kind string, length uint32) io.Writer {
		if kind != "IDAT" {
			h.parts++
		}
		return c.visit(kind, length)
	})
	if err != nil {
		return err
	}
	ihdr := chunkData(&c.ihdr)
	if len(ihdr) < 13 {
		return errNotPNG
	}
	side := func(b []byte) int { return int(min(binary.BigEndian.Uint32(b), 1<<31-1)) }
	h.width, h.height, h.pixelBytes = side(ihdr), side(ihdr[4:]), 4
	const depth, colourType = 8, 9
	if ihdr[depth] == 16 {
		h.pixelBytes = 8
	}
	if ihdr[colourType]&2 == 0 {
		h.components = 1
	}
	if actl := chunkData(&c.actl); actl != nil {
		h.frames = side(actl)
	}
	h.gamma = gammaOf(c.colour.Bytes(), c.iccp.Len() > 0)
	if data := chunkData(&c.exif); data != nil {
		h.orientation = exifOrientation(data)
	}
	h.icc = inflateProfile(chunkData(&c.iccp))
	if h.icc == nil {
		c.iccp.Reset()
	}
	h.chunks = append(c.iccp.Bytes(), c.colour.Bytes()...)
	return nil
}

// chunkData returns the data of the chunk in b, or nil if b is empty.
func chunkData(b *bytes.Buffer) []byte {
	if b.Len() < 12 {
		return nil
	}
	return b.Bytes()[8 : b.Len()-4]
}

// inflateProfile returns the colour profile in an iCCP chunk, or nil if there is
// none or it exceeds maxProfile: browsers would inflate that too.
func inflateProfile(data []byte) []byte {
	name := bytes.IndexByte(data, 0)
	if name < 0 || len(data) < name+2 {
		return nil
	}
	z, err := zlib.NewReader(bytes.NewReader(data[name+2:]))
	if err != nil {
		return nil
	}
	icc, err := io.ReadAll(io.LimitReader(z, maxProfile+1))
	if err != nil || len(icc) > maxProfile {
		return nil
	}
	return icc
}

// gammaOf returns the exponent for showing the pixels of an image with these colour chunks:
// 1, unless gAMA alone says how bright they are.
func gammaOf(chunks []byte, profile bool) float64 {
	at := bytes.Index(chunks, []byte("gAMA"))
	if at < 0 || len(chunks) < at+8 || profile || bytes.Contains(chunks, []byte("sRGB")) || bytes.Contains(chunks, []byte("cICP")) {
		return 1
	}
	const scale, screen = 100_000, 2.2
	file := binary.BigEndian.Uint32(chunks[at+4:])
	if file < scale/100 || file > scale*100 {
		return 1
	}
	exponent := scale / float64(file) / screen
	if math.Abs(exponent-1) < 0.02 {
		return 1
	}
	return exponent
}

// decodePNG decodes an image. A missing end chunk is added.
func decodePNG(r io.Reader, _ header) (image.Image, error) {
	return png.Decode(io.MultiReader(r, strings.NewReader("\x00\x00\x00\x00IEND\xae\x42\x60\x82")))
}

// exifChunk returns an eXIf chunk with only an orientation.
func exifChunk(o orientation) []byte {
	data := onlyOrientation(o)
	chunk := append(binary.BigEndian.AppendUint32(nil, uint32(len(data))), "eXIf"...)
	chunk = append(chunk, data...)
	return binary.BigEndian.AppendUint32(chunk, crc32.ChecksumIEEE(chunk[4:]))
}

// iccpChunk returns an iCCP chunk with this colour profile.
func iccpChunk(icc []byte) []byte {
	if len(icc) == 0 {
		return nil
	}
	var b bytes.Buffer
	b.WriteString("\x00\x00\x00\x00iCCPicc\x00\x00")
	z := zlib.NewWriter(&b)
	z.Write(icc) //nolint:errcheck // a bytes.Buffer never fails
	z.Close()    //nolint:errcheck // as above
	chunk := b.Bytes()
	binary.BigEndian.PutUint32(chunk, uint32(len(chunk)-8))
	return binary.BigEndian.AppendUint32(chunk, crc32.ChecksumIEEE(chunk[4:]))
}

// stripPNG copies only what matters for decoding and colour.
func stripPNG(w io.Writer, src io.ReadSeeker, h header) error {
	out := bufio.NewWriterSize(w, 64<<10)
	out.WriteString(pngSignature) //nolint:errcheck // Flush returns the error
	turned := !h.orientation.isUpright()
	err := walkPNG(bufio.NewReaderSize(src, 64<<10), func(kind string, length uint32) io.Writer {
		if kind != "IHDR" && turned { // the second chunk
			turned = false
			out.Write(exifChunk(h.orientation)) //nolint:errcheck // as above
		}
		if most, ok := pngNeeded[kind]; !ok || length > most || kind == "iCCP" && h.icc == nil {
			return nil
		}
		return out
	})
	if err != nil {
		return err
	}
	return out.Flush()
}

// encodePNG writes img, with the colour chunks of h if they fit img.
func encodePNG(w io.Writer, img image.Image, h header) error {
	var b bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.DefaultCompression}).Encode(&b, img); err != nil {
		return err
	}
	if _, err := w.Write(b.Next(pngFirst)); err != nil {
		return err
	}
	if _, gray := img.(*image.Gray); h.components == 3 && !gray || h.components == 1 && gray {
		if _, err := w.Write(h.chunks); err != nil {
			return err
		}
	}
	_, err := b.WriteTo(w)
	return err
}
