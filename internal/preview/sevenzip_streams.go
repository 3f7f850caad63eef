package preview

import "encoding/binary"

// maxCoders is the number of coders, and of their streams, of a folder. 7-Zip reads as many.
const maxCoders = 32

// streams says what of a 7z is packed, and how.
type streams struct {
	at, packed uint64 // where the first packed stream is after the head, and its length
	folders    []folder
	sizes      []uint64 // of the files in all folders, in their order
}

// A folder is what some coders make of some packed streams: the content of files, one after another.
type folder struct {
	coders             int
	method, properties []byte // of the last coder
	encrypted          bool
	outputs, last      int    // streams that its coders make, and the one that no other coder reads
	size               uint64 // unpacked
	crc                uint32
	checked            bool   // there is a crc
	files              uint64 // that have a content
}

// streams reads what is packed, in up to most folders and of up to most files. Of more files, it
// returns the sizes of the first. More folders are bad.
func (h *header) streams(most int) (s streams) {
	id := h.number()
	if id == sevenZipPack {
		s.at, s.packed = h.packed()
		id = h.number()
	}
	if id == sevenZipUnpack {
		s.folders = h.folders(most)
		id = h.number()
	}
	if id == sevenZipSubstreams {
		s.sizes = h.substreams(s.folders, most)
		id = h.number()
	} else {
		for _, f := range s.folders {
			s.sizes = append(s.sizes, f.size)
		}
	}
	if id != sevenZipEnd {
		h.fail()
	}
	return s
}

// packed reads the places of the packed streams and returns that of the first.
func (h *header) packed() (at, length uint64) {
	at = h.number()
	n := h.number()
	for id := h.number(); id != sevenZipEnd && !h.bad; id = h.number() {
		switch id {
		case sevenZipSize:
			for i := uint64(0); i < n && !h.bad; i++ {
				if one := h.number(); i == 0 {
					length = one
				}
			}
		case sevenZipCRC:
			h.digests(n)
		default:
			h.fail()
		}
	}
	return at, length
}

func (h *header) folders(most int) []folder {
	h.want(sevenZipFolder)
	n := h.number()
	h.want(0) // they are here
	if n > uint64(max(most, 0)) || n > uint64(len(h.b)) {
		h.fail()
		return nil
	}
	all := make([]folder, 0, min(n, 64))
	for i := uint64(0); i < n && !h.bad; i++ {
		all = append(all, h.folder())
	}
	h.want(sevenZipUnpackSize)
	for i := range all {
		for j := range all[i].outputs {
			if size := h.number(); j == all[i].last {
				all[i].size = size
			}
		}
	}
	for id := h.number(); id != sevenZipEnd && !h.bad; id = h.number() {
		if id != sevenZipCRC {
			h.fail()
			break
		}
		has, sums := h.digests(n)
		for i := range all {
			if all[i].checked = isSet(has, uint64(i)) && len(sums) >= 4; all[i].checked {
				all[i].crc = binary.LittleEndian.Uint32(sums)
				sums = sums[4:]
			}
		}
	}
	return all
}

func (h *header) folder() (f folder) {
	n := h.number()
	if n < 1 || n > maxCoders {
		h.fail()
		return f
	}
	f.coders = int(n)
	var inputs, outputs uint64
	for range n {
		in, out := h.coder(&f)
		inputs, outputs = inputs+in, outputs+out
		if in > maxCoders || out > maxCoders || inputs > maxCoders || outputs > maxCoders {
			h.fail()
			return f
		}
	}
	if outputs < 1 || inputs < outputs-1 {
		h.fail()
		return f
	}
	f.outputs = int(outputs)
	var read uint64 // the outputs that a coder reads, as bits
	for range outputs - 1 {
		h.number() // the input
		output := h.number()
		if output >= outputs {
			h.fail()
			return f
		}
		read |= 1 << output
	}
	if packed := inputs - (outputs - 1); packed > 1 {
		for range packed {
			h.number()
		}
	}
	for read>>f.last&1 == 1 {
		f.last++
	}
	return f
}

// coder reads a coder of f and returns how many streams it reads and makes.
func (h *header) coder(f *folder) (inputs, outputs uint64) {
	flags := h.take(1)
	if h.bad || flags[0]&0xc0 != 0 {
		h.fail()
		return 0, 0
	}
	f.method = h.take(uint64(flags[0] & 0x0f))
	f.encrypted = f.encrypted || string(f.method) == methodAES
	inputs, outputs = 1, 1
	if flags[0]&0x10 != 0 {
		inputs, outputs = h.number(), h.number()
	}
	f.properties = nil
	if flags[0]&0x20 != 0 {
		f.properties = h.take(h.number())
	}
	return inputs, outputs
}

// substreams reads the sizes of the files in folders and returns the first of them.
func (h *header) substreams(folders []folder, most int) (sizes []uint64) {
	for i := range folders {
		folders[i].files = 1
	}
	id := h.number()
	if id == sevenZipCount {
		for i := range folders {
			folders[i].files = h.number()
		}
		id = h.number()
	}
	sized := id == sevenZipSize
	var unchecked uint64
	for _, f := range folders {
		sizes = h.fileSizes(f, sized, sizes, most)
		if f.files != 1 || !f.checked {
			unchecked += f.files
		}
	}
	if sized {
		id = h.number()
	}
	for ; id != sevenZipEnd && !h.bad; id = h.number() {
		if id != sevenZipCRC {
			h.fail()
			break
		}
		h.digests(unchecked)
	}
	return sizes
}

// fileSizes appends the sizes of the files in a folder to sizes, up to most. The last has what
// the others leave of the folder.
func (h *header) fileSizes(f folder, sized bool, sizes []uint64, most int) []uint64 {
	left := f.size
	for i := uint64(1); i < f.files && !h.bad; i++ {
		size := h.number()
		if !sized || size > left {
			h.fail()
			break
		}
		left -= size
		if len(sizes) < most {
			sizes = append(sizes, size)
		}
	}
	if f.files > 0 && len(sizes) < most {
		sizes = append(sizes, left)
	}
	return sizes
}
