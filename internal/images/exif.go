package images

import "encoding/binary"

// An orientation is the EXIF value, from 1 (upright) to 8, that says how to turn a
// stored image for display.
type orientation uint8

const upright orientation = 1

func (o orientation) isUpright() bool { return o <= upright || o > 8 }

// swaps reports whether turning swaps width and height.
func (o orientation) swaps() bool { return o >= 5 && o <= 8 }

// exifOrientation returns the orientation in EXIF data (a TIFF file without
// pixels), or upright if there is none. It reads nothing else.
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

// onlyOrientation returns EXIF data whose only entry is o.
func onlyOrientation(o orientation) []byte {
	exif := []byte("II*\x00\x08\x00\x00\x00" + // offset of the first directory
		"\x01\x00" + // it has one entry
		"\x12\x01\x03\x00\x01\x00\x00\x00" + "\x00\x00\x00\x00" +
		"\x00\x00\x00\x00") // no further directory
	exif[18] = byte(o)
	return exif
}
