package media

import (
	"encoding/binary"
	"io"
)

// window is how much of a file is read at a time.
const window = 64 << 10

// A file reads small parts of src at any offset. Parts that follow each other take no seek,
// which for an object of S3 is a request.
type file struct {
	src  io.ReadSeeker
	size int64
	err  error // of src itself

	buffer [window]byte
	have   span // of the file in buffer
	began  bool // src is at have.end
}

// read returns the n bytes at an offset, up to window of them, which are valid until the next
// call.
func (f *file) read(offset int64, n int) ([]byte, error) {
	switch {
	case f.err != nil:
		return nil, f.err
	case offset < 0 || n < 0 || n > window || offset > f.size-int64(n):
		return nil, unclean("it ends in the middle")
	case offset >= f.have.at && offset+int64(n) <= f.have.end:
		return f.buffer[offset-f.have.at:][:n], nil
	}
	return f.fill(offset, n)
}

// fill reads a window from offset on.
func (f *file) fill(offset int64, n int) ([]byte, error) {
	kept := 0
	if f.began && offset >= f.have.at && offset < f.have.end {
		kept = copy(f.buffer[:], f.buffer[offset-f.have.at:f.have.end-f.have.at])
	} else if !f.began || offset != f.have.end {
		if _, f.err = f.src.Seek(offset, io.SeekStart); f.err != nil {
			return nil, f.err
		}
	}
	f.began = true
	want := int(min(window, f.size-offset))
	if _, f.err = io.ReadFull(f.src, f.buffer[kept:want]); f.err != nil {
		f.began = false
		return nil, f.err
	}
	f.have = span{offset, offset + int64(want)}
	return f.buffer[:n], nil
}

func (f *file) uint32(offset int64) (uint32, error) {
	b, err := f.read(offset, 4)
	if err != nil {
		return 0, err
	}
	return binary.BigEndian.Uint32(b), nil
}

// uintN returns the big-endian number of n bytes at an offset, from 0 to 8 of them.
func (f *file) uintN(offset int64, n int) (value uint64, err error) {
	b, err := f.read(offset, n)
	for _, c := range b {
		value = value<<8 | uint64(c)
	}
	return value, err
}
