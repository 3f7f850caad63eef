//go:build !linux

package disk

import "errors"

// Space returns the free and the whole space of the filesystem of the store, in bytes. It is
// only known on Linux.
func (s *Store) Space() (free, whole int64, err error) { return 0, 0, errors.ErrUnsupported }
