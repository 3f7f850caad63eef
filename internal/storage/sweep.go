package storage

import (
	"context"
	"fmt"

	"example.org/cloakroom/internal/models"
)

// SweepBatch is the number of keys that a sweep looks up at once. It fits into one
// query of any database, and a million blobs need 2,000 queries.
const SweepBatch = 500

// A Broom implements the common part of Sweep: it collects the keys of old blobs and
// removes those without a record. Known and Remove must be set.
type Broom struct {
	Known   Known
	Remove  func(ctx context.Context, key models.BlobKey) error
	Removed int // removals by Flush, and those reported to Count

	keys    []models.BlobKey
	failed  int
	failure error
}

// Add collects the key of an old blob, and calls Flush when a batch is complete.
func (b *Broom) Add(ctx context.Context, key models.BlobKey) error {
	b.keys = append(b.keys, key)
	if len(b.keys) < SweepBatch {
		return nil
	}
	return b.Flush(ctx)
}

// Flush removes the collected blobs that have no record. It returns an error, which ends
// the sweep, if the records cannot be read or ctx has ended.
func (b *Broom) Flush(ctx context.Context) error {
	if len(b.keys) == 0 {
		return ctx.Err()
	}
	known, err := b.Known(ctx, b.keys)
	if err != nil {
		return fmt.Errorf("asking which blobs have a record: %w", err)
	}
	for _, key := range b.keys {
		if known[key] {
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		b.Count(b.Remove(ctx, key))
	}
	b.keys = b.keys[:0]
	return ctx.Err()
}

// Count records one removal, or its failure if err is not nil. A failure must not keep
// the sweep from the remaining entries.
func (b *Broom) Count(err error) {
	if err == nil {
		b.Removed++
		return
	}
	b.failed++
	if b.failure == nil {
		b.failure = err
	}
}

// Err returns an error if any removal has failed.
func (b *Broom) Err() error {
	if b.failed == 0 {
		return nil
	}
	return fmt.Errorf("sweeping: %d could not be removed, the first because of: %w", b.failed, b.failure)
}
