package media

import "slices"

// A box is a part of an ISO base media file (ISO/IEC 14496-12) or of a QuickTime movie.
type box struct {
	kind          string
	at, body, end int64 // of its header, of its content, and its end
}

// needed are the kinds of boxes that a player needs, by the kind of what they lie in. All
// others can hold anything and are freed.
var needed = map[string][]string{
	"":     {"ftyp", "styp", "moov", "moof", "mdat", "mfra", "sidx", "ssix", "pdin", "meta"},
	"moov": {"mvhd", "trak", "mvex"},
	"mvex": {"mehd", "trex", "leva"},
	"trak": {"tkhd", "edts", "tref", "mdia", "tapt"},
	"edts": {"elst"},
	"tapt": {"clef", "prof", "enof"},
	"tref": {"chap", "subt", "hint", "dpnd", "auxl", "vdep", "vplx", "thmb", "forc", "fall", "sync", "ssrc"},
	"mdia": {"mdhd", "hdlr", "minf", "elng"},
	"minf": {"vmhd", "smhd", "nmhd", "sthd", "gmhd", "hdlr", "dinf", "stbl"},
	"gmhd": {"gmin", "text"},
	"dinf": {"dref"},
	"stbl": {"stsd", "stts", "ctts", "cslg", "stss", "stps", "stsc", "stsz", "stz2", "stco", "co64", "sdtp", "sbgp", "sgpd",
		"subs", "saiz", "saio", "stdp", "stsh", "padb"},
	"moof": {"mfhd", "traf"},
	"traf": {"tfhd", "tfdt", "trun", "sbgp", "sgpd", "saiz", "saio", "senc", "subs"},
	"mfra": {"tfra", "mfro"},
	"meta": {"hdlr", "pitm", "iinf", "iref", "iprp", "idat", "iloc", "dinf", "grpl"},
	"iprp": {"ipco", "ipma"},
}

// keptTracks are the handlers of tracks that are seen or heard. Other tracks hold metadata,
// such as the place in each second, or the time of the day.
var keptTracks = []string{"vide", "soun", "text", "sbtl", "subt", "subp", "clcp", "auxv", "pict"}

// isBoxes reports whether a file begins as an ISO base media file or a QuickTime movie.
func isBoxes(head []byte) bool {
	if len(head) < 12 {
		return false
	}
	switch string(head[4:8]) {
	case "ftyp", "moov", "moof", "styp":
		return true
	case "mdat", "wide", "free", "skip", "pnot", "uuid":
		return head[0] == 0 && (head[1] == 0 || string(head[4:8]) == "mdat")
	}
	return false
}

// maxBoxes bounds how many boxes are read. A fragmented movie has some ten for each second.
const maxBoxes = 1 << 22

// A boxReader plans the copy of an ISO base media file.
type boxReader struct {
	*file
	*plan
	boxes int
	mdats []span
	kept  []span // of the file, which a kept track or item refers to
	exifs []span

	movie, fragments, items bool // it has them
	dropped                 bool // a track is not kept
	texts                   bool // a track has text
}

// planBoxes plans the copy of the ISO base media file f.
func planBoxes(f *file, p *plan) error {
	r := &boxReader{file: f, plan: p}
	if err := r.each(span{0, f.size}, "", r.top); err != nil {
		return err
	}
	switch {
	case !r.movie && !r.items:
		return unclean("it has neither a movie nor images")
	case r.fragments && (r.dropped || r.items || r.texts):
		return unclean("it has fragments, and tracks that are not kept or have text")
	case !r.fragments:
		r.kept = merged(r.kept)
		for _, mdat := range r.mdats {
			r.zeroAllBut(mdat, r.kept)
			for _, exif := range r.exifs {
				r.emptyEXIF(exif, mdat)
			}
		}
	}
	if r.over {
		return unclean("it has too many parts")
	}
	return nil
}

// next returns the box at an offset, which must end before end.
func (r *boxReader) next(at, end int64) (box, error) {
	if r.boxes++; r.boxes > maxBoxes {
		return box{}, unclean("it has too many boxes")
	}
	if end-at < 8 {
		return box{}, unclean("a box ends in the middle")
	}
	head, err := r.read(at, 8)
	if err != nil {
		return box{}, err
	}
	b := box{kind: string(head[4:]), at: at, body: at + 8}
	length, err := r.uintN(at, 4)
	if err != nil {
		return box{}, err
	}
	switch length {
	case 0:
		b.end = end
	case 1:
		if length, err = r.uintN(at+8, 8); err != nil {
			return box{}, err
		}
		b.body += 8
		fallthrough
	default:
		if length > uint64(r.size) {
			length = uint64(r.size) // checked below
		}
		b.end = at + int64(length)
	}
	if b.end > end && b.kind == "mdat" { // it was cut; a player shows what is there
		b.end = end
	}
	if b.end < b.body || b.end > end {
		return box{}, unclean("a box is larger than what it lies in")
	}
	return b, nil
}

// each calls visit for the boxes within s that are needed in parent, and frees the others.
func (r *boxReader) each(s span, parent string, visit func(box) error) error {
	for at := s.at; at < s.end; {
		if s.end-at == 4 && parent != "" { // QuickTime ends a list with a zero
			r.zero(at, s.end)
			return nil
		}
		b, err := r.next(at, s.end)
		if err != nil {
			return err
		}
		if !slices.Contains(needed[parent], b.kind) {
			r.free(b)
		} else if visit != nil {
			if err := visit(b); err != nil {
				return err
			}
		}
		at = b.end
	}
	return nil
}

// free makes b a box without content.
func (r *boxReader) free(b box) {
	if b.kind != "free" && b.kind != "skip" && b.kind != "wide" {
		r.write(b.at+4, "free")
	}
	r.zero(b.body, b.end)
}

// inside calls visit for the boxes in b.
func (r *boxReader) inside(b box, visit func(box) error) error {
	return r.each(span{b.body, b.end}, b.kind, visit)
}

// top plans a box of the file itself.
func (r *boxReader) top(b box) error {
	switch b.kind {
	case "ftyp":
		brand, err := r.read(b.body, 4)
		if err == nil && (string(brand) == "crx " || string(brand) == "jxl " || string(brand) == "jp2 ") {
			return unclean("an image of a kind that we do not know")
		}
		return err
	case "moov":
		r.movie = true
		return r.inside(b, r.inMovie)
	case "moof":
		r.fragments = true
		return r.inside(b, func(b box) error {
			if b.kind == "traf" {
				return r.inside(b, nil)
			}
			return nil
		})
	case "mdat":
		r.mdats = append(r.mdats, span{b.body, b.end})
		if len(r.mdats) > maxEdits {
			r.over = true
			r.mdats = r.mdats[:0]
		}
	case "mfra":
		return r.inside(b, nil)
	case "meta":
		return r.planItems(b)
	}
	return nil
}

// inMovie plans a box of moov.
func (r *boxReader) inMovie(b box) error {
	switch b.kind {
	case "mvhd":
		return r.clearTimes(b)
	case "mvex":
		return r.inside(b, nil)
	case "trak":
		return r.planTrack(b)
	}
	return nil
}

// clearTimes sets the times in mvhd, tkhd or mdhd to none.
func (r *boxReader) clearTimes(b box) error {
	version, err := r.read(b.body, 1)
	if err != nil {
		return err
	}
	length := int64(8)
	if version[0] == 1 {
		length = 16
	}
	if b.body+4+length > b.end {
		return unclean("a header is too short")
	}
	r.zero(b.body+4, b.body+4+length)
	return nil
}
