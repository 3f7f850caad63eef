package media

import (
	"cmp"
	"fmt"
	"io"
	"slices"
)

// A span is the bytes of a file from at up to end.
type span struct{ at, end int64 }

// A write is what overwrites the bytes at an offset.
type write struct {
	at   int64
	data []byte
}

// maxEdits bounds the spans and the writes of a plan, and so its memory: to some 40 MiB.
const maxEdits = 1 << 20

// A plan is what the copy of a file has otherwise: zeros, and on top of them writes.
type plan struct {
	zeros  []span
	writes []write
	over   bool // there are more than maxEdits
}

// zero overwrites the bytes from at up to end with zeros.
func (p *plan) zero(at, end int64) {
	if at >= end {
		return
	}
	if last := len(p.zeros) - 1; last >= 0 && p.zeros[last].end == at {
		p.zeros[last].end = end
		return
	}
	if len(p.zeros) >= maxEdits {
		p.over = true
		return
	}
	p.zeros = append(p.zeros, span{at, end})
}

// write overwrites the bytes at an offset with data, which must be small.
func (p *plan) write(at int64, data string) {
	if len(p.writes) >= maxEdits {
		p.over = true
		return
	}
	p.writes = append(p.writes, write{at, []byte(data)})
}

// zeroAllBut overwrites what lies within whole and in none of kept.
func (p *plan) zeroAllBut(whole span, kept []span) {
	at := whole.at
	for _, k := range kept {
		if k.end <= at {
			continue
		}
		p.zero(at, min(k.at, whole.end))
		if at = max(at, k.end); at >= whole.end {
			return
		}
	}
	p.zero(at, whole.end)
}

// merged returns the spans in order, those that touch each other as one.
func merged(spans []span) []span {
	slices.SortFunc(spans, func(a, b span) int { return cmp.Compare(a.at, b.at) })
	out := spans[:0]
	for _, s := range spans {
		if last := len(out) - 1; last >= 0 && s.at <= out[last].end {
			out[last].end = max(out[last].end, s.end)
		} else {
			out = append(out, s)
		}
	}
	return out
}

// copy streams src with the edits of p to dst.
func (p *plan) copy(dst io.Writer, src io.ReadSeeker, size int64) error {
	if _, err := src.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("rewinding what to clean: %w", err)
	}
	zeros := merged(p.zeros)
	slices.SortStableFunc(p.writes, func(a, b write) int { return cmp.Compare(a.at, b.at) })
	writes := p.writes
	block := make([]byte, 256<<10)
	for at := int64(0); at < size; {
		part := block[:min(int64(len(block)), size-at)]
		if _, err := io.ReadFull(src, part); err != nil {
			return fmt.Errorf("reading what to clean: %w", err)
		}
		end := at + int64(len(part))
		for len(zeros) > 0 && zeros[0].at < end {
			clear(part[max(zeros[0].at, at)-at : min(zeros[0].end, end)-at])
			if zeros[0].end > end {
				break
			}
			zeros = zeros[1:]
		}
		writes = overlay(part, at, writes)
		if _, err := dst.Write(part); err != nil {
			return fmt.Errorf("writing the clean copy: %w", err)
		}
		at = end
	}
	return nil
}

// overlay applies writes to part, which begins at an offset, and returns those that reach
// past it.
func overlay(part []byte, at int64, writes []write) []write {
	end := at + int64(len(part))
	for i, w := range writes {
		if w.at >= end {
			return writes[i:]
		}
		skip := max(at-w.at, 0)
		if skip < int64(len(w.data)) {
			copy(part[w.at+skip-at:], w.data[skip:])
		}
		if w.at+int64(len(w.data)) > end { // a later part gets the rest
			return writes[i:]
		}
	}
	return nil
}
