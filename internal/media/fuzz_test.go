package media_test

import (
	"bytes"
	"encoding/binary"
	"testing"
)

// For any input, Clean ends, fails with nothing but a problem, keeps the size, and cleaning
// twice changes nothing.
func fuzz(f *testing.F) {
	f.Fuzz(func(t *testing.T, src []byte) {
		out, err := clean(t, src)
		if err != nil {
			return
		}
		if again, err := clean(t, out); err != nil || !bytes.Equal(again, out) {
			t.Errorf("cleaning twice changes it: %v", err)
		}
	})
}

// atom returns a box.
func atom(kind string, content ...string) string {
	all := ""
	for _, c := range content {
		all += c
	}
	return string(binary.BigEndian.AppendUint32(nil, uint32(8+len(all)))) + kind + all
}

// movie returns a small movie with a video track whose only sample is in mdat.
func movie(handler, extra string) string {
	const times = "\x00\x00\x00\x00\xe2\x01\x02\x03\xe2\x01\x02\x03"
	ftyp := atom("ftyp", "isom\x00\x00\x02\x00isom")
	mdat := atom("mdat", "secretsampleplace")
	offset := string(binary.BigEndian.AppendUint32(nil, uint32(len(ftyp)+8+6)))
	entry := atom("avc1", string(make([]byte, 78)), atom("avcC", "\x01"))
	table := atom("stbl", atom("stsd", "\x00\x00\x00\x00\x00\x00\x00\x01"+entry),
		atom("stsc", "\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x01\x00\x00\x00\x01\x00\x00\x00\x01"),
		atom("stsz", "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x06"),
		atom("stco", "\x00\x00\x00\x00\x00\x00\x00\x01"+offset))
	trak := atom("trak", atom("tkhd", times+"\x00\x00\x00\x01"), atom("mdia", atom("mdhd", times), atom("hdlr",
		"\x00\x00\x00\x00\x00\x00\x00\x00"+handler+"appl\x00\x00\x00\x00Acme\x00"), atom("minf", table)), extra)
	return ftyp + mdat + atom("moov", atom("mvhd", times), trak, atom("udta", atom("\xa9xyz", "+48.8")))
}

func FuzzBoxes(f *testing.F) {
	f.Add([]byte(movie("vide", "")))
	f.Add([]byte(movie("meta", atom("uuid", "x"))))
	infe := func(id byte, kind string) string {
		return atom("infe", "\x02\x00\x00\x00\x00"+string(id)+"\x00\x00"+kind+"x\x00")
	}
	items := atom("meta", "\x00\x00\x00\x00", atom("hdlr", "\x00\x00\x00\x00\x00\x00\x00\x00pict\x00"),
		atom("iinf", "\x00\x00\x00\x00\x00\x02", infe(1, "av01"), infe(2, "Exif")), atom("iprp", atom("ipco", atom("udes", "Paris"))),
		atom("idat", "pixelsEXIFEXIFEXIFEXIFEXIF"),
		atom("iloc", "\x01\x00\x00\x00\x44\x00\x00\x02\x00\x01\x00\x01\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x06"+
			"\x00\x02\x00\x01\x00\x00\x00\x01\x00\x00\x00\x06\x00\x00\x00\x14"))
	f.Add([]byte(atom("ftyp", "avif\x00\x00\x00\x00avif") + items))
	fuzz(f)
}

func FuzzTIFF(f *testing.F) {
	short := func(tag, value byte) string { return string([]byte{0, tag, 0, 3, 0, 0, 0, 1, 0, value, 0, 0}) }
	ifd := "\x00\x04" + "\x01\x00\x00\x03\x00\x00\x00\x01\x00\x01\x00\x00" +
		"\x01\x11\x00\x04\x00\x00\x00\x01\x00\x00\x00\x40" + "\x01\x17\x00\x04\x00\x00\x00\x01\x00\x00\x00\x01" +
		"\x88\x25\x00\x04\x00\x00\x00\x01\x00\x00\x00\x41" + "\x00\x00\x00\x00"
	f.Add([]byte("MM\x00*\x00\x00\x00\x08" + ifd + "pixels and a place"))
	f.Add([]byte("MM\x00*\x00\x00\x00\x08\x00\x01" + short(254, 1) + "\x00\x00\x00\x08"))
	fuzz(f)
}

func FuzzEBML(f *testing.F) {
	head := "\x1a\x45\xdf\xa3\x84\x42\x86\x81\x01"
	tracks := "\x16\x54\xae\x6b\x85\xae\x83\x83\x81\x01"
	info := "\x15\x49\xa9\x66\x8e\xbf\x84abcd\x4d\x80\x81x\x44\x61\x81\x05"
	tags := "\x12\x54\xc3\x67\x82\x73\x73"
	f.Add([]byte(head + "\x18\x53\x80\x67\xff" + info + tracks + "\x1f\x43\xb6\x75\xff\xa3\x81x" + tags))
	f.Add([]byte(head + "\x18\x53\x80\x67\x9c" + tracks + tags + "\xec\x89secret000"))
	fuzz(f)
}
