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

	"example.org/cloakroom/internal/problem"
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
	"tRNS": 256, "gAMA": 4, "cHRM": 32, "sRGB": 1, "sBIT": 4, "pHYs": 9, "cICP": 4, "iCCP": maxProfile,
}

// walkPNG reads the PNG in r up to its end chunk and ignores what follows. Each
// chunk, including its header and checksum, goes to the writer that visit returns;
// a nil writer skips it.
func walkPNG(r *bufio.Reader, visit func(kind string, length uint32) io.Writer) error {
	var head [8]byte
	if _, err := io.ReadFull(r, head[:]); err != nil || string(head[:]) != pngSignature {
		return errNotPNG
	}
	for {
		if _, err := io.ReadFull(r, head[:]); err != nil {
			return io.ErrUnexpectedEOF
		}
		length, kind := binary.BigEndian.Uint32(head[:4]), string(head[4:])
		if length > 1<<31-1 {
			return errNotPNG
		}
		w := visit(kind, length)
		if w == nil {
			w = io.Discard
		}
		if _, err := w.Write(head[:]); err != nil {
			return err
		}
		sum := crc32.NewIEEE()
		sum.Write(head[4:])
		if _, err := io.CopyN(io.MultiWriter(w, sum), r, int64(length)); err != nil {
			return err
		}
		if _, err := io.ReadFull(r, head[:4]); err != nil {
			return io.ErrUnexpectedEOF
		}
		if binary.BigEndian.Uint32(head[:4]) != sum.Sum32() {
			return errors.New("a PNG chunk with a wrong checksum")
		}
		if _, err := w.Write(head[:4]); err != nil {
			return err
		}
		if kind == "IEND" {
			return nil
		}
	}
}

// pngChunks collects the chunks that fill in a header, up to a maximum size each.
type pngChunks struct {
	ihdr, exif, iccp, colour bytes.Buffer
	animated                 bool
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
		c.animated = true
	}
	return nil
}

// scanPNG reads all chunks and fills in h.
func scanPNG(r io.Reader, h *header) error {
	var c pngChunks
	if err := walkPNG(bufio.NewReader(r), c.visit); err != nil {
		return err
	}
	if c.animated { // browsers would show frames that this package cannot decode
		return refusal(problem.Unsupported, "Animated PNG images aren't supported. Upload the animation as a GIF or a video.")
	}
	const colourType = 8 + 9 // offset within IHDR
	if c.ihdr.Len() > colourType && c.ihdr.Bytes()[colourType]&2 == 0 {
		h.components = 1
	}
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
	err := walkPNG(bufio.NewReaderSize(src, 64<<10), func(kind string, length uint32) io.Writer {
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
