package images

import (
	"bufio"
	"errors"
	"io"
)

// gifData reads the data of a sequence of sub-blocks up to its terminator, and
// copies the sub-blocks to out.
type gifData struct {
	r    *bufio.Reader
	out  io.Writer
	left int
	err  error
}

// next starts the next sub-block, or returns io.EOF at the end of the sequence.
func (d *gifData) next() error {
	size, err := d.r.ReadByte()
	if err != nil {
		d.err = io.ErrUnexpectedEOF
		return d.err
	}
	if _, d.err = d.out.Write([]byte{size}); d.err == nil && size == 0 {
		d.err = io.EOF
	}
	d.left = int(size)
	return d.err
}

func (d *gifData) Read(p []byte) (int, error) {
	if d.err != nil || d.left == 0 && d.next() != nil {
		return 0, d.err
	}
	n, err := io.ReadFull(d.r, p[:min(len(p), d.left)])
	d.left -= n
	if err != nil {
		d.err = io.ErrUnexpectedEOF
	} else {
		_, d.err = d.out.Write(p[:n])
	}
	return n, d.err
}

// ReadByte keeps a decompressor from reading ahead.
func (d *gifData) ReadByte() (byte, error) {
	var p [1]byte
	_, err := d.Read(p[:])
	return p[0], err
}

// finish verifies that a frame has no more trailing data than image/gif accepts:
// the rest of a sub-block, or a sub-block of one byte that some programs add.
func (d *gifData) finish() error {
	if d.err == nil && d.left == 0 && d.next() == nil && d.left > 1 {
		return errTooMuch
	}
	if d.err == nil {
		if _, err := io.CopyN(io.Discard, d.r, int64(d.left)); err != nil {
			return io.ErrUnexpectedEOF
		}
		if d.next() == nil {
			return errTooMuch
		}
	}
	if errors.Is(d.err, io.EOF) {
		return nil
	}
	return d.err
}
