package filetypes

import (
	"bytes"
	"encoding/binary"
	"slices"
)

// media recognizes audio and video, and images in the same container, by the container.
func (s *source) media() []string {
	switch head := s.Head; {
	case hasPrefix(head, "OggS"):
		return ogg(head)
	case hasPrefix(head, "\x1a\x45\xdf\xa3"):
		return matroska(head)
	case hasPrefix(head, "ID3"):
		return s.tagged()
	case isADTS(head):
		return []string{"audio/aac"}
	case isMPEGAudio(head):
		return []string{"audio/mpeg"}
	}
	return s.boxes()
}

// mp4Types are the types that share the container of MP4, which recorders name freely.
var mp4Types = []string{"video/mp4", "audio/mp4", "video/quicktime", "video/3gpp"}

// mp4Like returns mp4Types with the likeliest first.
func mp4Like(likeliest string) []string {
	rest := slices.DeleteFunc(slices.Clone(mp4Types), func(t string) bool { return t == likeliest })
	return append([]string{likeliest}, rest...)
}

// boxes reads the boxes of ISO/IEC 14496-12, and of QuickTime before it, which has no
// box of brands.
func (s *source) boxes() []string {
	const most = 64 // boxes before the one that tells
	for i, offset := 0, int64(0); i < most; i++ {
		b := s.at(offset, 16)
		if len(b) < 8 {
			return nil
		}
		size, kind := int64(binary.BigEndian.Uint32(b)), string(b[4:8])
		header := int64(8)
		if size == 1 && len(b) == 16 {
			size, header = int64(binary.BigEndian.Uint64(b[8:])&(1<<62-1)), 16
		}
		switch {
		case kind == "ftyp" && size >= 16 && len(b) == 16:
			return brands(s.at(offset+8, int(min(size-8, 256))))
		case kind == "moov":
			return mp4Like("video/quicktime")
		case !slices.Contains([]string{"mdat", "free", "skip", "wide", "pnot", "PICT", "uuid", "styp", "junk"}, kind), size < header:
			return nil
		}
		offset += size
	}
	return nil
}

// brands returns the types of a file whose box of brands has this content.
func brands(b []byte) []string {
	if len(b) < 4 {
		return nil
	}
	major, compatible := string(b[:4]), b[min(8, len(b)):]
	switch {
	case slices.Contains([]string{"avif", "avis"}, major), major == "mif1" && bytes.Contains(compatible, []byte("avif")):
		return []string{"image/avif"}
	case slices.Contains([]string{"heic", "heix", "heim", "heis", "hevc", "hevx", "hevm", "hevs", "mif1", "mif2", "msf1"}, major):
		return []string{"image/heic"}
	case slices.Contains([]string{"crx ", "jxl ", "jp2 ", "jpx ", "jpm ", "mjp2"}, major): // camera files, JPEG XL, JPEG 2000
		return nil
	case major == "qt  ":
		return mp4Like("video/quicktime")
	case major[:3] == "M4A", major[:3] == "M4B", major == "F4A ":
		return mp4Like("audio/mp4")
	case major[:3] == "3gp", major[:3] == "3g2":
		return mp4Like("video/3gpp")
	}
	return mp4Like("video/mp4")
}

// ogg tells video from audio by the first packets of all streams.
func ogg(head []byte) []string {
	const beginsStream, segmentsAt, headerLen = 2, 26, 27
	for rest := head; len(rest) > headerLen && hasPrefix(rest, "OggS") && rest[5]&beginsStream != 0; {
		segments := rest[headerLen:min(len(rest), headerLen+int(rest[segmentsAt]))]
		packet := rest[headerLen+len(segments):]
		length := 0
		for _, n := range segments {
			length += int(n)
		}
		if hasPrefix(packet, "\x80theora", "BBCD", "\x01video") {
			return []string{"video/ogg"}
		}
		rest = packet[min(length, len(packet)):]
	}
	return []string{"audio/ogg"}
}

// matroska tells WebM from Matroska by the document type in the header of EBML.
func matroska(head []byte) []string {
	_, rest, found := bytes.Cut(head[:min(len(head), 256)], []byte("\x42\x82"))
	if !found || len(rest) < 5 {
		return nil
	}
	if bytes.HasPrefix(rest[1:], []byte("webm")) {
		return []string{"video/webm"}
	}
	return []string{"video/matroska"}
}

// tagged reads what follows a tag of ID3, which MP3, AAC and FLAC files begin with.
func (s *source) tagged() []string {
	const headerLen, footer = 10, 0x10
	h := s.at(0, headerLen)
	if len(h) < headerLen {
		return nil
	}
	size := int64(headerLen)
	if h[5]&footer != 0 {
		size += headerLen
	}
	size += int64(h[6]&0x7f)<<21 | int64(h[7]&0x7f)<<14 | int64(h[8]&0x7f)<<7 | int64(h[9]&0x7f)
	switch audio := s.at(size, 4); {
	case hasPrefix(audio, "fLaC"):
		return []string{"audio/flac"}
	case isADTS(audio):
		return []string{"audio/aac"}
	case isMPEGAudio(audio):
		return []string{"audio/mpeg"}
	}
	return []string{"audio/mpeg", "audio/aac", "audio/flac"} // the size of the tag is often wrong
}

// isADTS reports whether b begins a frame of AAC.
func isADTS(b []byte) bool {
	return len(b) >= 3 && b[0] == 0xff && b[1]&0xf6 == 0xf0 && b[2]>>2&0xf < 13
}

// isMPEGAudio reports whether b begins a frame of MP2 or MP3: its version, layer, bit rate
// and sample rate exist.
func isMPEGAudio(b []byte) bool {
	if len(b) < 3 || b[0] != 0xff || b[1]&0xe0 != 0xe0 {
		return false
	}
	version, layer, bitRate, sampleRate := b[1]>>3&3, b[1]>>1&3, b[2]>>4, b[2]>>2&3
	return version != 1 && (layer == 1 || layer == 2) && bitRate != 0 && bitRate != 15 && sampleRate != 3
}
