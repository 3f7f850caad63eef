package filetypes

import (
	"encoding/binary"
	"unicode/utf16"
)

// The format of older Office files ([MS-CFB]): sectors, chained by a table (FAT), of which
// one chain is the directory. The FAT is itself in sectors, whose numbers are in the header
// and, in files over 7 MB, in a chain of further sectors (DIFAT).
const (
	oleMagic     = "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
	oleHeaderLen = 512
	oleInHeader  = 109 // sectors of the FAT that the header names
	oleEntryLen  = 128
	oleMaxHops   = 256 // sectors of the directory, and of the DIFAT, that are read
	oleMaxNumber = 0xfffffffa
)

// An oleFile reads sectors.
type oleFile struct {
	*source
	header []byte
	sector int // its length
}

// ole recognizes an older Office file by the streams that its directory names.
func (s *source) ole() []string {
	header := s.at(0, oleHeaderLen)
	if len(header) < oleHeaderLen || !hasPrefix(header, oleMagic) {
		return nil
	}
	shift := binary.LittleEndian.Uint16(header[30:])
	if shift != 9 && shift != 12 {
		return nil
	}
	f := oleFile{source: s, header: header, sector: 1 << shift}
	found := map[string]bool{}
	number := binary.LittleEndian.Uint32(header[48:])
	for range oleMaxHops {
		b := f.read(number)
		for ; len(b) >= oleEntryLen; b = b[oleEntryLen:] {
			found[oleName(b)] = true
		}
		var ok bool
		if number, ok = f.next(number); !ok {
			break
		}
	}
	return oleTypes(found)
}

// oleTypes returns the types of a file with streams of these names. A document can be
// embedded in another, so there may be several.
func oleTypes(streams map[string]bool) (types []string) {
	if streams["EncryptedPackage"] {
		return []string{"", docxType, xlsxType, pptxType} // the name tells, for the content is encrypted
	}
	for _, of := range []struct{ stream, mediaType string }{
		{"PowerPoint Document", pptType}, {"WordDocument", docType}, {"Workbook", xlsType}, {"Book", xlsType},
	} {
		if streams[of.stream] {
			types = append(types, of.mediaType)
		}
	}
	return types
}

// oleName returns the name in an entry of the directory.
func oleName(entry []byte) string {
	const lengthAt = 64 // of the name with its final zero, in bytes
	n := int(binary.LittleEndian.Uint16(entry[lengthAt:]))/2 - 1
	if n < 0 || n >= lengthAt/2 {
		return ""
	}
	units := make([]uint16, n)
	for i := range units {
		units[i] = binary.LittleEndian.Uint16(entry[2*i:])
	}
	return string(utf16.Decode(units))
}

// read returns a sector; nil if there is none of that number.
func (f oleFile) read(number uint32) []byte {
	if number > oleMaxNumber {
		return nil
	}
	return f.at(int64(max(f.sector, oleHeaderLen))+int64(number)*int64(f.sector), f.sector)
}

// number returns the i-th number in a sector.
func (f oleFile) number(sector []byte, i int) (uint32, bool) {
	if len(sector) < 4*i+4 {
		return 0, false
	}
	n := binary.LittleEndian.Uint32(sector[4*i:])
	return n, n <= oleMaxNumber
}

// next returns the sector that follows in a chain.
func (f oleFile) next(sector uint32) (uint32, bool) {
	perSector := f.sector / 4
	part := int(sector) / perSector
	if part < oleInHeader {
		fat, ok := f.number(f.header[76:], part)
		if !ok {
			return 0, false
		}
		return f.number(f.read(fat), int(sector)%perSector)
	}
	part -= oleInHeader
	difat, ok := f.number(f.header[68:], 0)
	for range min(part/(perSector-1), oleMaxHops) {
		if !ok {
			return 0, false
		}
		difat, ok = f.number(f.read(difat), perSector-1)
	}
	if !ok || part/(perSector-1) > oleMaxHops {
		return 0, false
	}
	fat, ok := f.number(f.read(difat), part%(perSector-1))
	if !ok {
		return 0, false
	}
	return f.number(f.read(fat), int(sector)%perSector)
}
