package media

import (
	"bytes"
	"slices"
)

// A track is what a trak box says of where its samples are.
type track struct {
	handler                string
	chunks, sizes, offsets box
}

// planTrack plans a track, and drops one that is neither seen nor heard.
func (r *boxReader) planTrack(b box) error {
	zeros, writes := slices.Clone(r.zeros), len(r.writes)
	var t track
	if err := r.inside(b, func(b box) error { return r.inTrack(&t, b) }); err != nil {
		return err
	}
	keep := slices.Contains(keptTracks, t.handler)
	isText := t.handler == "text" || t.handler == "sbtl" || t.handler == "subt"
	r.texts = r.texts || isText
	if keep && t.offsets.kind != "" {
		from := len(r.kept)
		if err := r.keepSamples(t); err != nil {
			return err
		}
		if isText {
			told, err := r.tellsPlace(r.kept[from:])
			if err != nil {
				return err
			}
			if keep = !told; !keep {
				r.kept = r.kept[:from]
			}
		}
	}
	if !keep {
		r.zeros, r.writes, r.dropped = zeros, r.writes[:writes], true
		r.free(b)
	}
	return nil
}

// inTrack plans a box of trak, or of what lies in it.
func (r *boxReader) inTrack(t *track, b box) error {
	switch b.kind {
	case "tkhd", "mdhd":
		return r.clearTimes(b)
	case "hdlr":
		return r.planHandler(t, b)
	case "stsd":
		return r.planEntries(t, b)
	case "stsc":
		t.chunks = b
	case "stsz", "stz2":
		t.sizes = b
	case "stco", "co64":
		t.offsets = b
	case "mdia", "minf", "stbl", "edts", "tapt", "tref", "dinf", "gmhd":
		return r.inside(b, func(b box) error { return r.inTrack(t, b) })
	}
	return nil
}

// planHandler clears the maker and the name in an hdlr box. The first one says what a track
// is; one in minf is about how its data is stored.
func (r *boxReader) planHandler(t *track, b box) error {
	const head = 12 // version and flags, type of the component, handler
	kind, err := r.read(b.body, head)
	if err != nil || b.body+head > b.end {
		return unclean("a handler is too short")
	}
	if t.handler == "" {
		t.handler = string(kind[8:12])
	}
	r.zero(b.body+head, b.end)
	return nil
}

// pictures are the codecs whose frames are files with their own metadata.
var pictures = []string{"jpeg", "mjpa", "mjpb", "dmb1", "png ", "tiff", "mjp2"}

// planEntries clears the maker and the name of the encoder in an stsd box: cameras write
// theirs. The handler precedes it, as the standard demands.
func (r *boxReader) planEntries(t *track, b box) error {
	if t.handler != "vide" && t.handler != "soun" {
		return nil
	}
	for at := b.body + 8; at+8 <= b.end; {
		entry, err := r.next(at, b.end)
		if err != nil {
			return err
		}
		if slices.Contains(pictures, entry.kind) {
			return unclean("each of its pictures has metadata of its own")
		}
		const vendor, encoder, encoderEnd = 20, 50, 82
		r.zero(min(entry.at+vendor, entry.end), min(entry.at+vendor+4, entry.end))
		if t.handler == "vide" {
			r.zero(min(entry.at+encoder, entry.end), min(entry.at+encoderEnd, entry.end))
		}
		at = entry.end
	}
	return nil
}

// keepSamples notes where the samples of t are.
func (r *boxReader) keepSamples(t track) error {
	sizes, err := r.sampleSizes(t.sizes)
	if err != nil {
		return err
	}
	width := int64(4)
	if t.offsets.kind == "co64" {
		width = 8
	}
	chunks, err := r.uint32(t.offsets.body + 4)
	if err != nil {
		return err
	}
	if int64(chunks)*width > t.offsets.end-t.offsets.body-8 {
		return unclean("a table is too short")
	}
	runs := runReader{boxReader: r, table: t.chunks}
	sample := int64(0)
	for i := range int64(chunks) {
		per, err := runs.samples(i + 1)
		if err != nil {
			return err
		}
		length, err := sizes(sample, per)
		if err != nil {
			return err
		}
		sample += per
		offset, err := r.uintN(t.offsets.body+8+i*width, int(width))
		if err != nil {
			return err
		}
		if offset >= uint64(r.size) {
			continue // cut off
		}
		r.keep(span{int64(offset), min(int64(offset)+length, r.size)})
	}
	return nil
}

func (r *boxReader) keep(s span) {
	if last := len(r.kept) - 1; last >= 0 && r.kept[last].end == s.at {
		r.kept[last].end = s.end
		return
	}
	if len(r.kept) >= maxEdits {
		r.over = true
		return
	}
	r.kept = append(r.kept, s)
}

// sampleSizes returns a function for the bytes of n samples from the first one on.
func (r *boxReader) sampleSizes(b box) (func(first, n int64) (int64, error), error) {
	if b.kind == "" {
		return nil, unclean("a track has no sizes")
	}
	head, err := r.read(b.body, 12)
	if err != nil || b.body+12 > b.end {
		return nil, unclean("a table is too short")
	}
	bits := int64(32)
	if b.kind == "stz2" {
		if bits = int64(head[7]); bits != 4 && bits != 8 && bits != 16 {
			return nil, unclean("sizes of an unknown width")
		}
	} else if same, err := r.uint32(b.body + 4); err != nil || same != 0 {
		return func(_, n int64) (int64, error) { return min(n*int64(same), r.size), nil }, err
	}
	return func(first, n int64) (sum int64, err error) {
		for i := first; i < first+n; i++ {
			at := b.body + 12 + i*bits/8
			if at+(bits+7)/8 > b.end {
				return 0, unclean("a table is too short")
			}
			length, err := r.uintN(at, int(bits+7)/8)
			if err != nil {
				return 0, err
			}
			if bits == 4 {
				length = length >> (4 * (1 - i%2)) & 15
			}
			sum = min(sum+int64(length), r.size)
		}
		return sum, nil
	}, nil
}

// A runReader reads an stsc table: how many samples each chunk has, in runs of chunks.
type runReader struct {
	*boxReader
	table box
	entry int64 // of the run
	per   int64 // samples in each of its chunks
	until int64 // first chunk of the next run
}

// samples returns how many samples a chunk has, counted from 1. Chunks are asked in order.
func (r *runReader) samples(chunk int64) (int64, error) {
	if r.table.kind == "" {
		return 0, unclean("a track has no chunks")
	}
	for chunk >= r.until {
		count, err := r.uint32(r.table.body + 4)
		if err != nil {
			return 0, err
		}
		at := r.table.body + 8 + 12*r.entry
		if r.entry >= int64(count) || at+12 > r.table.end {
			return 0, unclean("a table is too short")
		}
		per, err := r.uint32(at + 4)
		if err != nil {
			return 0, err
		}
		r.per, r.until = int64(per), 1<<62
		if r.entry++; r.entry < int64(count) && at+16 <= r.table.end {
			first, err := r.uint32(at + 12)
			if err != nil {
				return 0, err
			}
			r.until = int64(first)
		}
	}
	return r.per, nil
}

// telltale are words in subtitles that a drone or a camera writes, and no film.
var telltale = [][]byte{[]byte("gps"), []byte("latitude"), []byte("longitude"), []byte("home("), []byte("$gp"), []byte("iso:")}

// maxText is how much text of a track is searched.
const maxText = 16 << 20

// tellsPlace reports whether the text in spans tells a place or a camera.
func (r *boxReader) tellsPlace(spans []span) (bool, error) {
	left := int64(maxText)
	for _, s := range spans {
		if left -= s.end - s.at; left < 0 {
			return false, unclean("it has too much text")
		}
		const step = window / 2
		for at := s.at; at < s.end; at += step { // halves overlap, so that no word is cut
			text, err := r.read(at, int(min(window, s.end-at)))
			if err != nil {
				return false, err
			}
			text = bytes.ToLower(text)
			if slices.ContainsFunc(telltale, func(word []byte) bool { return bytes.Contains(text, word) }) {
				return true, nil
			}
		}
	}
	return false, nil
}
