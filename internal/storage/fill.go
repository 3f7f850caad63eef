package storage

import (
	"context"
	"fmt"
	"io"
)

// Fill reads from src until buf is full, src ends, or ctx ends. Unlike io.ReadFull it
// distinguishes the end of src (io.EOF) from a truncated source: an HTTP body that
// stops early returns io.ErrUnexpectedEOF, and must never be stored as complete.
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

// mostEmptyReads is the number of empty reads that bufio tolerates too.
const mostEmptyReads = 100
