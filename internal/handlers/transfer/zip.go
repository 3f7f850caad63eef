package transfer

import (
	"context"
	"io"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/archive"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// A Zip is a download of several files as one zip archive.
type Zip struct {
	Title string        // its name, without ".zip"; need not be safe
	Files []models.File // in order; those that are not ready are left out

	// Find returns the record of a file, or an error if the visitor may no longer read
	// it. It is called before the first byte of each file, and polled while the file is
	// sent.
	Find func(context.Context, models.FileID) (models.File, error)

	May   func(context.Context) error // as in Bytes
	Begin func() error                // as in Bytes
	End   func(sent, length int64)    // as in Bytes
}

// SendZip sends the files of z as SendBytes sends a file: charged, with Content-Length,
// ranges, conditions and HEAD. A file that was deleted, hidden or replaced cuts the
// response before a byte of it.
func (l *Line) SendZip(c echo.Context, z Zip) error {
	ready, members, newest, err := membersOf(z.Files)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	var sending atomic.Int64 // index of the file that is sent; -1: none yet
	sending.Store(-1)
	a, err := archive.New(members, func(i int) (io.ReadSeekCloser, error) {
		f, err := z.Find(ctx, ready[i].ID)
		if err != nil {
			return nil, err
		}
		if f.Served() != ready[i].Served() {
			return nil, problem.New(problem.Conflict, "A file of the archive was replaced.")
		}
		sending.Store(int64(i))
		blob, err := l.Files.OpenServed(ctx, f)
		if err != nil {
			return nil, err
		}
		return blob.ReadSeekCloser, nil // not the blob: the kernel copies only from an *os.File
	})
	if err != nil {
		return err
	}
	defer a.Close() //nolint:errcheck // it was only read
	return l.SendBytes(c, Bytes{
		Content: a, Size: a.Size(), ModTime: newest, MediaType: "application/zip", ETag: a.ETag(),
		Disposition: Disposition("attachment", archive.CleanName(z.Title+".zip")),
		May: func(ctx context.Context) error {
			if z.May != nil {
				if err := z.May(ctx); err != nil {
					return err
				}
			}
			i := sending.Load()
			if i < 0 {
				return nil
			}
			_, err := z.Find(ctx, ready[i].ID)
			return err
		},
		Charged: true, Begin: z.Begin, End: z.End,
	})
}

// ZipSize returns the size of the archive that SendZip sends of files, in bytes.
func ZipSize(files []models.File) int64 {
	_, members, _, err := membersOf(files)
	if err != nil {
		return 0
	}
	a, err := archive.New(members, nil)
	if err != nil {
		return 0
	}
	return a.Size()
}

// membersOf returns those of files that are ready, as files and as members, and the
// time of the newest.
func membersOf(files []models.File) (ready []models.File, members []archive.Member, newest time.Time, err error) {
	for _, f := range files {
		served := f.Served()
		if served.Blob == "" || f.HiddenAt != nil {
			continue
		}
		sum, malformed := strconv.ParseUint(served.CRC32, 16, 32)
		if malformed != nil {
			return nil, nil, newest, problem.New(problem.Unavailable, "This archive is not ready yet. Try again in an hour.")
		}
		if f.UpdatedAt.After(newest) {
			newest = f.UpdatedAt
		}
		ready = append(ready, f)
		members = append(members, archive.Member{
			Name: string(f.ServedName()), Size: served.Size, SHA256: served.SHA256, Modified: f.CreatedAt,
			CRC32: uint32(sum),
		})
	}
	if len(ready) == 0 {
		return nil, nil, newest, problem.New(problem.NotFound, "There are no files to download.")
	}
	return ready, members, newest, nil
}
