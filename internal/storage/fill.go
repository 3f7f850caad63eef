package storage

import (
	"context"
	"fmt"
	"io"
)

// Fill reads from src until buf is full, src ends or ctx does. Unlike
// io.ReadFull it tells the end of src, which is io.EOF alone, from a source
// that was cut off: an HTTP body that stops too early ends in
// io.ErrUnexpectedEOF, and what was cut off must never pass for whole.
func Fill(ctx context.Context, src io.Reader, buf []byte) (n int, end bool, err error) {
	for empty := 0; n < len(buf); {
		if ctx.Err() != nil {
			return n, false, context.Cause(ctx)
		}
		m, err := src.Read(buf[n:])
		if m > 0 {
			n, empty = n+m, 0
		} else {
			empty++
		}
		switch {
		case err == io.EOF:
			return n, true, nil
		case err != nil:
			return n, false, fmt.Errorf("reading the source: %w", err)
		case empty >= mostEmptyReads:
			return n, false, io.ErrNoProgress
		}
	}
	return n, false, nil
}

// mostEmptyReads is how often bufio, too, lets a reader return nothing.
const mostEmptyReads = 100
