package models

// A Job is work to be done after the request that asked for it. Kinds live
// here so that any service may ask for work that another does. A job may run
// twice, and must not mind.
type Job interface {
	// Kind names the work; it is kept in the queue, so it never changes.
	Kind() string
}

// ProcessImage makes what others get of an image: the picture without its
// metadata, and its thumbnails.
type ProcessImage struct {
	FileID FileID `json:"file_id"`
}

// Kind implements Job.
func (ProcessImage) Kind() string { return "file.process_image" }

// DeleteBlobs removes bytes whose record is gone.
type DeleteBlobs struct {
	Keys []BlobKey `json:"keys"`
}

// Kind implements Job.
func (DeleteBlobs) Kind() string { return "blob.delete" }

// SweepBlobs removes bytes that never got a record.
type SweepBlobs struct{}

// Kind implements Job.
func (SweepBlobs) Kind() string { return "blob.sweep" }

// PurgePosts removes the posts that were deleted seven days ago.
type PurgePosts struct{}

// Kind implements Job.
func (PurgePosts) Kind() string { return "post.purge" }

// DeleteUsers removes the users who asked for it and whose time to repent is over.
type DeleteUsers struct{}

// Kind implements Job.
func (DeleteUsers) Kind() string { return "user.delete" }

// ExpireSessions removes the sessions and setup links whose time is over.
type ExpireSessions struct{}

// Kind implements Job.
func (ExpireSessions) Kind() string { return "session.expire" }
