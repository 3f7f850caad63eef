package preview

import (
	"context"
	"encoding/binary"
	"errors"
)

// What is written in the coder of LZMA (lzma-specification.txt of the LZMA SDK).
const (
	lzmaStates     = 12
	lzmaMatched    = 7   // the first state after a match
	lzmaShortest   = 2   // bytes of a match
	lzmaCoder      = 768 // probabilities of a literal
	lzmaEven       = 1 << 10
	lzmaMaxLiteral = 8
	lzmaMaxPos     = 4
	lzmaLook       = 64 << 10 // bytes of output between two looks at the time
)

var errLZMA = errors.New("the LZMA data is damaged or too long")

// lzma decompresses LZMA. Its output is its dictionary, so its memory is that and the
// probabilities, which take 6 MiB with the widest properties. The sizes in the data reserve nothing.
type lzma struct {
	in    []byte
	short bool // more of in was wanted than there is
	out   []byte
	start int // of the dictionary in out
	limit int // of out

	width, code       uint32
	state             int
	reps              [4]uint32
	lc, lp, pb        uint
	literals          []uint16
	isMatch, longRep0 [lzmaStates << lzmaMaxPos]uint16
	isRep             [4][lzmaStates]uint16 // [0]: a match repeats a distance; [n]: not the one before n
	matchLen, repLen  lzmaLength
	slots             [4][64]uint16
	special           [128]uint16
	align             [16]uint16
}

type lzmaLength struct {
	choice   [2]uint16
	low, mid [1 << lzmaMaxPos][8]uint16
	high     [256]uint16
}

// properties sets what the byte of the properties states.
func (d *lzma) properties(b byte) bool {
	if b >= 9*5*5 {
		return false
	}
	d.lc, d.lp, d.pb = uint(b%9), uint(b/9%5), uint(b/45)
	return true
}

// reset forgets what was learned.
func (d *lzma) reset() {
	d.state, d.reps = 0, [4]uint32{}
	if n := lzmaCoder << (d.lc + d.lp); len(d.literals) != n {
		d.literals = make([]uint16, n)
	}
	even(d.literals, d.isMatch[:], d.longRep0[:], d.special[:], d.align[:])
	for i := range d.slots {
		even(d.isRep[i][:], d.slots[i][:])
	}
	for _, l := range []*lzmaLength{&d.matchLen, &d.repLen} {
		even(l.choice[:], l.high[:])
		for i := range l.low {
			even(l.low[i][:], l.mid[i][:])
		}
	}
}

func even(all ...[]uint16) {
	for _, probs := range all {
		for i := range probs {
			probs[i] = lzmaEven
		}
	}
}

// begin reads the beginning of a range-coded stream.
func (d *lzma) begin(in []byte) bool {
	if len(in) < 5 || in[0] != 0 {
		return false
	}
	d.in, d.width, d.code = in[5:], 1<<32-1, binary.BigEndian.Uint32(in[1:])
	return true
}

func (d *lzma) normalize() {
	if d.width >= 1<<24 {
		return
	}
	d.width <<= 8
	d.code <<= 8
	if len(d.in) == 0 {
		d.short = true
		return
	}
	d.code |= uint32(d.in[0])
	d.in = d.in[1:]
}

func (d *lzma) bit(p *uint16) (b uint32) {
	bound := (d.width >> 11) * uint32(*p)
	if d.code < bound {
		d.width = bound
		*p += (1<<11 - *p) >> 5
	} else {
		d.width -= bound
		d.code -= bound
		*p -= *p >> 5
		b = 1
	}
	d.normalize()
	return b
}

// direct reads n bits that have no probabilities.
func (d *lzma) direct(n uint32) (value uint32) {
	for range n {
		d.width >>= 1
		value <<= 1
		if d.code >= d.width {
			d.code -= d.width
			value |= 1
		}
		d.normalize()
	}
	return value
}

// tree reads a number of n bits, the highest first.
func (d *lzma) tree(probs []uint16, n uint) uint32 {
	m := uint32(1)
	for range n {
		m = m<<1 | d.bit(&probs[m])
	}
	return m - 1<<n
}

// reverse reads a number of n bits, the lowest first.
func (d *lzma) reverse(probs []uint16, n uint32) (value uint32) {
	m := uint32(1)
	for i := range n {
		b := d.bit(&probs[m])
		m = m<<1 | b
		value |= b << i
	}
	return value
}

func (d *lzma) length(l *lzmaLength, pos int) int {
	switch {
	case d.bit(&l.choice[0]) == 0:
		return int(d.tree(l.low[pos][:], 3)) + lzmaShortest
	case d.bit(&l.choice[1]) == 0:
		return int(d.tree(l.mid[pos][:], 3)) + 8 + lzmaShortest
	}
	return int(d.tree(l.high[:], 8)) + 16 + lzmaShortest
}

// distance reads the distance of a match of that length, less 1.
func (d *lzma) distance(length int) uint32 {
	slot := d.tree(d.slots[min(length-lzmaShortest, 3)][:], 6)
	if slot < 4 {
		return slot
	}
	n := slot>>1 - 1
	base := (2 | slot&1) << n
	if slot < 14 {
		return base + d.reverse(d.special[base-slot:], n)
	}
	return base + d.direct(n-4)<<4 + d.reverse(d.align[:], 4)
}

func (d *lzma) literal() {
	var before uint32
	if len(d.out) > d.start {
		before = uint32(d.out[len(d.out)-1])
	}
	at := (len(d.out)-d.start)&(1<<d.lp-1)<<d.lc + int(before>>(lzmaMaxLiteral-d.lc))
	probs := d.literals[lzmaCoder*at:][:lzmaCoder]
	m := uint32(1)
	if d.state >= lzmaMatched {
		for match := uint32(d.out[len(d.out)-1-int(d.reps[0])]); m < 1<<8; {
			match <<= 1
			wanted := match >> 8 & 1
			b := d.bit(&probs[(1+wanted)<<8+m])
			m = m<<1 | b
			if b != wanted {
				break
			}
		}
	}
	for m < 1<<8 {
		m = m<<1 | d.bit(&probs[m])
	}
	d.out = append(d.out, byte(m))
	switch {
	case d.state < 4:
		d.state = 0
	case d.state < 10:
		d.state -= 3
	default:
		d.state -= 6
	}
}

// repeated reads which of the last distances a match has, and returns the match's length.
func (d *lzma) repeated(pos int) (length int) {
	i := 0
	for i < 3 && d.bit(&d.isRep[i+1][d.state]) == 1 {
		i++
	}
	if i == 0 && d.bit(&d.longRep0[d.state<<lzmaMaxPos+pos]) == 0 {
		d.state = d.after(9, 11)
		return 1
	}
	distance := d.reps[i]
	copy(d.reps[1:i+1], d.reps[:i])
	d.reps[0] = distance
	length = d.length(&d.repLen, pos)
	d.state = d.after(8, 11)
	return length
}

// after returns the state after a match: one after a literal, one after another match.
func (d *lzma) after(literal, match int) int {
	if d.state < lzmaMatched {
		return literal
	}
	return match
}

// symbol reads a literal or a match. It reports whether it is sound.
func (d *lzma) symbol() bool {
	if d.state >= lzmaMatched && int64(d.reps[0]) >= int64(len(d.out)-d.start) {
		return false
	}
	pos := (len(d.out) - d.start) & (1<<d.pb - 1)
	if d.bit(&d.isMatch[d.state<<lzmaMaxPos+pos]) == 0 {
		d.literal()
		return true
	}
	var length int
	if d.bit(&d.isRep[0][d.state]) == 1 {
		length = d.repeated(pos)
	} else {
		copy(d.reps[1:], d.reps[:3])
		length = d.length(&d.matchLen, pos)
		d.reps[0] = d.distance(length)
		d.state = d.after(7, 10)
	}
	from := int64(len(d.out)) - 1 - int64(d.reps[0])
	if from < int64(d.start) || length > d.limit-len(d.out) {
		return false
	}
	for range length {
		d.out = append(d.out, d.out[from])
		from++
	}
	return true
}

// run decompresses until there are limit bytes. It ends with ctx.
func (d *lzma) run(ctx context.Context, limit int) error {
	d.limit = limit
	for look := len(d.out); len(d.out) < limit; {
		if len(d.out) >= look {
			if err := ctx.Err(); err != nil {
				return err
			}
			look += lzmaLook
		}
		if !d.symbol() || d.short {
			return errLZMA
		}
	}
	return nil
}
