package models

import (
	"strings"
	"time"
	"unicode/utf8"

	"example.org/cloakroom/internal/problem"
)

// MaxFilename is the longest name a file may carry, in bytes. It is the limit
// of the common filesystems people will save the file on.
const MaxFilename = 255

// A FileState says whether others may have a file.
type FileState string

// The states. A file starts as processing or ready, and ends as ready or
// rejected; only its owner sees one that is not ready.
const (
	Processing FileState = "processing"
	Ready      FileState = "ready"
	Rejected   FileState = "rejected"
)

// A FileKind says how a file is shown. It follows from the sniffed type.
type FileKind string

// The kinds.
const (
	KindImage    FileKind = "image"
	KindAudio    FileKind = "audio"
	KindVideo    FileKind = "video"
	KindPDF      FileKind = "pdf"
	KindText     FileKind = "text"
	KindDocument FileKind = "document" // Office and OpenDocument
	KindArchive  FileKind = "archive"
	KindOther    FileKind = "other" // opaque: only ever a download
)

// Widths of thumbnails, in pixels. A picture that is not as wide keeps its own.
const (
	ThumbnailSmall = 320
	ThumbnailLarge = 1280
)

// A File is the record of bytes someone uploaded. The bytes under Blob never
// change; what a visitor gets of an image is Clean, the same picture without
// its metadata.
type File struct {
	ID          FileID `gorm:"primaryKey"`
	OwnerID     UserID
	PostID      *PostID // nil: not attached yet
	Position    int     // order within the post, from 0
	Name        Filename
	Blob        BlobKey
	Size        int64  // bytes, as uploaded
	SHA256      string // of the bytes as uploaded, in hexadecimal
	MediaType   string // from our own sniff, never the uploader's word
	Kind        FileKind
	State       FileState
	Reason      string // why it was rejected, for its owner
	Width       int    // of images, in pixels, orientation applied; else 0
	Height      int
	Clean       BlobKey // of ready images: what others get; else empty
	CleanSize   int64
	CleanSHA256 string
	ThumbSmall  BlobKey // of ready images: at most 320 pixels wide
	ThumbLarge  BlobKey // of ready images: at most 1280 pixels wide
	ThumbType   string  // media type of both: image/jpeg or image/png
	CreatedAt   time.Time
	UpdatedAt   time.Time
	HiddenAt    *time.Time // set: in quarantine, where nobody has its bytes
	RemovedAt   *time.Time // set: a moderator removed it; it is gone seven days later
}

// IsImage reports whether the file is shown as a picture.
func (f File) IsImage() bool { return f.Kind == KindImage }

// HasThumbnail reports whether both thumbnails are there.
func (f File) HasThumbnail() bool { return f.ThumbSmall != "" && f.ThumbLarge != "" }

// Blobs lists the keys of all bytes the file has.
func (f File) Blobs() []BlobKey {
	var keys []BlobKey
	for _, key := range []BlobKey{f.Blob, f.Clean, f.ThumbSmall, f.ThumbLarge} {
		if key != "" {
			keys = append(keys, key)
		}
	}
	return keys
}

// A Filename is a name that is safe to store, to show and to send. It never
// becomes part of a path of ours.
type Filename string

// ParseFilename returns s as a Filename, or the problem with it at the field
// "file".
func ParseFilename(s string) (Filename, error) {
	switch {
	case strings.TrimSpace(s) == "", s == ".", s == "..":
		return "", problem.OnField("file", "A file needs a name.")
	case len(s) > MaxFilename:
		return "", problem.OnField("file", "A file name may be at most %d bytes long.", MaxFilename)
	case !utf8.ValidString(s), strings.ContainsAny(s, `/\`), strings.ContainsFunc(s, unsafeRune):
		return "", problem.OnField("file", "A file name may not contain slashes or control characters.")
	}
	return Filename(s), nil
}

// Extension returns the last extension of the name in lower case with its dot,
// or "" if it has none.
func (n Filename) Extension() string {
	i := strings.LastIndexByte(string(n), '.')
	if i <= 0 || i == len(n)-1 {
		return ""
	}
	return strings.ToLower(string(n[i:]))
}
