package models

import (
	"strings"
	"time"
	"unicode"
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

// A Metadata says whether visitors could learn from a file where, when and with what it was
// made.
type Metadata string

// The values. MetadataNone is for files of which nothing is known to be left.
const (
	MetadataNone    Metadata = ""
	MetadataKept    Metadata = "kept"    // it cannot be removed, and only the owner gets the file
	MetadataAllowed Metadata = "allowed" // it cannot be removed, and the owner shares the file with it
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
// Of an image or a video, visitors receive Clean, a copy without metadata.
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
	Metadata    Metadata
	Reason      string // why it was rejected, shown to its owner
	Width       int    // of images, in pixels, after EXIF orientation; otherwise 0
	Height      int
	Clean       BlobKey // of ready images and videos: the copy without metadata, if it can be removed
	CleanSize   int64
	CleanSHA256 string
	CleanCRC32  string
	CleanType   string  // the media type of Clean, if it is another one: of HEIC and AVIF, which few programs show
	Animated    bool    // of images: it has several frames
	ThumbSmall  BlobKey // of ready images that can be decoded: at most 320 pixels wide
	ThumbLarge  BlobKey // as above: at most 1280 pixels wide
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

// IsOpen reports whether every visitor who finds f can get it.
func (f File) IsOpen() bool {
	return f.State == Ready && f.HiddenAt == nil && f.Metadata != MetadataKept
}

// Served returns the bytes that visitors receive: of an image or a video, the copy without
// metadata. Its Blob is empty while there are none.
func (f File) Served() Stored {
	switch {
	case f.State != Ready, f.Metadata == MetadataKept:
		return Stored{}
	case f.Clean != "":
		return Stored{Blob: f.Clean, Size: f.CleanSize, SHA256: f.CleanSHA256, CRC32: f.CleanCRC32}
	}
	return Stored{Blob: f.Blob, Size: f.Size, SHA256: f.SHA256, CRC32: f.CRC32}
}

// ShownSize returns the size that pages show: of the bytes that visitors receive or, while
// there are none, of the original.
func (f File) ShownSize() int64 {
	if served := f.Served(); served.Blob != "" {
		return served.Size
	}
	return f.Size
}

// ServedType returns the media type of the bytes that visitors receive.
func (f File) ServedType() string {
	if f.CleanType != "" {
		return f.CleanType
	}
	return f.MediaType
}

// ServedName returns the name with which visitors receive the file: that of a converted image
// has the extension of its type.
func (f File) ServedName() Filename {
	old := f.Name.Extension()
	switch {
	case f.CleanType == "image/jpeg" && old != ".jpg" && old != ".jpeg":
		return f.Name[:len(f.Name)-len(old)] + ".jpg"
	case f.CleanType == "image/png" && old != ".png":
		return f.Name[:len(f.Name)-len(old)] + ".png"
	}
	return f.Name
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
// "file". It drops marks that only change how text around them is read, which phones add
// to names: nobody typed them, and a name without them looks the same.
func ParseFilename(s string) (Filename, error) {
	s = dropDirection(s)
	switch {
	case seen(s) == "", s == ".", s == "..":
		return "", problem.OnField("file", "Enter a file name.")
	case len(s) > MaxFilename:
		return "", problem.OnField("file", "Use a file name of up to %d bytes.", MaxFilename)
	case !utf8.ValidString(s), strings.ContainsAny(s, `/\`), strings.ContainsFunc(s, unsafeRune):
		return "", problem.OnField("file", "Remove slashes and control characters from the file name.")
	}
	return Filename(s), nil
}

// dropDirection returns the name s without marks: those of any text, and those that only
// help a text in which both directions meet.
func dropDirection(s string) string {
	if !utf8.ValidString(s) {
		return s // for ParseFilename to refuse
	}
	return strings.Map(func(r rune) rune {
		if isMark(r) || unicode.Is(unicode.Bidi_Control, r) {
			return -1
		}
		return r
	}, s)
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
