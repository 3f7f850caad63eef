package filetypes

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"io"
	"strings"
)

// Lengths of the records of a ZIP archive without their variable parts, and what they
// begin with (APPNOTE.TXT, 4.3).
const (
	zipLocalLen  = 30
	zipEntryLen  = 46
	zipEndLen    = 22
	zip64LocLen  = 20
	zip64EndLen  = 56
	zipLocal     = "PK\x03\x04"
	zipEntry     = "PK\x01\x02"
	zipEnd       = "PK\x05\x06"
	zip64Locator = "PK\x06\x07"
	zip64End     = "PK\x06\x06"
	maxComment   = 1<<16 - 1
	maxDirectory = 1 << 20 // what is read of a directory; no document has a longer one
)

// zip recognizes an archive by its directory, which is at the end, and in it a document of
// Office or OpenDocument. An archive that is cut is recognized by its beginning.
func (s *source) zip() []string {
	directory, base, ok := s.zipDirectory()
	if !ok {
		if hasPrefix(s.Head, zipLocal) {
			return []string{zipType}
		}
		return nil
	}
	contentTypes, found := false, ""
	for len(directory) >= zipEntryLen && hasPrefix(directory, zipEntry) {
		le := binary.LittleEndian
		nameLen := int(le.Uint16(directory[28:]))
		next := zipEntryLen + nameLen + int(le.Uint16(directory[30:])) + int(le.Uint16(directory[32:]))
		if next > len(directory) {
			break
		}
		switch name := string(directory[zipEntryLen : zipEntryLen+nameLen]); {
		case name == "mimetype":
			if mediaType := s.zipMimetype(base+int64(le.Uint32(directory[42:])), directory); entryOf(mediaType).group == "office" {
				return []string{mediaType, zipType}
			}
		case name == "[Content_Types].xml":
			contentTypes = true
		case found == "":
			found = officeType(name)
		}
		directory = directory[next:]
	}
	if contentTypes && found != "" {
		return []string{found, zipType}
	}
	return []string{zipType}
}

// officeType returns the type of a document that has a part of this name, or "".
func officeType(part string) string {
	folder, _, _ := strings.Cut(part, "/")
	switch folder {
	case "word":
		return docxType
	case "xl":
		return xlsxType
	case "ppt":
		return pptxType
	}
	return ""
}

// zipDirectory returns the directory of an archive, up to maxDirectory bytes, and what must
// be added to its offsets, because something may stand before the archive.
func (s *source) zipDirectory() (directory []byte, base int64, ok bool) {
	tailAt := max(0, s.Size-zipEndLen-maxComment-zip64LocLen)
	tail := s.at(tailAt, int(s.Size-tailAt))
	i := bytes.LastIndex(tail, []byte(zipEnd))
	if i < 0 || len(tail)-i < zipEndLen {
		return nil, 0, false
	}
	le, end := binary.LittleEndian, tail[i:]
	size, offset, endAt := int64(le.Uint32(end[12:])), int64(le.Uint32(end[16:])), tailAt+int64(i)
	if i >= zip64LocLen && hasPrefix(tail[i-zip64LocLen:], zip64Locator) {
		at := int64(le.Uint64(tail[i-zip64LocLen+8:]) & (1<<62 - 1))
		big := s.at(at, zip64EndLen)
		if len(big) < zip64EndLen || !hasPrefix(big, zip64End) {
			return nil, 0, false
		}
		size, offset, endAt = int64(le.Uint64(big[40:])&(1<<62-1)), int64(le.Uint64(big[48:])&(1<<62-1)), at
	}
	begin := endAt - size
	if begin < offset || size == 0 && offset != begin {
		return nil, 0, false
	}
	directory = s.at(begin, int(min(size, maxDirectory)))
	return directory, begin - offset, size == 0 || hasPrefix(directory, zipEntry)
}

// zipMimetype returns the content of the entry at an offset, in which a document of
// OpenDocument holds its media type.
func (s *source) zipMimetype(offset int64, entry []byte) string {
	const longest = 200
	method := binary.LittleEndian.Uint16(entry[10:])
	local := s.at(offset, zipLocalLen)
	if len(local) < zipLocalLen || !hasPrefix(local, zipLocal) {
		return ""
	}
	offset += zipLocalLen + int64(binary.LittleEndian.Uint16(local[26:])) + int64(binary.LittleEndian.Uint16(local[28:]))
	data := s.at(offset, int(min(binary.LittleEndian.Uint32(entry[20:]), longest)))
	if method == 8 {
		data, _ = io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(data)), longest)) // what is cut matches nothing
	}
	return strings.TrimSpace(string(data))
}
