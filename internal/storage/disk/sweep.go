package disk

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strings"
	"time"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/storage"
)

// Sweep walks the directories of the store in batches. Every write to an unfinished upload
// updates its modification time, which therefore is its age.
func (s *Store) Sweep(ctx context.Context, before time.Time, known storage.Known) (int, error) {
	broom := &storage.Broom{Known: known, Remove: s.Delete}
	err := s.eachEntry(ctx, ".", func(shard os.DirEntry) error {
		if !isShard(shard) {
			return nil
		}
		return s.eachEntry(ctx, shard.Name(), func(entry os.DirEntry) error {
			return s.sweepEntry(ctx, broom, before, path.Join(shard.Name(), entry.Name()))
		})
	})
	if err == nil {
		err = broom.Flush(ctx)
	}
	if err != nil {
		err = fmt.Errorf("sweeping the upload directory: %w", err)
	}
	return broom.Removed, errors.Join(err, broom.Err())
}

func (s *Store) sweepEntry(ctx context.Context, broom *storage.Broom, before time.Time, name string) error {
	base, partial := strings.CutSuffix(path.Base(name), partialSuffix)
	key := models.BlobKey(base)
	if storage.CheckKey(key) != nil || path.Dir(name) != shardOf(key) {
		return nil // a foreign entry
	}
	info, err := s.root.Lstat(name)
	if isGone(err) {
		return nil // deleted or finished since the directory was read
	}
	if err != nil {
		broom.Count(err)
		return nil
	}
	switch {
	case !info.Mode().IsRegular() || !info.ModTime().Before(before):
		return nil
	case partial:
		broom.Count(s.remove(name))
		return nil
	}
	return broom.Add(ctx, key)
}

// eachEntry calls visit for every entry of a directory, in any order, without reading the
// whole directory at once.
func (s *Store) eachEntry(ctx context.Context, name string, visit func(os.DirEntry) error) error {
	dir, err := s.root.Open(name)
	if isGone(err) {
		return nil
	}
	if err != nil {
		return err
	}
	defer func() { _ = dir.Close() }()
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		entries, err := dir.ReadDir(storage.SweepBatch)
		for _, entry := range entries {
			if err := visit(entry); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// isShard reports whether the entry is a shard directory; a link to one is not.
func isShard(entry os.DirEntry) bool {
	return entry.IsDir() && len(entry.Name()) == 2
}
