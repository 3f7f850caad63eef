package storage

import (
	"context"
	"fmt"

	"example.org/cloakroom/internal/models"
)

// SweepBatch is how many keys a sweep asks about at once: few enough for one
// query of any database, many enough that a million blobs take 2,000 of them.
const SweepBatch = 500

// A Broom does what is common to the sweeps of all stores: it gathers the keys
// of old blobs and removes those without a record. The zero value with Known
// and Remove set is ready.
type Broom struct {
	Known   Known
	Remove  func(ctx context.Context, key models.BlobKey) error
	Removed int // what Flush removed, and what the store counted itself

	keys    []models.BlobKey
	failed  int
	failure error
}

// Add notes an old blob, and flushes when there are enough of them.
func (b *Broom) Add(ctx context.Context, key models.BlobKey) error {
	b.keys = append(b.keys, key)
	if len(b.keys) < SweepBatch {
		return nil
	}
	return b.Flush(ctx)
}

// Flush removes the noted blobs that have no record. Its error says that the
// records could not be read, or that ctx has ended: both end the sweep.
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

// Count counts one removal, which failed if err is not nil. What cannot be
// removed must not keep the sweep from the rest.
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

// Err returns an error if something could not be removed.
func (b *Broom) Err() error {
	if b.failed == 0 {
		return nil
	}
	return fmt.Errorf("sweeping: %d could not be removed, the first because of: %w", b.failed, b.failure)
}
