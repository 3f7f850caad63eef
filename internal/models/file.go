package models

import (
	"strings"
	"time"
	"unicode/utf8"

	"example.org/cloakroom/internal/problem"
)

// MaxFilename is the longest file name, in bytes: the limit of the common
// filesystems.
const MaxFilename = 255

// A FileState is the progress of a file's checks.
type FileState string

// The states. A file starts as Processing or Ready and ends as Ready or
// Rejected. Until it is Ready only its owner can see it.
const (
	Processing FileState = "processing"
	Ready      FileState = "ready"
	Rejected   FileState = "rejected"
)

// A FileKind selects how a file is displayed. It follows from the detected media
// type.
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
	KindOther    FileKind = "other" // download only
)

// Name returns the kind in words.
func (k FileKind) Name() string {
	switch k {
	case KindImage:
		return "Image"
	case KindAudio:
		return "Audio"
	case KindVideo:
		return "Video"
	case KindPDF:
		return "PDF"
	case KindText:
		return "Text"
	case KindDocument:
		return "Document"
	case KindArchive:
		return "Archive"
	case KindOther:
	}
	return "File"
}

// Widths of thumbnails, in pixels. A narrower image keeps its own width.
const (
	ThumbnailSmall = 320
	ThumbnailLarge = 1280
)

// A File is the record of an uploaded file. The bytes under Blob never change.
// Of an image, visitors receive Clean, a copy without metadata.
type File struct {
	ID          FileID `gorm:"primaryKey"`
	OwnerID     UserID
	PostID      *PostID // nil: not attached to a post
	Position    int     // order within the post, from 0
	Name        Filename
	Blob        BlobKey
	Size        int64  // of the original, in bytes
	SHA256      string // of the original, in hexadecimal
	CRC32       string // of the original, in hexadecimal; empty: SumFiles has yet to compute it
	MediaType   string // detected from the content, never as declared by the uploader
	Kind        FileKind
	State       FileState
	Reason      string // why it was rejected, shown to its owner
	Width       int    // of images, in pixels, after EXIF orientation; otherwise 0
	Height      int
	Clean       BlobKey // of ready images: the copy without metadata; otherwise empty
	CleanSize   int64
	CleanSHA256 string
	CleanCRC32  string
	ThumbSmall  BlobKey // of ready images: at most 320 pixels wide
	ThumbLarge  BlobKey // of ready images: at most 1280 pixels wide
	ThumbType   string  // media type of both thumbnails: image/jpeg or image/png
	CreatedAt   time.Time
	UpdatedAt   time.Time
	HiddenAt    *time.Time // set: in quarantine, where nobody can download it
	RemovedAt   *time.Time // set: removed by a moderator; purged after seven days
}

// IsImage reports whether the file is displayed as an image.
func (f File) IsImage() bool { return f.Kind == KindImage }

// HasThumbnail reports whether both thumbnails exist.
func (f File) HasThumbnail() bool { return f.ThumbSmall != "" && f.ThumbLarge != "" }

// Stored names stored bytes of a file, with their size and checksums.
type Stored struct {
	Blob   BlobKey
	Size   int64
	SHA256 string
	CRC32  string // empty: not known yet
}

// Served returns the bytes that visitors receive: of an image, the copy without
// metadata. Its Blob is empty until the file is ready.
func (f File) Served() Stored {
	switch {
	case f.State != Ready:
		return Stored{}
	case f.IsImage():
		return Stored{Blob: f.Clean, Size: f.CleanSize, SHA256: f.CleanSHA256, CRC32: f.CleanCRC32}
	}
	return Stored{Blob: f.Blob, Size: f.Size, SHA256: f.SHA256, CRC32: f.CRC32}
}

// Blobs returns the keys of all stored bytes of the file.
func (f File) Blobs() []BlobKey {
	var keys []BlobKey
	for _, key := range []BlobKey{f.Blob, f.Clean, f.ThumbSmall, f.ThumbLarge} {
		if key != "" {
			keys = append(keys, key)
		}
	}
	return keys
}

// A Filename is a name that is safe to store, display and send in a header. It
// never becomes part of a path on the server.
type Filename string

// ParseFilename returns s as a Filename, or an Invalid problem at the field
// "file".
func ParseFilename(s string) (Filename, error) {
	switch {
	case strings.TrimSpace(s) == "", s == ".", s == "..":
		return "", problem.OnField("file", "Enter a file name.")
	case len(s) > MaxFilename:
		return "", problem.OnField("file", "Use a file name of up to %d bytes.", MaxFilename)
	case !utf8.ValidString(s), strings.ContainsAny(s, `/\`), strings.ContainsFunc(s, unsafeRune):
		return "", problem.OnField("file", "Remove slashes and control characters from the file name.")
	}
	return Filename(s), nil
}

// Extension returns the last extension of the name in lower case with its dot,
// or "" if there is none.
func (n Filename) Extension() string {
	i := strings.LastIndexByte(string(n), '.')
	if i <= 0 || i == len(n)-1 {
		return ""
	}
	return strings.ToLower(string(n[i:]))
}
