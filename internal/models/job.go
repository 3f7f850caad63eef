package models

// A Job is background work. The types live here so that any service can enqueue
// work that another service performs. A job may run more than once, so it must
// be idempotent.
type Job interface {
	// Kind names the job in the queue. It is stored, so it must never change.
	Kind() string
}

// ProcessImage makes the copy of an image without metadata, and its thumbnails.
type ProcessImage struct {
	FileID FileID  `json:"file_id"`
	Blob   BlobKey `json:"blob"` // if the file has another one by then, there is nothing to do
}

// Kind implements Job.
func (ProcessImage) Kind() string { return "file.process_image" }

// CleanFile makes the copy without metadata of a file that is no image: of a video, above
// all.
type CleanFile struct {
	FileID FileID  `json:"file_id"`
	Blob   BlobKey `json:"blob"` // as above
}

// Kind implements Job.
func (CleanFile) Kind() string { return "file.clean" }

// DeleteBlobs removes blobs whose record has been deleted.
type DeleteBlobs struct {
	Keys []BlobKey `json:"keys"`
}

// Kind implements Job.
func (DeleteBlobs) Kind() string { return "blob.delete" }

// SumFiles computes the CRC-32 of files that have none.
type SumFiles struct{}

// Kind implements Job.
func (SumFiles) Kind() string { return "file.sum" }

// SweepBlobs removes blobs that never received a record.
type SweepBlobs struct{}

// Kind implements Job.
func (SweepBlobs) Kind() string { return "blob.sweep" }

// PurgePosts removes posts that were deleted seven days ago.
type PurgePosts struct{}

// Kind implements Job.
func (PurgePosts) Kind() string { return "post.purge" }

// DeleteUsers removes users whose requested deletion is past its grace period.
type DeleteUsers struct{}

// Kind implements Job.
func (DeleteUsers) Kind() string { return "user.delete" }

// ExpireSessions removes expired sessions and setup links.
type ExpireSessions struct{}

// Kind implements Job.
func (ExpireSessions) Kind() string { return "session.expire" }

// ExpireDownloads removes entries of the download log that are past their retention.
type ExpireDownloads struct{}

// Kind implements Job.
func (ExpireDownloads) Kind() string { return "download.expire" }

// ExpireReservations gives back what file requests have reserved for uploads that ended
// without a word.
type ExpireReservations struct{}

// Kind implements Job.
func (ExpireReservations) Kind() string { return "request.expire_reservations" }

// ExpireJobs removes jobs that were given up long ago.
type ExpireJobs struct{}

// Kind implements Job.
func (ExpireJobs) Kind() string { return "job.expire" }
