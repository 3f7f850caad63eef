package media

import "bytes"

// imageType returns the media type of an image that package images cleans, or "".
func imageType(head []byte) string {
	for _, c := range []struct{ magic, mediaType string }{
		{"\xff\xd8\xff", "image/jpeg"}, {"\x89PNG\r\n\x1a\n", "image/png"}, {"GIF87a", "image/gif"}, {"GIF89a", "image/gif"},
	} {
		if bytes.HasPrefix(head, []byte(c.magic)) {
			return c.mediaType
		}
	}
	if len(head) >= 12 && string(head[:4]) == "RIFF" && string(head[8:12]) == "WEBP" {
		return "image/webp"
	}
	return ""
}

// isEBML reports whether a file begins as Matroska or WebM.
func isEBML(head []byte) bool { return bytes.HasPrefix(head, []byte("\x1a\x45\xdf\xa3")) }

// opaque are the beginnings of images and videos that can hold metadata, and that we do not
// know how to clean.
var opaque = []struct {
	at    int
	magic string
}{
	// Raw files of cameras, apart from those that are a TIFF.
	{0, "FUJIFILMCCD-RAW"}, {0, "IIRO"}, {0, "IIRS"}, {0, "MMOR"}, {0, "IIU\x00"}, {0, "FOVb"}, {0, "\x00MRM"}, {4, "RED1"}, {4, "RED2"},
	{6, "HEAPCCDR"}, {0, "ARRI\x12\x34\x56\x78"},
	// Images.
	{0, "\xff\x0a"}, {4, "JXL "}, {4, "jP  "}, {0, "\xff\x4f\xff\x51"}, {0, "II\xbc"}, {0, "8BPS"}, {0, "gimp xcf"}, {0, "\x8aMNG"},
	{0, "\x8bJNG"}, {0, "BPG\xfb"}, {0, "FLIF"}, {0, "\x76\x2f\x31\x01"}, {0, "#?RADIANCE"}, {128, "DICM"}, {0, "SDPX"}, {0, "XPDS"},
	{0, "NITF"}, {0, "SIMPLE  ="}, {0, "\xc5\xd0\xd3\xc6"},
	// Videos: AVI, WMV, FLV, MPEG, RealMedia, MXF, Theora, and recordings of television.
	{8, "AVI "}, {0, "\x30\x26\xb2\x75\x8e\x66\xcf\x11"}, {0, "FLV\x01"}, {0, "\x00\x00\x01\xba"}, {0, "\x00\x00\x01\xb3"}, {0, ".RMF"},
	{0, "\x06\x0e\x2b\x34\x02\x05\x01\x01\x0d\x01\x02"}, {28, "\x80theora"}, {28, "fishead\x00"}, {28, "BBCD\x00"},
	{0, "\xb7\xd8\x00\x20\x37\x49\xda\x11"},
}

// isOpaque reports whether a file begins as an image or a video that we do not know how to
// clean.
func isOpaque(head []byte) bool {
	for _, o := range opaque {
		if o.at < len(head) && bytes.HasPrefix(head[o.at:], []byte(o.magic)) {
			return true
		}
	}
	// MPEG transport streams, into which camcorders write where they are.
	return isTransport(head, 0, 188) || isTransport(head, 4, 192)
}

// isTransport reports whether packets of this length begin at an offset.
func isTransport(head []byte, at, length int) bool {
	if len(head) < at+3*length+1 {
		return false
	}
	for i := range 4 {
		if head[at+i*length] != 0x47 {
			return false
		}
	}
	return true
}
