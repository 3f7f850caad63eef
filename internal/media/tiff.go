package media

import (
	"encoding/binary"
	"slices"
)

// Tags of TIFF that need special treatment.
const (
	tagCompression  = 259
	tagPhotometric  = 262
	tagStripOffsets = 273
	tagStripCounts  = 279
	tagTileOffsets  = 324
	tagTileCounts   = 325
	tagSubImages    = 330
	tagDNGVersion   = 50706

	tiffEntry = 12 // length of a tag

	maxPages  = 10_000
	maxTags   = 1000 // of a page
	maxStrips = 1 << 20
)

// knownCompressions are the ways to store pixels that need no other tags than tiffKept.
var knownCompressions = []int64{1, 2, 3, 4, 5, 7, 8, 9, 32773, 32946, 34925, 50000, 50001}

// tiffKept are the tags that say how the pixels are to be read and shown.
var tiffKept = []uint16{254, 255, 256, 257, 258, tagCompression, tagPhotometric, 263, 264, 265, 266, tagStripOffsets, 274, 277, 278,
	tagStripCounts, 280, 281, 282, 283, 284, 286, 287, 290, 291, 292, 293, 296, 297, 301, 317, 318, 319, 320, 321, 322, 323,
	tagTileOffsets, tagTileCounts, 332, 334, 336, 338, 339, 340, 341, 342, 347, 529, 530, 531, 532, 34675}

// isTIFF reports whether a file begins as a TIFF. Raw files of cameras do, too.
func isTIFF(head []byte) bool {
	return len(head) >= 8 && (string(head[:4]) == "II*\x00" || string(head[:4]) == "MM\x00*" ||
		string(head[:4]) == "II+\x00" || string(head[:4]) == "MM\x00+")
}

// A tiffReader plans the copy of a TIFF.
type tiffReader struct {
	*file
	*plan
	order interface {
		binary.ByteOrder
		binary.AppendByteOrder
	}
	kept []span
}

// A tiffTag is an entry of a directory.
type tiffTag struct {
	tag, kind uint16
	count     int64
	at        int64 // of its values
	raw       string
}

// planTIFF plans the copy of f: all but its pixels, and what says how to show them, is
// overwritten.
func planTIFF(f *file, p *plan) error {
	head, err := f.read(0, 10)
	if err != nil {
		return err
	}
	r := &tiffReader{file: f, plan: p, order: binary.BigEndian, kept: []span{{0, 8}}}
	if head[0] == 'I' {
		r.order = binary.LittleEndian
	}
	if r.order.Uint16(head[2:]) != 42 || string(head[8:10]) == "CR" {
		return unclean("a TIFF of a kind that we do not know")
	}
	seen := map[int64]bool{}
	for at := int64(r.order.Uint32(head[4:])); at != 0; {
		if seen[at] = true; len(seen) > maxPages {
			return unclean("it has too many pages")
		}
		if at, err = r.page(at); err != nil {
			return err
		}
		if seen[at] {
			return unclean("its pages go round in circles")
		}
	}
	r.kept = merged(r.kept)
	r.zeroAllBut(span{0, r.size}, r.kept)
	if r.over {
		return unclean("it has too many parts")
	}
	return nil
}

// page plans the page whose directory is at an offset, and returns the offset of the next.
func (r *tiffReader) page(at int64) (next int64, err error) {
	b, err := r.read(at, 2)
	if err != nil {
		return 0, err
	}
	n := int64(r.order.Uint16(b))
	if n > maxTags {
		return 0, unclean("a page has too many tags")
	}
	if b, err = r.read(at+2+n*tiffEntry, 4); err != nil {
		return 0, err
	}
	next = int64(r.order.Uint32(b))
	var tags []tiffTag
	for i := range n {
		t, err := r.tag(at + 2 + i*tiffEntry)
		if err != nil {
			return 0, err
		}
		if t.tag == tagSubImages || t.tag == tagDNGVersion {
			return 0, unclean("a raw file of a camera")
		}
		if slices.Contains(tiffKept, t.tag) {
			tags = append(tags, t)
		}
	}
	directory := r.order.AppendUint16(nil, uint16(len(tags)))
	for _, t := range tags {
		directory = append(directory, t.raw...)
	}
	directory = r.order.AppendUint32(directory, uint32(next))
	r.keep(span{at, at + 2 + n*tiffEntry + 4})
	r.write(at, string(append(directory, make([]byte, int(n-int64(len(tags)))*tiffEntry)...)))
	return next, r.pixels(tags)
}

var tiffWidths = map[uint16]int64{1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}

// tag reads the entry at an offset.
func (r *tiffReader) tag(at int64) (tiffTag, error) {
	b, err := r.read(at, tiffEntry)
	if err != nil {
		return tiffTag{}, err
	}
	t := tiffTag{tag: r.order.Uint16(b), kind: r.order.Uint16(b[2:]), count: int64(r.order.Uint32(b[4:])), at: at + 8, raw: string(b)}
	if t.length() > 4 {
		t.at = int64(r.order.Uint32(b[8:]))
	}
	return t, nil
}

// length is that of the values of t, in bytes.
func (t tiffTag) length() int64 { return t.count * tiffWidths[t.kind] }

func (r *tiffReader) keep(s span) {
	if s.end = min(s.end, r.size); s.at >= s.end {
		return
	}
	if len(r.kept) > maxEdits {
		r.over = true
		return
	}
	r.kept = append(r.kept, s)
}

// pixels keeps the values of the tags of a page, and the strips or tiles that they name.
func (r *tiffReader) pixels(tags []tiffTag) error {
	find := func(tag uint16) (tiffTag, bool) {
		i := slices.IndexFunc(tags, func(t tiffTag) bool { return t.tag == tag })
		if i < 0 {
			return tiffTag{}, false
		}
		return tags[i], true
	}
	for _, t := range tags {
		if tiffWidths[t.kind] == 0 || t.length() > r.size {
			return unclean("a tag of an unknown type")
		}
		if t.length() > 4 {
			r.keep(span{t.at, t.at + t.length()})
		}
	}
	if err := r.known(find); err != nil {
		return err
	}
	for _, pair := range [][2]uint16{{tagStripOffsets, tagStripCounts}, {tagTileOffsets, tagTileCounts}} {
		offsets, ok := find(pair[0])
		if !ok {
			continue
		}
		counts, ok := find(pair[1])
		if !ok || counts.count != offsets.count || counts.count > maxStrips {
			return unclean("its pixels are stored in an unknown way")
		}
		for i := range offsets.count {
			at, err := r.value(offsets, i)
			if err != nil {
				return err
			}
			length, err := r.value(counts, i)
			if err != nil {
				return err
			}
			r.keep(span{at, at + length})
		}
	}
	return nil
}

// known refuses pixels of a camera, and those of which other tags say how to read them.
func (r *tiffReader) known(find func(uint16) (tiffTag, bool)) error {
	if t, ok := find(tagCompression); ok {
		kind, err := r.value(t, 0)
		if err != nil {
			return err
		}
		if !slices.Contains(knownCompressions, kind) {
			return unclean("its pixels are stored in an unknown way")
		}
	}
	if t, ok := find(tagPhotometric); ok {
		kind, err := r.value(t, 0)
		if err != nil {
			return err
		}
		if kind > 10 {
			return unclean("a raw file of a camera")
		}
	}
	return nil
}

// value returns the number i of t.
func (r *tiffReader) value(t tiffTag, i int64) (int64, error) {
	width := tiffWidths[t.kind]
	if t.kind != 3 && t.kind != 4 || i >= t.count {
		return 0, unclean("a tag of an unknown type")
	}
	b, err := r.read(t.at+i*width, int(width))
	if err != nil {
		return 0, err
	}
	if width == 2 {
		return int64(r.order.Uint16(b)), nil
	}
	return int64(r.order.Uint32(b)), nil
}
