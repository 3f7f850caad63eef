package preview

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"strings"

	"golang.org/x/text/encoding/charmap"
)

// Lengths of the records of a zip without their variable parts (APPNOTE.TXT, 4.3).
const (
	zipEndLen   = 22
	zipEntryLen = 46
	zip64LocLen = 20
	zip64EndLen = 56
	maxComment  = 1<<16 - 1
)

var errZip = errors.New("the directory of the zip is damaged")

// A zipEntry is what the directory of a zip says of a file. Its name is in the charset of the zip.
type zipEntry struct {
	name                     []byte
	flags, method            uint16
	packed, unpacked, offset int64
}

// zip lists what the directory of a zip names. It reports whether there is one.
func (l *Listing) zip(src *source, size int64) (found bool, err error) {
	return zipEntries(src, size, func(e zipEntry) error {
		return l.add(zipName(e.name, e.flags&(1<<11) != 0), e.unpacked)
	})
}

// zipEntries calls visit for each entry of the directory of a zip, which it reads as a stream. It
// reports whether there is one. The standard library is not used, because it keeps all entries in
// memory, however many there are.
func zipEntries(src *source, size int64, visit func(zipEntry) error) (found bool, err error) {
	at, length, ok := zipDirectory(src, size)
	if !ok {
		return false, nil
	}
	if _, err := src.Seek(at, io.SeekStart); err != nil {
		return true, err
	}
	r := bufio.NewReader(&bounded{ctx: src.ctx, r: io.LimitReader(src, length), left: MaxDirectory})
	var fixed [zipEntryLen]byte
	for {
		if _, err := io.ReadFull(r, fixed[:]); errors.Is(err, io.EOF) {
			return true, nil
		} else if err != nil {
			return true, err
		}
		if !bytes.HasPrefix(fixed[:], []byte("PK\x01\x02")) {
			return true, errZip
		}
		le := binary.LittleEndian
		variable := make([]byte, int(le.Uint16(fixed[28:]))+int(le.Uint16(fixed[30:]))+int(le.Uint16(fixed[32:])))
		if _, err := io.ReadFull(r, variable); err != nil {
			return true, err
		}
		e := zipEntry{
			name: variable[:le.Uint16(fixed[28:])], flags: le.Uint16(fixed[8:]), method: le.Uint16(fixed[10:]),
			packed: int64(le.Uint32(fixed[20:])), unpacked: int64(le.Uint32(fixed[24:])), offset: int64(le.Uint32(fixed[42:])),
		}
		if e.unpacked == 1<<32-1 {
			e.unpacked = zip64Size(variable[len(e.name):][:le.Uint16(fixed[30:])])
		}
		if err := visit(e); err != nil {
			return true, err
		}
	}
}

// zipName returns a name in UTF-8. A name that is neither marked as UTF-8 nor valid UTF-8 is in
// the charset of MS-DOS.
func zipName(name []byte, marked bool) string {
	if marked || strings.ToValidUTF8(string(name), "") == string(name) {
		return string(name)
	}
	text, err := charmap.CodePage437.NewDecoder().Bytes(name)
	if err != nil {
		return string(name)
	}
	return string(text)
}

// zip64Size returns the size in the extra field of zip64, or 0.
func zip64Size(extra []byte) int64 {
	le := binary.LittleEndian
	for len(extra) >= 4 {
		id, n := le.Uint16(extra), int(le.Uint16(extra[2:]))
		extra = extra[4:]
		if n > len(extra) {
			break
		}
		if id == 1 && n >= 8 {
			return int64(le.Uint64(extra) & (1<<62 - 1))
		}
		extra = extra[n:]
	}
	return 0
}

// zipDirectory returns where the directory of a zip begins and how long it is.
func zipDirectory(src *source, size int64) (at, length int64, ok bool) {
	tailAt := max(0, size-zipEndLen-maxComment-zip64LocLen)
	tail := make([]byte, size-tailAt)
	if n, err := src.ReadAt(tail, tailAt); err != nil || n < len(tail) {
		return 0, 0, false
	}
	i := bytes.LastIndex(tail, []byte("PK\x05\x06"))
	if i < 0 || len(tail)-i < zipEndLen {
		return 0, 0, false
	}
	le, endAt := binary.LittleEndian, tailAt+int64(i)
	length = int64(le.Uint32(tail[i+12:]))
	if i >= zip64LocLen && bytes.HasPrefix(tail[i-zip64LocLen:], []byte("PK\x06\x07")) {
		var end [zip64EndLen]byte
		endAt = int64(le.Uint64(tail[i-zip64LocLen+8:]) & (1<<62 - 1))
		if n, _ := src.ReadAt(end[:], endAt); n < len(end) || !bytes.HasPrefix(end[:], []byte("PK\x06\x06")) {
			return 0, 0, false
		}
		length = int64(le.Uint64(end[40:]) & (1<<62 - 1))
	}
	return endAt - length, length, length <= endAt
}
