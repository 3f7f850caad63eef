package preview

import (
	"context"
	"encoding/binary"
)

// unpackLZMA returns the size bytes that packed holds in LZMA with these properties.
func unpackLZMA(ctx context.Context, packed, properties []byte, size int) ([]byte, error) {
	d := &lzma{}
	if len(properties) != 5 || !d.properties(properties[0]) || !d.begin(packed) {
		return nil, errLZMA
	}
	d.reset()
	err := d.run(ctx, size)
	return d.out, err
}

// The control bytes of LZMA2. Those of LZMA chunks are a number of bits.
const (
	lzma2CopyFirst = 1 // the dictionary begins
	lzma2Copy      = 2
	lzma2State     = 0xa0 // the state begins
	lzma2Props     = 0xc0 // the properties change, too
	lzma2First     = 0xe0 // the dictionary begins, too
	lzma2Chunk     = 0x80
)

// unpackLZMA2 returns the size bytes that packed holds in LZMA2.
func unpackLZMA2(ctx context.Context, packed []byte, size int) ([]byte, error) {
	d := &lzma{}
	least := byte(lzma2First) // control byte of the next LZMA chunk
	for len(d.out) < size {
		if len(packed) < 3 {
			return nil, errLZMA
		}
		control, low := packed[0], int(binary.BigEndian.Uint16(packed[1:]))+1
		if control == lzma2CopyFirst || control >= lzma2First {
			d.start = len(d.out)
		}
		switch {
		case control == lzma2CopyFirst, control == lzma2Copy && least < lzma2First:
			if packed = packed[3:]; low > len(packed) || low > size-len(d.out) {
				return nil, errLZMA
			}
			d.out = append(d.out, packed[:low]...)
			packed = packed[low:]
			if control == lzma2CopyFirst {
				least = lzma2Props
			}
		case control >= lzma2Chunk && control >= least:
			var err error
			if packed, err = d.chunk(ctx, packed, size); err != nil {
				return nil, err
			}
			least = lzma2Chunk
		default:
			return nil, errLZMA
		}
	}
	return d.out, nil
}

// chunk decompresses a chunk of LZMA2 and returns what follows it.
func (d *lzma) chunk(ctx context.Context, packed []byte, size int) (rest []byte, err error) {
	if len(packed) < 6 {
		return nil, errLZMA
	}
	control := packed[0]
	unpacked := int(control&0x1f)<<16 + int(binary.BigEndian.Uint16(packed[1:])) + 1
	length := int(binary.BigEndian.Uint16(packed[3:])) + 1
	rest = packed[5:]
	if control >= lzma2Props {
		if !d.properties(rest[0]) || d.lc+d.lp > 4 {
			return nil, errLZMA
		}
		rest = rest[1:]
	}
	if length > len(rest) || unpacked > size-len(d.out) || !d.begin(rest[:length]) {
		return nil, errLZMA
	}
	if control >= lzma2State {
		d.reset()
	}
	return rest[length:], d.run(ctx, len(d.out)+unpacked)
}
