package images

import (
	"bufio"
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
	if _, d.err = d.out.Write(p[:n]); err != nil && d.err == nil {
		d.err = io.ErrUnexpectedEOF
	}
	return n, d.err
}

// ReadByte keeps a decompressor from reading ahead.
func (d *gifData) ReadByte() (byte, error) {
	var p [1]byte
	_, err := d.Read(p[:])
	return p[0], err
}
