package models

import "time"

// The rules of pickups.
const (
	// PickupLife is how long a visitor can go on with a pickup: repeat and resume
	// downloads, and take the other files of the share.
	PickupLife = 24 * time.Hour
	// ResumeGrace is how long a program without cookies can resume a download that was
	// sent whole: some of it may have been lost on the way.
	ResumeGrace = 10 * time.Minute
	// PickupBytes is what a request must send, or the whole of a smaller file or zip,
	// before it counts as a pickup.
	PickupBytes = 64 << 10
)

// A Pickup is one visitor's download through a share.
type Pickup struct {
	ID        PickupID `gorm:"primaryKey"`
	ShareID   ShareID
	Holder    SecretHash // of the visitor's cookie
	Network   string     // a code of the visitor's address (IPv4) or /64 (IPv6)
	Place     string     // the network as people see it: a /24 or a /48
	Browser   string
	Counted   bool  // it takes one of the share's places
	OnlyOne   bool  // no second request has used it
	Sent      int64 // bytes of requests that ended too soon to count
	CreatedAt time.Time
	ExpiresAt time.Time
}

// A Download is an entry of the download log: what one pickup took of one file.
type Download struct {
	PickupID  PickupID `gorm:"primaryKey"`
	Item      FileID   `gorm:"primaryKey"` // empty: the zip
	ShareID   ShareID
	Name      string // of the file, at that time
	Size      int64  // bytes
	Sent      int64  // bytes, over all requests
	Complete  bool
	Running   int // requests that have begun and not ended; a crash of the server leaves them so
	CreatedAt time.Time
	LastAt    time.Time
}

// A DownloadView is a Download with its share and visitor.
type DownloadView struct {
	Download
	ShareName string // the name in the link; may be empty
	Place     string
	Browser   string
}

// Cursor returns the position of the download in a list.
func (d Download) Cursor() Cursor { return Cursor{At: d.CreatedAt, ID: string(d.PickupID)} }
