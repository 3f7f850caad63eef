package s3

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/storage"
)

// Sweep walks the listing of the bucket, then that of unfinished uploads.
//
// The age of an upload counts from its start or its newest part: a large one over a slow line
// runs for hours and sends a part of 8 MiB now and then. Some services, such as Amazon's, date
// the resulting object by the start of the upload. So an object in parts is swept later, by the
// longest possible duration of its upload.
func (s *Store) Sweep(ctx context.Context, before time.Time, known storage.Known) (int, error) {
	broom := &storage.Broom{Known: known, Remove: s.Delete}
	err := s.sweepObjects(ctx, broom, before)
	if err == nil {
		err = s.sweepUploads(ctx, broom, before)
	}
	if err != nil {
		err = fmt.Errorf("sweeping the bucket: %w", err)
	}
	return broom.Removed, errors.Join(err, broom.Err())
}

func (s *Store) sweepObjects(ctx context.Context, broom *storage.Broom, before time.Time) error {
	// Leaving the loop early must also end the listing in the background.
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	for info := range s.core.ListObjectsIter(ctx, s.bucket, minio.ListObjectsOptions{Recursive: true, MaxKeys: storage.SweepBatch}) {
		if info.Err != nil {
			return info.Err
		}
		key := models.BlobKey(info.Key)
		if storage.CheckKey(key) != nil {
			continue // a foreign object
		}
		made := info.LastModified
		if strings.Contains(info.ETag, "-") { // the ETag ends with the number of parts
			made = made.Add(longestPut)
		}
		if !made.Before(before) {
			continue
		}
		if err := broom.Add(ctx, key); err != nil {
			return err
		}
	}
	return broom.Flush(ctx)
}

func (s *Store) sweepUploads(ctx context.Context, broom *storage.Broom, before time.Time) error {
	keyMarker, uploadMarker := "", ""
	for {
		page, err := s.core.ListMultipartUploads(ctx, s.bucket, "", keyMarker, uploadMarker, "", storage.SweepBatch)
		if err != nil {
			return err
		}
		for _, upload := range page.Uploads {
			key := models.BlobKey(upload.Key)
			if storage.CheckKey(key) != nil || !upload.Initiated.Before(before) {
				continue
			}
			touched, err := s.partSince(ctx, key, upload.UploadID, before)
			if err == nil && touched {
				continue
			}
			if err == nil {
				err = s.abort(ctx, key, upload.UploadID)
			}
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if codeOf(err) != minio.NoSuchUpload { // otherwise it has just been finished
				broom.Count(err)
			}
		}
		if !page.IsTruncated || (page.NextKeyMarker == keyMarker && page.NextUploadIDMarker == uploadMarker) {
			return nil
		}
		keyMarker, uploadMarker = page.NextKeyMarker, page.NextUploadIDMarker
	}
}

// partSince reports whether a part of the upload arrived at or after before.
func (s *Store) partSince(ctx context.Context, key models.BlobKey, upload string, before time.Time) (bool, error) {
	const partsPerPage = 1000 // maximum of S3
	for marker := 0; ; {
		page, err := s.core.ListObjectParts(ctx, s.bucket, string(key), upload, marker, partsPerPage)
		if err != nil {
			return false, err
		}
		for _, part := range page.ObjectParts {
			if !part.LastModified.Before(before) {
				return true, nil
			}
		}
		if !page.IsTruncated || page.NextPartNumberMarker <= marker {
			return false, nil
		}
		marker = page.NextPartNumberMarker
	}
}
