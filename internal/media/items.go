package media

import "slices"

// keptItems are the types of the images in a HEIF file. Others hold EXIF, XMP or anything.
var keptItems = []string{"hvc1", "hev1", "lhv1", "av01", "avc1", "vvc1", "grid", "iden", "iovl", "tmap"}

// removedProperties are those properties of images that say when and what, and not how.
var removedProperties = []string{"udes", "crtt", "mdft", "uuid", "free", "skip", "rloc"}

// maxItems bounds the images and other items of a HEIF file. A large one has some hundred.
const maxItems = 1 << 16

// emptyEXIF is what an item with EXIF gets: the offset of its data, and a directory without
// entries.
const emptyEXIF = "\x00\x00\x00\x00MM\x00*\x00\x00\x00\x08\x00\x00\x00\x00\x00\x00"

// planItems plans the meta box of a HEIF file. That of a movie is freed.
func (r *boxReader) planItems(meta box) error {
	meta.body += 4 // version and flags
	if meta.body > meta.end {
		return unclean("a meta box is too short")
	}
	zeros, writes := slices.Clone(r.zeros), len(r.writes)
	var locations, idat box
	var of track
	kinds := map[uint64]string{}
	err := r.inside(meta, func(b box) (err error) {
		switch b.kind {
		case "hdlr":
			return r.planHandler(&of, b)
		case "iinf":
			kinds, err = r.itemKinds(b)
		case "iloc":
			locations = b
		case "idat":
			idat = b
		case "iprp":
			return r.inside(b, r.inProperties)
		}
		return err
	})
	if err != nil {
		return err
	}
	if of.handler != "pict" {
		r.zeros, r.writes = zeros, r.writes[:writes]
		meta.body -= 4
		r.free(meta)
		return nil
	}
	if locations.kind == "" || len(kinds) == 0 {
		return unclean("it has no images")
	}
	r.items = true
	before := len(r.kept)
	if err := r.readLocations(locations, idat, kinds); err != nil {
		return err
	}
	if idat.kind != "" {
		r.zeroAllBut(span{idat.body, idat.end}, merged(slices.Clone(r.kept[before:])))
	}
	return nil
}

// inProperties frees what ipco holds besides how an image looks. A freed property keeps its
// number.
func (r *boxReader) inProperties(b box) error {
	if b.kind != "ipco" {
		return nil
	}
	for at := b.body; at < b.end; {
		property, err := r.next(at, b.end)
		if err != nil {
			return err
		}
		if slices.Contains(removedProperties, property.kind) {
			r.free(property)
		}
		at = property.end
	}
	return nil
}

// itemKinds returns the types of the items in an iinf box by their number.
func (r *boxReader) itemKinds(b box) (map[uint64]string, error) {
	version, err := r.uintN(b.body, 1)
	if err != nil {
		return nil, err
	}
	at := b.body + 6
	if version > 0 {
		at += 2
	}
	kinds := map[uint64]string{}
	for at < b.end {
		entry, err := r.next(at, b.end)
		if err != nil {
			return nil, err
		}
		version, err := r.uintN(entry.body, 1)
		if err != nil {
			return nil, err
		}
		if entry.kind != "infe" || version != 2 && version != 3 {
			return nil, unclean("an item of an unknown version")
		}
		width := int64(2 * (version - 1)) // of its number
		id, err := r.uintN(entry.body+4, int(width))
		if err != nil {
			return nil, err
		}
		kind, err := r.read(entry.body+6+width, 4)
		if err != nil || entry.body+10+width > entry.end {
			return nil, unclean("an item is too short")
		}
		if kinds[id] = string(kind); len(kinds) > maxItems {
			return nil, unclean("it has too many items")
		}
		r.zero(entry.body+10+width, entry.end) // its name
		at = entry.end
	}
	return kinds, nil
}

// A cursor reads big-endian numbers one after the other, up to an end. After an error it
// returns zeros.
type cursor struct {
	*file
	pos, end int64
	err      error
}

func (c *cursor) next(n int) uint64 {
	if c.err == nil && c.pos+int64(n) > c.end {
		c.err = unclean("a table is too short")
	}
	if c.err != nil {
		return 0
	}
	var value uint64
	value, c.err = c.uintN(c.pos, n)
	c.pos += int64(n)
	return value
}

// readLocations reads the iloc box b: it keeps the bytes of images, and notes where EXIF is.
func (r *boxReader) readLocations(b, idat box, kinds map[uint64]string) error {
	c := &cursor{file: r.file, pos: b.body, end: b.end}
	version := c.next(1)
	c.next(3)
	widths := c.next(2)
	offsetWidth, lengthWidth, baseWidth, indexWidth := int(widths>>12), int(widths>>8&15), int(widths>>4&15), int(widths&15)
	if version == 0 {
		indexWidth = 0
	}
	idWidth := 2
	if version > 1 {
		idWidth = 4
	}
	if c.err != nil || version > 2 || max(offsetWidth, lengthWidth, baseWidth, indexWidth) > 8 {
		return unclean("places of images in an unknown form")
	}
	for range c.next(idWidth) {
		kind := kinds[c.next(idWidth)]
		method := uint64(0)
		if version > 0 {
			method = c.next(2) & 15
		}
		reference := c.next(2)
		base := c.next(baseWidth)
		extents := c.next(2)
		for range extents {
			c.next(indexWidth)
			offset, length := base+c.next(offsetWidth), c.next(lengthWidth)
			if c.err != nil {
				return c.err
			}
			if err := r.planExtent(kind, method, reference, offset, length, idat); err != nil {
				return err
			}
		}
	}
	return c.err
}

// planExtent plans a part of an item of this kind.
func (r *boxReader) planExtent(kind string, method, reference, offset, length uint64, idat box) error {
	whole := span{0, r.size}
	if method == 1 {
		whole = span{idat.body, idat.end}
	}
	room := uint64(whole.end - whole.at)
	if method > 1 || reference != 0 || kind == "jpeg" {
		return unclean("images are stored in an unknown way")
	}
	if offset > room {
		return unclean("an image lies outside of the file")
	}
	if length == 0 || length > room-offset {
		length = room - offset
	}
	s := span{whole.at + int64(offset), whole.at + int64(offset+length)}
	switch { // what is not kept becomes zeros, because no image refers to it
	case slices.Contains(keptItems, kind):
		r.keep(s)
	case kind == "Exif" && method == 1:
		r.emptyEXIF(s, whole)
	case kind == "Exif" && len(r.exifs) < maxItems:
		r.exifs = append(r.exifs, s)
	}
	return nil
}

// emptyEXIF makes s, which must lie within whole, EXIF without entries.
func (r *boxReader) emptyEXIF(s, whole span) {
	if s.at >= whole.at && s.end <= whole.end && s.end-s.at >= int64(len(emptyEXIF)) {
		r.write(s.at, emptyEXIF)
	}
}
