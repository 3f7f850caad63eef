package images

import "encoding/binary"

// An orientation says how a stored picture is to be turned for viewing, as
// EXIF numbers it from 1, upright, to 8.
type orientation uint8

const upright orientation = 1

func (o orientation) isUpright() bool { return o <= upright || o > 8 }

// swaps reports whether width and height trade places.
func (o orientation) swaps() bool { return o >= 5 && o <= 8 }

// exifOrientation returns the orientation that the EXIF data names (a TIFF file
// without its picture), or upright if it names none. It reads nothing else.
func exifOrientation(exif []byte) orientation {
	const (
		tag       = 0x0112
		typeShort = 3
		entrySize = 12
	)
	if len(exif) < 8 {
		return upright
	}
	var order binary.ByteOrder
	switch string(exif[:4]) {
	case "II*\x00":
		order = binary.LittleEndian
	case "MM\x00*":
		order = binary.BigEndian
	default:
		return upright
	}
	start := int64(order.Uint32(exif[4:]))
	if start > int64(len(exif))-2 {
		return upright
	}
	entries := exif[start+2:]
	for range order.Uint16(exif[start:]) {
		if len(entries) < entrySize {
			return upright
		}
		if order.Uint16(entries) == tag {
			o := orientation(min(order.Uint16(entries[8:]), 255))
			if order.Uint16(entries[2:]) != typeShort || order.Uint32(entries[4:]) != 1 || o.isUpright() {
				return upright
			}
			return o
		}
		entries = entries[entrySize:]
	}
	return upright
}

// onlyOrientation returns EXIF data that names o and nothing else.
func onlyOrientation(o orientation) []byte {
	exif := []byte("II*\x00\x08\x00\x00\x00" + // the first directory follows
		"\x01\x00" + // of one entry
		"\x12\x01\x03\x00\x01\x00\x00\x00" + "\x00\x00\x00\x00" +
		"\x00\x00\x00\x00") // and there is no other
	exif[18] = byte(o)
	return exif
}
