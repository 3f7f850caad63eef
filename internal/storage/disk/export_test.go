package disk

// OpenByParts makes s open blobs as where the kernel has no openat2.
func (s *Store) OpenByParts() { s.parts.Store(true) }
