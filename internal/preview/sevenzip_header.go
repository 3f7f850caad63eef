package preview

import (
	"bytes"
	"encoding/binary"
)

// A header has the bytes of a header that are not read yet. Reading past its end makes it bad.
type header struct {
	b   []byte
	bad bool
}

// take returns the next n bytes, or nil.
func (h *header) take(n uint64) []byte {
	if h.bad || n > uint64(len(h.b)) {
		h.fail()
		return nil
	}
	taken := h.b[:n]
	h.b = h.b[n:]
	return taken
}

// number reads a number, whose first byte says how many follow.
func (h *header) number() uint64 {
	first := h.take(1)
	if h.bad {
		return 0
	}
	more := 0
	for more < 8 && first[0]<<more&0x80 != 0 {
		more++
	}
	var low [8]byte
	copy(low[:], h.take(uint64(more)))
	value := binary.LittleEndian.Uint64(low[:])
	if more < 7 {
		value |= uint64(first[0]&(1<<(7-more)-1)) << (8 * more)
	}
	return value
}

// fail makes what is left of the header bad.
func (h *header) fail() { h.b, h.bad = nil, true }

// want reads a number and is bad if it is another.
func (h *header) want(id uint64) {
	if h.number() != id {
		h.fail()
	}
}

// digests reads the checksums of n items, and returns which have one, as a vector of bits, and
// all of them.
func (h *header) digests(n uint64) (has, sums []byte) {
	if n > uint64(len(h.b))*8 {
		h.fail()
		return nil, nil
	}
	defined := n
	length := (n + 7) / 8
	if all := h.take(1); !h.bad && all[0] != 0 {
		has = bytes.Repeat([]byte{0xff}, int(length)) //nolint:gosec // no more than the header has
	} else {
		has = h.take(length)
		defined = 0
		for i := range n {
			if isSet(has, i) {
				defined++
			}
		}
	}
	return has, h.take(4 * defined)
}
