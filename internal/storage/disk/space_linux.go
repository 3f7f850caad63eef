package disk

import (
	"fmt"
	"syscall"
)

// Space returns the free space, as far as the server may use it, and the whole space of the
// filesystem of the store, in bytes.
func (s *Store) Space() (free, whole int64, err error) {
	var st syscall.Statfs_t
	if err := syscall.Fstatfs(int(s.dir.Fd()), &st); err != nil {
		return 0, 0, fmt.Errorf("asking for the free space: %w", err)
	}
	block := int64(st.Bsize)                                       //nolint:unconvert // of another type on some machines
	return int64(st.Bavail) * block, int64(st.Blocks) * block, nil //nolint:gosec // no disk has 2^63 bytes
}
