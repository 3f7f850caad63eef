package preview

import (
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"math"
	"unicode/utf16"
)

// What a 7z archive is made of (7zFormat.txt of the LZMA SDK).
const (
	sevenZipHead = "7z\xbc\xaf\x27\x1c"
	sevenZipLen  = 32 // of the head, which says where the header is
	maxPacked    = 4  // headers that are packed in one another

	sevenZipEnd        = 0x00
	sevenZipHeader     = 0x01
	sevenZipProperties = 0x02
	sevenZipAdditional = 0x03
	sevenZipMain       = 0x04
	sevenZipFiles      = 0x05
	sevenZipPack       = 0x06
	sevenZipUnpack     = 0x07
	sevenZipSubstreams = 0x08
	sevenZipSize       = 0x09
	sevenZipCRC        = 0x0a
	sevenZipFolder     = 0x0b
	sevenZipUnpackSize = 0x0c
	sevenZipCount      = 0x0d
	sevenZipNoStream   = 0x0e
	sevenZipEmptyFile  = 0x0f
	sevenZipNames      = 0x11
	sevenZipPackedHead = 0x17
)

// The methods of a coder that packs a header.
const (
	methodCopy  = "\x00"
	methodLZMA  = "\x03\x01\x01"
	methodLZMA2 = "\x21"
	methodAES   = "\x06\xf1\x07\x01"
)

var (
	errSevenZip  = errors.New("the header of the 7z is damaged, or too large to list")
	errEncrypted = errors.New("the header of the 7z is encrypted")
)

// sevenZip reads the header of a 7z, which can be packed. The libraries reserve as much memory as
// counts in the header state; here each is compared with the bytes that are left.
func (l *Listing) sevenZip(src *source, size int64) error {
	var head [sevenZipLen]byte
	if n, _ := src.ReadAt(head[:], 0); n < len(head) || size < sevenZipLen {
		return errSevenZip
	}
	le := binary.LittleEndian
	if crc32.ChecksumIEEE(head[12:]) != le.Uint32(head[8:]) {
		return errSevenZip
	}
	raw, err := sevenZipBytes(src, size, le.Uint64(head[12:]), le.Uint64(head[20:]))
	if err != nil {
		return err
	}
	if crc32.ChecksumIEEE(raw) != le.Uint32(head[28:]) {
		return errSevenZip
	}
	for range maxPacked {
		h := &header{b: raw}
		switch h.number() {
		case sevenZipHeader:
			return l.header(h)
		case sevenZipPackedHead:
			s := h.streams(1)
			if h.bad {
				return errSevenZip
			}
			if raw, err = unpackHeader(src, size, s); err != nil {
				return err
			}
		default:
			return errSevenZip
		}
	}
	return errSevenZip
}

// sevenZipBytes returns a part of a 7z after its head, as long as a header may be.
func sevenZipBytes(src *source, size int64, at, length uint64) ([]byte, error) {
	if length > MaxDirectory || at > math.MaxInt64 || int64(length) > size-sevenZipLen || int64(at) > size-sevenZipLen-int64(length) {
		return nil, errSevenZip
	}
	raw := make([]byte, length)
	if n, err := src.ReadAt(raw, sevenZipLen+int64(at)); n < len(raw) {
		return nil, errors.Join(errSevenZip, err)
	}
	return raw, nil
}

// unpackHeader returns the header that streams holds, packed by one coder.
func unpackHeader(src *source, size int64, s streams) ([]byte, error) {
	if len(s.folders) != 1 || s.folders[0].size > MaxDirectory {
		return nil, errSevenZip
	}
	f := s.folders[0]
	if f.encrypted {
		return nil, errEncrypted
	}
	if f.coders != 1 {
		return nil, errSevenZip
	}
	packed, err := sevenZipBytes(src, size, s.at, s.packed)
	if err != nil {
		return nil, err
	}
	raw, err := unpackMethod(src.ctx, f, packed)
	if err == nil && f.checked && crc32.ChecksumIEEE(raw) != f.crc {
		err = errSevenZip
	}
	return raw, err
}

func unpackMethod(ctx context.Context, f folder, packed []byte) ([]byte, error) {
	size := int(f.size) //nolint:gosec // at most MaxDirectory
	switch string(f.method) {
	case methodCopy:
		return packed[:min(len(packed), size)], nil
	case methodLZMA:
		return unpackLZMA(ctx, packed, f.properties, size)
	case methodLZMA2:
		return unpackLZMA2(ctx, packed, size)
	}
	return nil, errSevenZip
}

// header lists the files that a header names.
func (l *Listing) header(h *header) error {
	id := h.number()
	if id == sevenZipProperties {
		for h.number() != sevenZipEnd && !h.bad {
			h.take(h.number())
		}
		id = h.number()
	}
	if id == sevenZipAdditional {
		h.streams(l.bounds.counted)
		id = h.number()
	}
	var main streams
	if id == sevenZipMain {
		main = h.streams(l.bounds.counted)
		id = h.number()
	}
	if h.bad || id != sevenZipFiles && id != sevenZipEnd {
		return errSevenZip
	}
	if id == sevenZipEnd {
		return nil
	}
	return l.files(h, main.sizes)
}

// properties are what the header says of the files.
type properties struct {
	noStream, emptyFile, names []byte
	named                      bool // what was packed from a pipe has no name
}

func (h *header) properties() (p properties) {
	for id := h.number(); id != sevenZipEnd && !h.bad; id = h.number() {
		property := h.take(h.number())
		switch id {
		case sevenZipNoStream:
			p.noStream = property
		case sevenZipEmptyFile:
			p.emptyFile = property
		case sevenZipNames:
			if len(property) > 0 && property[0] == 0 { // they are not elsewhere
				p.names, p.named = property[1:], true
			}
		}
	}
	return p
}

// files lists the files whose properties follow. A file whose content is not empty has the next
// of sizes.
func (l *Listing) files(h *header, sizes []uint64) error {
	n := h.number()
	p := h.properties()
	if h.bad {
		return errSevenZip
	}
	var empty uint64 // files until here without a stream
	for i := range n {
		name := "unnamed"
		if p.named {
			var ok bool
			if name, p.names, ok = nextName(p.names); !ok {
				return errSevenZip
			}
		}
		var size uint64
		switch {
		case isSet(p.noStream, i):
			if !isSet(p.emptyFile, empty) {
				name += "/"
			}
			empty++
		case len(sizes) > 0:
			size, sizes = sizes[0], sizes[1:]
		case l.Count < l.bounds.counted:
			return errSevenZip
		}
		if err := l.add(name, int64(min(size, math.MaxInt64))); err != nil {
			return err
		}
	}
	return nil
}

// nextName returns the first of names in UTF-16, each of which ends with a zero. A long one is
// cut where no listing shows more.
func nextName(names []byte) (name string, rest []byte, ok bool) {
	var units []uint16
	for ; len(names) >= 2; names = names[2:] {
		unit := binary.LittleEndian.Uint16(names)
		if unit == 0 {
			return string(utf16.Decode(units)), names[2:], true
		}
		if len(units) < 2*(MaxName+1) {
			units = append(units, unit)
		}
	}
	return "", nil, false
}

// isSet returns bit i of a vector that begins with the highest bit, and false after its end.
func isSet(vector []byte, i uint64) bool {
	return i/8 < uint64(len(vector)) && vector[i/8]>>(7-i%8)&1 == 1
}
