package archive

import (
	"encoding/binary"
	"math"
	"sort"
	"time"
)

// Signatures, versions and flags of the format.
const (
	signLocal     = 0x04034b50
	signEntry     = 0x02014b50
	signEnd64     = 0x06064b50
	signLocator64 = 0x07064b50
	signEnd       = 0x06054b50

	version20   = 20       // files
	version45   = 45       // zip64
	madeByUnix  = 3 << 8   // the attributes are those of Unix
	flagUTF8    = 0x800    // names are UTF-8
	modeRegular = 0o100644 // of a file that everybody can read

	idTime = 0x5455 // extra field: modified, in seconds since 1970
	id64   = 0x0001 // extra field: what is too large for its 32 bits
)

// Sizes of headers without names and extra fields, in bytes.
const (
	localFixed = 30
	entryFixed = 46
	timeExtra  = 4 + 1 + 4
)

// directoryRun is about how many bytes of the directory are made at once.
const directoryRun = 32 << 10

// clampTime returns t in UTC, within the years that the format can hold.
func clampTime(t time.Time) time.Time {
	first, last := time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC), time.Unix(math.MaxUint32, 0).UTC()
	switch t = t.UTC().Truncate(time.Second); {
	case t.Before(first):
		return first
	case t.After(last):
		return last
	}
	return t
}

// dosTime returns t as MS-DOS keeps it, in steps of two seconds.
func dosTime(t time.Time) (clock, date uint16) {
	clock = uint16(t.Hour()<<11 | t.Minute()<<5 | t.Second()/2)     //nolint:gosec // each part has its bits
	date = uint16((t.Year()-1980)<<9 | int(t.Month())<<5 | t.Day()) //nolint:gosec // clampTime limits the year
	return clock, date
}

// small returns n if it fits 32 bits, and otherwise the mark for "see zip64".
func small(n int64) uint32 { return uint32(min(n, math.MaxUint32)) } //nolint:gosec // min limits it

func isLarge(n int64) bool { return n >= math.MaxUint32 }

// local64 is the size of the zip64 field of a local header: it always has both sizes.
func local64(m Member) int {
	if isLarge(m.Size) {
		return 4 + 8 + 8
	}
	return 0
}

// entry64 is the size of the zip64 field of an entry of the directory.
func entry64(m Member, start int64) int {
	size := local64(m)
	if isLarge(start) {
		size = max(size, 4) + 8
	}
	return size
}

func localSize(m Member) int64 { return int64(localFixed + len(m.Name) + timeExtra + local64(m)) }

func entrySize(m Member, start int64) int64 {
	return int64(entryFixed + len(m.Name) + timeExtra + entry64(m, start))
}

// A fields appends numbers in the byte order of the format.
type fields []byte

func (f *fields) u16(all ...uint16) {
	for _, n := range all {
		*f = binary.LittleEndian.AppendUint16(*f, n)
	}
}

func (f *fields) u32(all ...uint32) {
	for _, n := range all {
		*f = binary.LittleEndian.AppendUint32(*f, n)
	}
}

func (f *fields) u64(all ...int64) {
	for _, n := range all {
		*f = binary.LittleEndian.AppendUint64(*f, uint64(n)) //nolint:gosec // sizes and offsets are not negative
	}
}

// about appends what local headers and entries have in common: from the version that
// is needed to the lengths of the name and the extra fields.
func (f *fields) about(m Member, extra64 int) {
	version := uint16(version20)
	if extra64 > 0 {
		version = version45
	}
	clock, date := dosTime(m.Modified)
	f.u16(version, flagUTF8, 0, clock, date) // 0: stored
	f.u32(m.CRC32, small(m.Size), small(m.Size))
	f.u16(uint16(len(m.Name)), uint16(timeExtra+extra64)) //nolint:gosec // names have at most 255 bytes
}

// nameAndTime appends the name and the extra field of the time.
func (f *fields) nameAndTime(m Member) {
	*f = append(*f, m.Name...)
	f.u16(idTime, timeExtra-4)
	*f = append(*f, 1)               // only the time of modification
	f.u32(uint32(m.Modified.Unix())) //nolint:gosec // clampTime limits it
}

// localHeader returns the header before the content of m.
func localHeader(m Member) []byte {
	f := make(fields, 0, localSize(m))
	f.u32(signLocal)
	f.about(m, local64(m))
	f.nameAndTime(m)
	if n := local64(m); n > 0 {
		f.u16(id64, uint16(n-4)) //nolint:gosec // a small constant
		f.u64(m.Size, m.Size)
	}
	return f
}

// entry appends the entry of m, whose local header is at start, to the directory.
func (f *fields) entry(m Member, start int64) {
	n := entry64(m, start)
	f.u32(signEntry)
	f.u16(madeByUnix | version45)
	f.about(m, n)
	f.u16(0, 0, 0) // no comment, the first disk, no attributes of MS-DOS
	f.u32(modeRegular<<16, small(start))
	f.nameAndTime(m)
	if n == 0 {
		return
	}
	f.u16(id64, uint16(n-4)) //nolint:gosec // a small constant
	if isLarge(m.Size) {
		f.u64(m.Size, m.Size)
	}
	if isLarge(start) {
		f.u64(start)
	}
}

// directory returns some bytes of the directory and the trailer, from the current
// position on.
func (a *Archive) directory() []byte {
	end := a.entries[len(a.members)]
	if a.pos >= end {
		return a.trailer()[a.pos-end:]
	}
	i := sort.Search(len(a.entries), func(i int) bool { return a.entries[i] > a.pos }) - 1
	skip := a.pos - a.entries[i]
	f := make(fields, 0, directoryRun+entryFixed+maxName+timeExtra+4+3*8)
	for ; i < len(a.members) && len(f) < directoryRun; i++ {
		f.entry(a.members[i], a.starts[i])
	}
	return f[skip:]
}

// trailer returns what follows the directory.
func (a *Archive) trailer() []byte {
	start, end := a.entries[0], a.entries[len(a.members)]
	count := int64(len(a.members))
	var f fields
	if count >= math.MaxUint16 || isLarge(start) || isLarge(end-start) {
		const rest = 44 // bytes of the record after this number
		f.u32(signEnd64)
		f.u64(rest)
		f.u16(madeByUnix|version45, version45)
		f.u32(0, 0) // one disk
		f.u64(count, count, end-start, start)
		f.u32(signLocator64, 0)
		f.u64(end)
		f.u32(1)
	}
	few := uint16(min(count, math.MaxUint16))
	f.u32(signEnd)
	f.u16(0, 0, few, few)
	f.u32(small(end-start), small(start))
	f.u16(0) // no comment
	return f
}
