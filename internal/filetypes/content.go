package filetypes

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"

	"example.org/cloakroom/internal/models"
)

// HeadLen is the number of leading bytes that Content holds.
const HeadLen = 16 << 10

// Besides the head, Decide reads at most maxRead bytes, in blocks of at least blockLen:
// the end of an archive, and a directory.
const (
	maxRead  = 4 << 20
	blockLen = 64 << 10
)

// Content is the content of a file.
type Content struct {
	Head []byte      // HeadLen leading bytes, or all
	Text *Text       // to which all of it was written
	All  io.ReaderAt // all of it; only read if the head does not tell
	Size int64
}

// A source reads Content within a budget. A reader that fails keeps its error.
type source struct {
	Content
	budget int
	blocks map[int64][]byte // that were read, by offset: a directory is read in small steps
	err    error
}

// at returns up to n bytes at an offset: fewer at the end, or none when the budget is used
// up.
func (s *source) at(offset int64, n int) []byte {
	if offset < 0 || offset >= s.Size || n <= 0 {
		return nil
	}
	n = int(min(int64(n), s.Size-offset))
	if offset+int64(n) <= int64(len(s.Head)) {
		return s.Head[offset : offset+int64(n)]
	}
	begin := offset / blockLen * blockLen
	if offset+int64(n) > begin+blockLen {
		return s.read(offset, n)
	}
	block, ok := s.blocks[begin]
	if !ok {
		block = s.read(begin, blockLen)
		s.blocks[begin] = block
	}
	from := min(int(offset-begin), len(block))
	return block[from:min(from+n, len(block))]
}

// read reads up to n bytes, and charges at least a block, so that the number of reads is
// bounded, too.
func (s *source) read(offset int64, n int) []byte {
	if s.budget -= max(n, blockLen); s.budget < 0 || s.err != nil {
		return nil
	}
	b := make([]byte, n)
	n, err := s.All.ReadAt(b, offset)
	if err != nil && !errors.Is(err, io.EOF) {
		s.err = err
	}
	return b[:n]
}

// A signature is a sequence of bytes that only files of one type begin with.
type signature struct {
	offset    int
	magic     string
	mediaType string
}

var signatures = []signature{
	{0, "\xff\xd8\xff", "image/jpeg"},
	{0, "\x89PNG\r\n\x1a\n", "image/png"},
	{0, "GIF87a", "image/gif"},
	{0, "GIF89a", "image/gif"},
	{8, "WEBP", "image/webp"},
	{0, "II*\x00", "image/tiff"},
	{0, "MM\x00*", "image/tiff"},
	{0, "II+\x00\x08\x00\x00\x00", "image/tiff"}, // BigTIFF
	{0, "MM\x00+\x00\x08\x00\x00", "image/tiff"},
	{0, "fLaC", "audio/flac"},
	{8, "WAVE", "audio/wav"}, // RIFF, or RF64 and BW64 over 4 GiB
	{0, "%PDF-", "application/pdf"},
	{0, "{\\rtf", "application/rtf"},
	{0, "\x1f\x8b\x08", "application/gzip"},
	{4, "1AY&SY", "application/x-bzip2"},
	{4, "\x17\x72\x45\x38\x50\x90", "application/x-bzip2"}, // without content
	{0, "\xfd7zXZ\x00", "application/x-xz"},
	{0, "7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"},
	{0, "Rar!\x1a\x07", "application/vnd.rar"},
	{0, "\x28\xb5\x2f\xfd", "application/zstd"},
}

// containers are the first bytes that must precede a signature at a later offset.
var containers = map[string][]string{
	"image/webp": {"RIFF"}, "audio/wav": {"RIFF", "RF64", "BW64"}, "application/x-bzip2": {"BZh"},
}

// candidates returns the media types that the content can be of, the likeliest first.
// There are several for a container that holds different types; the name selects.
func (s *source) candidates(extension string) []string {
	document := s.document(extension)
	switch {
	case s.Size == 0: // the beginning of anything: the name tells
		return []string{emptyType(extension)}
	case s.Text.IsText() && (document == "" || isTextName(extension)):
		return []string{plainText}
	case document != "":
		return []string{document}
	}
	if found := magic(s.Head); found != "" {
		return []string{found}
	}
	for _, read := range []func() []string{s.media, s.zip, s.ole, s.tar} {
		if found := read(); found != nil {
			return found
		}
	}
	return nil
}

// emptyType returns the type of an empty file.
func emptyType(extension string) string {
	if extension == "" || isTextName(extension) {
		return plainText
	}
	return ""
}

func isTextName(extension string) bool {
	return slices.Contains(entryOf(plainText).extensions, extension)
}

// document returns the type of a document that can be text as well, or "".
func (s *source) document(extension string) string {
	head := bytes.TrimPrefix(s.Head, []byte("\ufeff"))
	switch found := magic(head); {
	case found == "application/pdf", found == "application/rtf":
		return found
	case extension == ".pdf" && bytes.Contains(head[:min(len(head), 1024)], []byte("%PDF-")): // viewers skip what is before
		return "application/pdf"
	}
	return ""
}

// magic returns the media type whose signature head has, or "".
func magic(head []byte) string {
	for _, m := range signatures {
		if !bytes.HasPrefix(head[min(m.offset, len(head)):], []byte(m.magic)) {
			continue
		}
		if m.offset == 0 || hasPrefix(head, containers[m.mediaType]...) {
			return m.mediaType
		}
	}
	if isBMP(head) {
		return "image/bmp"
	}
	return ""
}

func hasPrefix(head []byte, prefixes ...string) bool {
	for _, prefix := range prefixes {
		if strings.HasPrefix(string(head[:min(len(head), len(prefix))]), prefix) {
			return true
		}
	}
	return false
}

// isBMP reports whether head begins a bitmap: its signature alone is two letters.
func isBMP(head []byte) bool {
	return len(head) >= 18 && hasPrefix(head, "BM") && bytes.Equal(head[6:10], make([]byte, 4)) &&
		bytes.Contains([]byte{12, 40, 52, 56, 64, 108, 124}, head[14:15]) && bytes.Equal(head[15:18], make([]byte, 3))
}

// Image returns the media type of an image that we decode, from its leading bytes, or "".
func Image(head []byte) string {
	if found := magic(head); entryOf(found).kind == models.KindImage {
		return found
	}
	return ""
}

// tar recognizes a tape archive by the checksum of its first header.
func (s *source) tar() []string {
	const sumAt, sumLen, headerLen = 148, 8, 512
	h := s.at(0, headerLen)
	if len(h) < headerLen || h[0] == 0 {
		return nil
	}
	sum, want := 0, 0
	for i, b := range h {
		if i >= sumAt && i < sumAt+sumLen {
			b = ' '
		}
		sum += int(b)
	}
	for _, b := range bytes.Trim(h[sumAt:sumAt+sumLen], " \x00") {
		if b < '0' || b > '7' {
			return nil
		}
		want = want<<3 | int(b-'0')
	}
	if sum != want {
		return nil
	}
	return []string{"application/x-tar"}
}
