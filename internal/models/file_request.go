package models

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// Limits of file requests. Lengths are in characters.
const (
	MaxRequestMessage   = 2000
	MaxRequestFiles     = 1000 // of one request
	DefaultRequestFiles = 100
	MaxRequests         = 1000 // per user, closed ones included
	MaxGuestName        = 100

	// GuestLife is how long a guest's browser is known at a request, so that the guest
	// can add files and open the receipt again.
	GuestLife = 30 * 24 * time.Hour
	// ReservationLife is how long files and bytes stay reserved for an upload without a
	// sign of life. ReservationRenewal is how often a running upload gives one.
	ReservationLife    = 30 * time.Minute
	ReservationRenewal = 5 * time.Minute
)

// A SenderRule says what guests must say about themselves.
type SenderRule string

// The rules.
const (
	SenderOptional SenderRule = "optional"
	SenderName     SenderRule = "name"
	SenderEmail    SenderRule = "email"
)

// A FileRequest is a link with which others leave files in a post of its owner's.
type FileRequest struct {
	ID              FileRequestID `gorm:"primaryKey"`
	OwnerID         UserID
	PostID          PostID
	Hash            SecretHash // of the secret in the link
	Sealed          []byte     // the secret, sealed with the site key
	Name            string     // before the secret in the link; may be empty
	Title           Title
	Message         string
	Sender          SenderRule
	Kinds           string // of files, with spaces between them; empty: all
	OneUse          bool   // only for the first guest who leaves a file
	MaxFiles        int
	MaxBytes        int64  // of all files together; 0: no limit but the owner's quota
	MaxFileBytes    int64  // of one file; 0: no limit but the owner's
	Password        string // an argon2id hash; empty: none
	PasswordVersion int    // from 0; each change makes earlier unlocks invalid
	Files           int    // received, or coming in now
	Bytes           int64  // of these files, as far as they are reserved
	Guest           string // the holder for whom a request for one use is; empty: nobody yet
	CreatedAt       time.Time
	UpdatedAt       time.Time
	ExpiresAt       *time.Time // nil: never
	RevokedAt       *time.Time // closed by its owner
	UsedAt          *time.Time // when a guest last began or ended to leave a file; nil: none yet
	ByToken         bool       // an API token made it
}

// Locked reports whether the request has a password.
func (r FileRequest) Locked() bool { return r.Password != "" }

// Expired reports whether the request has expired at now.
func (r FileRequest) Expired(now time.Time) bool {
	return r.ExpiresAt != nil && !r.ExpiresAt.After(now)
}

// Full reports whether the request takes no further file.
func (r FileRequest) Full() bool {
	return r.Files >= r.MaxFiles || r.MaxBytes > 0 && r.Bytes >= r.MaxBytes
}

// Open reports whether the request itself takes files from holder at now. Its owner or
// its post can still keep it from that.
func (r FileRequest) Open(holder string, now time.Time) bool {
	return r.RevokedAt == nil && !r.Expired(now) && !r.Full() && (!r.OneUse || r.Guest == "" || r.Guest == holder)
}

// A FileRequestState says whether a request takes files, and if not, why.
type FileRequestState string

// The states.
const (
	RequestOpen        FileRequestState = "open"
	RequestClosed      FileRequestState = "closed"
	RequestPostDeleted FileRequestState = "post_deleted"
	RequestExpired     FileRequestState = "expired"
	RequestFull        FileRequestState = "full"
	RequestUsed        FileRequestState = "used" // by the one guest that it is for
)

// Takes reports whether the request takes files of the kind.
func (r FileRequest) Takes(k FileKind) bool {
	return r.Kinds == "" || slices.Contains(r.KindList(), k)
}

// KindList returns the kinds of files that the request takes; none: all.
func (r FileRequest) KindList() (kinds []FileKind) {
	for _, kind := range strings.Fields(r.Kinds) {
		kinds = append(kinds, FileKind(kind))
	}
	return kinds
}

// Cursor returns the position of the request in a list.
func (r FileRequest) Cursor() Cursor { return Cursor{At: r.CreatedAt, ID: string(r.ID)} }

// Summary describes r for the audit log, without a secret.
func (r FileRequest) Summary() string {
	parts := []string{strconv.Itoa(r.MaxFiles) + " files"}
	if r.MaxBytes > 0 {
		parts = append(parts, Size(r.MaxBytes).String())
	}
	if r.ExpiresAt != nil {
		parts = append(parts, "until "+r.ExpiresAt.UTC().Format(time.RFC3339))
	}
	if r.Locked() {
		parts = append(parts, "with a password")
	}
	if r.OneUse {
		parts = append(parts, "for one guest")
	}
	return strings.Join(parts, ", ")
}

// FileRequestObject returns the object of an audit event or notification about a
// request.
func FileRequestObject(id FileRequestID) string { return "request:" + string(id) }

// FileRequestPath returns the path of the link of a request, as SharePath does.
func FileRequestPath(name string, secret Secret) string {
	return "/r/" + strings.TrimPrefix(SharePath(name, secret), "/s/")
}

// A ReceivedFile is a file that a guest leaves through a request. It stays as the
// receipt when the owner deletes the file.
type ReceivedFile struct {
	ID          ReceivedFileID `gorm:"primaryKey"`
	RequestID   FileRequestID
	Holder      string // the hash of the guest's cookie, or a code of their network
	SenderName  string
	SenderEmail Email
	Place       string  // the guest's network as people see it: a /24 or a /48
	FileID      *FileID // nil: it is coming in, or its owner has deleted it
	Name        Filename
	Size        int64 // bytes; while it is coming in, those that are reserved
	SHA256      string
	CreatedAt   time.Time
	ExpiresAt   *time.Time // of the reservation; nil: it is received
	ReceivedAt  *time.Time // nil: it is coming in
}

// Cursor returns the position of the file in a list.
func (f ReceivedFile) Cursor() Cursor { return Cursor{At: f.CreatedAt, ID: string(f.ID)} }

// From returns what the guest said about themselves, or "".
func (f ReceivedFile) From() string {
	switch {
	case f.SenderName != "" && f.SenderEmail != "":
		return f.SenderName + " (" + string(f.SenderEmail) + ")"
	case f.SenderName != "":
		return f.SenderName
	}
	return string(f.SenderEmail)
}

// A FileRequestView is a request with what its owner sees of it.
type FileRequestView struct {
	FileRequest
	PostTitle Title
	PostOpen  bool   // the post is neither deleted nor hidden
	Link      string // the whole URL; set by package requests
}

// State returns the state of the request at now, as its owner sees it.
func (v FileRequestView) State(now time.Time) FileRequestState {
	switch {
	case v.RevokedAt != nil:
		return RequestClosed
	case !v.PostOpen:
		return RequestPostDeleted
	case v.Expired(now):
		return RequestExpired
	case v.Full():
		return RequestFull
	case v.OneUse && v.Guest != "":
		return RequestUsed
	}
	return RequestOpen
}
