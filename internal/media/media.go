// Package media takes place, device and time out of videos, of images that browsers do not
// show, and of what else carries such metadata, without decoding it. It alone knows ISO base
// media files (MP4, MOV, M4A, 3GP, HEIC, AVIF), TIFF and Matroska (MKV, WebM).
//
// There is one idea for all of them: the copy has the size of the original, and what must not
// get out is overwritten in place. So no offset in the file changes, the copy is a stream, and
// a file of any size takes little memory. Parts are kept because they are known to be needed;
// everything else is overwritten.
package media

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"example.org/cloakroom/internal/problem"
)

// A Format is how a file is cleaned.
type Format int

// The formats.
const (
	Plain  Format = iota // nothing to clean: neither an image nor a video
	Image                // one that package images cleans
	Boxes                // ISO base media
	TIFF                 // baseline TIFF
	EBML                 // Matroska
	Opaque               // an image or a video that we do not know how to clean
)

// Of returns the format of a file with these leading bytes, and the media type of an Image.
// The type that was decided for the file counts where the first bytes tell nothing, as what
// decides it reads further: nothing is served as an image or a video that is not cleaned.
func Of(head []byte, decided string) (format Format, mediaType string) {
	switch mediaType := imageType(head); {
	case mediaType != "":
		return Image, mediaType
	case isBoxes(head):
		return Boxes, ""
	case isEBML(head):
		return EBML, ""
	case isOpaque(head):
		return Opaque, ""
	case isTIFF(head):
		return TIFF, ""
	}
	return ofType(decided), ""
}

// ofType returns the format of the files of a media type.
func ofType(mediaType string) Format {
	switch mediaType {
	case "video/mp4", "video/quicktime", "video/3gpp", "audio/mp4", "image/heic", "image/avif":
		return Boxes
	case "video/webm", "video/matroska":
		return EBML
	case "image/bmp": // has no metadata
		return Plain
	}
	if strings.HasPrefix(mediaType, "image/") || strings.HasPrefix(mediaType, "video/") {
		return Opaque
	}
	return Plain
}

// errUnclean is the reason for a file that is not as we know its format.
var errUnclean = errors.New("this file cannot be cleaned")

func unclean(why string) error { return fmt.Errorf("%s: %w", why, errUnclean) }

// Clean writes the file in src, which has this size and format, to dst without metadata. It
// returns an Unsupported problem for a file that cannot be cleaned, and then has written
// nothing. After another error, the caller must discard what dst has received.
func Clean(dst io.Writer, src io.ReadSeeker, size int64, format Format) error {
	f := &file{src: src, size: size}
	var edits plan
	var err error
	switch format {
	case Boxes:
		err = planBoxes(f, &edits)
	case TIFF:
		err = planTIFF(f, &edits)
	case EBML:
		err = planEBML(f, &edits)
	case Plain, Image, Opaque:
		err = unclean("no way to clean it")
	}
	switch {
	case f.err != nil:
		return fmt.Errorf("reading what to clean: %w", f.err)
	case err != nil:
		return errors.Join(problem.New(problem.Unsupported, "This file may contain location data that can't be removed."), err)
	}
	return edits.copy(dst, src, size)
}
