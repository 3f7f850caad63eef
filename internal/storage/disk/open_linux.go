package disk

import (
	"errors"
	"io/fs"
	"os"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"
)

// openFile opens a blob for reading. It follows no link, and waits for no pipe. That is
// one system call where the kernel has openat2 and allows it, which some containers
// do not.
func (s *Store) openFile(name string) (*os.File, error) {
	if s.parts.Load() {
		return s.openByParts(name)
	}
	how := unix.OpenHow{
		Flags: unix.O_RDONLY | unix.O_CLOEXEC | unix.O_NONBLOCK, Resolve: unix.RESOLVE_BENEATH | unix.RESOLVE_NO_SYMLINKS,
	}
	for range openTries {
		fd, err := unix.Openat2(int(s.dir.Fd()), name, &how)
		runtime.KeepAlive(s.dir)
		switch {
		case err == nil:
			return os.NewFile(uintptr(fd), name), nil
		case errors.Is(err, syscall.ENOSYS), errors.Is(err, syscall.EPERM):
			s.parts.Store(true)
			return s.openByParts(name)
		case !errors.Is(err, syscall.EINTR) && !errors.Is(err, syscall.EAGAIN):
			return nil, &fs.PathError{Op: "open", Path: name, Err: err}
		}
	}
	return s.openByParts(name)
}

// openTries is how often a file is opened anew after EAGAIN: something was renamed meanwhile,
// or another program has a lease on the file. For the end of a lease openByParts waits.
const openTries = 4

// startWriteback lets the kernel begin to write n bytes of f to the disk, and does not
// wait for it: the sync at the end has less to do. What fails here fails there.
func startWriteback(f *os.File, from, n int64) {
	_ = unix.SyncFileRange(int(f.Fd()), from, n, unix.SYNC_FILE_RANGE_WRITE)
	runtime.KeepAlive(f)
}
