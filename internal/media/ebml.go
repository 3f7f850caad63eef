package media

import (
	"bytes"
	"math/bits"
)

// Elements of Matroska (RFC 9559) that need special treatment, with their ids as stored.
const (
	ebmlHead      = 0x1a45dfa3
	ebmlSegment   = 0x18538067
	ebmlSeekHead  = 0x114d9b74
	ebmlSeek      = 0x4dbb
	ebmlSeekID    = 0x53ab
	ebmlInfo      = 0x1549a966
	ebmlTracks    = 0x1654ae6b
	ebmlTrack     = 0xae
	ebmlTrackType = 0x83
	ebmlTrackName = 0x536e
	ebmlCodec     = 0x86
	ebmlCues      = 0x1c53bb6b
	ebmlChapters  = 0x1043a770
	ebmlCluster   = 0x1f43b675
	ebmlTags      = 0x1254c367
	ebmlAttached  = 0x1941a469
	ebmlScale     = 0x2ad7b1
	ebmlDuration  = 0x4489
	ebmlMuxer     = 0x4d80
	ebmlWriter    = 0x5741
	ebmlVoid      = 0xec
	ebmlChecksum  = 0xbf

	trackMetadata = 33
	trackButtons  = 18
	trackLogo     = 16

	maxElements = 1 << 24 // that are read
)

// An element is a part of a Matroska file.
type element struct {
	id            uint64
	at, body, end int64
	endless       bool
}

// An ebmlReader plans the copy of a Matroska file.
type ebmlReader struct {
	*file
	*plan
	elements int
	tracks   bool
}

// planEBML plans the copy of the Matroska or WebM file f.
func planEBML(f *file, p *plan) error {
	r := &ebmlReader{file: f, plan: p}
	for at := int64(0); at < f.size; {
		e, err := r.next(at, f.size)
		if err != nil {
			return err
		}
		switch e.id {
		case ebmlHead:
		case ebmlSegment:
			if err := r.segment(e); err != nil {
				return err
			}
		default:
			if err := r.void(e); err != nil {
				return err
			}
		}
		at = e.end
	}
	switch {
	case !r.tracks:
		return unclean("it has no tracks")
	case r.over:
		return unclean("it has too many parts")
	}
	return nil
}

// number reads a number of variable length at an offset. With its marker it is an id.
func (r *ebmlReader) number(at int64, most int, marker bool) (value uint64, width int, err error) {
	first, err := r.read(at, 1)
	if err != nil {
		return 0, 0, err
	}
	if width = bits.LeadingZeros8(first[0]) + 1; width > most {
		return 0, 0, unclean("an element with an impossible length")
	}
	if value, err = r.uintN(at, width); err == nil && !marker {
		value &^= 1 << (7 * width)
	}
	return value, width, err
}

// next returns the element at an offset. A cut one ends where the file does.
func (r *ebmlReader) next(at, end int64) (e element, err error) {
	if r.elements++; r.elements > maxElements {
		return e, unclean("it has too many elements")
	}
	id, idWidth, err := r.number(at, 4, true)
	if err != nil {
		return e, err
	}
	length, width, err := r.number(at+int64(idWidth), 8, false)
	if err != nil {
		return e, err
	}
	e = element{id: id, at: at, body: at + int64(idWidth+width)}
	room := uint64(max(end-e.body, 0))
	switch e.endless = length == 1<<(7*width)-1; {
	case e.endless && id != ebmlSegment && id != ebmlCluster:
		return e, unclean("an element without a length")
	case e.body > end, !e.endless && length > room && id != ebmlSegment && id != ebmlCluster:
		return e, unclean("an element is larger than what it lies in")
	case e.endless || length > room:
		e.end = end
	default:
		e.end = e.body + int64(length)
	}
	return e, nil
}

// void makes e an element without meaning, of the same size.
func (r *ebmlReader) void(e element) error {
	length := e.end - e.at
	switch {
	case length < 2:
		return unclean("an element is too short")
	case length < 9:
		r.write(e.at, string([]byte{ebmlVoid, 0x80 | byte(length-2)}))
		r.zero(e.at+2, e.end)
	default:
		head := []byte{ebmlVoid, 1, 0, 0, 0, 0, 0, 0, 0}
		for i, rest := 8, length-9; i > 1; i-- {
			head[i], rest = byte(rest), rest>>8
		}
		r.write(e.at, string(head))
		r.zero(e.at+9, e.end)
	}
	return nil
}

// each calls visit for the elements in e, and voids checksums, which would be wrong, and what
// is void.
func (r *ebmlReader) each(e element, visit func(element) error) error {
	for at := e.body; at < e.end; {
		child, err := r.next(at, e.end)
		if err != nil {
			return err
		}
		if child.id == ebmlChecksum || child.id == ebmlVoid {
			err = r.void(child)
		} else {
			err = visit(child)
		}
		if err != nil {
			return err
		}
		at = child.end
	}
	return nil
}

// segment plans what a Segment holds. Of a live recording neither it nor its clusters say how
// long they are: a cluster ends where an element begins that belongs into a Segment.
func (r *ebmlReader) segment(segment element) error {
	for at := segment.body; at < segment.end; {
		e, err := r.next(at, segment.end)
		if err != nil {
			return err
		}
		switch e.id {
		case ebmlInfo:
			err = r.each(e, r.info)
		case ebmlSeekHead:
			err = r.each(e, r.seek)
		case ebmlTracks:
			r.tracks = true
			err = r.each(e, r.track)
		case ebmlCluster:
			if e.endless {
				e.end, err = r.clusterEnd(e)
			}
		case ebmlCues, ebmlChapters, ebmlVoid:
			if e.id == ebmlVoid {
				err = r.void(e)
			}
		default:
			err = r.void(e)
		}
		if err != nil {
			return err
		}
		at = e.end
	}
	return nil
}

// clusterEnd returns where a cluster without a length ends.
func (r *ebmlReader) clusterEnd(cluster element) (int64, error) {
	for at := cluster.body; at < cluster.end; {
		id, width, err := r.number(at, 4, true)
		if err != nil {
			return 0, err
		}
		if width == 4 { // all elements of a Segment, and none of a cluster
			return at, nil
		}
		length, lengthWidth, err := r.number(at+int64(width), 8, false)
		if err != nil {
			return 0, err
		}
		if length == 1<<(7*lengthWidth)-1 || id == 0 {
			return 0, unclean("an element without a length")
		}
		if r.elements++; r.elements > maxElements {
			return 0, unclean("it has too many elements")
		}
		body := at + int64(width+lengthWidth)
		if length >= uint64(cluster.end-min(body, cluster.end)) { // cut off
			return cluster.end, nil
		}
		at = body + int64(length)
	}
	return cluster.end, nil
}

// info plans an element of Info. What wrote the file must be there, and becomes empty.
func (r *ebmlReader) info(e element) error {
	switch e.id {
	case ebmlScale, ebmlDuration:
		return nil
	case ebmlMuxer, ebmlWriter:
		r.zero(e.body, e.end)
		return nil
	}
	return r.void(e)
}

// seek plans an element of a SeekHead: it must not lead to what is void now.
func (r *ebmlReader) seek(e element) error {
	if e.id != ebmlSeek {
		return r.void(e)
	}
	gone, writes := false, len(r.writes)
	err := r.each(e, func(child element) error {
		if child.id != ebmlSeekID || child.end-child.body > 4 {
			return nil
		}
		id, err := r.uintN(child.body, int(child.end-child.body))
		gone = gone || id == ebmlTags || id == ebmlAttached
		return err
	})
	if err == nil && gone {
		r.writes = r.writes[:writes]
		err = r.void(e)
	}
	return err
}

// track refuses tracks of metadata, of text, which may tell the place in each second, and of
// pictures with metadata of their own. It clears the names of others.
func (r *ebmlReader) track(e element) error {
	if e.id != ebmlTrack {
		return r.void(e)
	}
	return r.each(e, func(child element) error {
		switch {
		case child.id == ebmlTrackName:
			return r.void(child)
		case child.id == ebmlCodec:
			return r.codec(child)
		case child.id != ebmlTrackType || child.end-child.body > 8:
			return nil
		}
		kind, err := r.uintN(child.body, int(child.end-child.body))
		if err == nil && (kind == trackMetadata || kind == trackButtons || kind == trackLogo) {
			return unclean("it has a track of metadata")
		}
		return err
	})
}

// codec refuses the codecs of text and of pictures.
func (r *ebmlReader) codec(e element) error {
	name, err := r.read(e.body, int(min(e.end-e.body, maxCodec)))
	if err == nil && (bytes.HasPrefix(name, []byte("S_TEXT")) || bytes.HasPrefix(name, []byte("V_MJPEG"))) {
		return unclean("it has a track of text, or of pictures with metadata of their own")
	}
	return err
}

// maxCodec is how much of the name of a codec is read, in bytes.
const maxCodec = 32
