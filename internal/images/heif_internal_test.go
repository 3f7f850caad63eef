package images

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"
	"testing"
)

// boxed returns a box of a HEIF file.
func boxed(kind string, parts ...string) string {
	body := strings.Join(parts, "")
	return string(binary.BigEndian.AppendUint32(nil, uint32(8+len(body)))) + kind + body
}

const (
	plain   = "\x00\x00\x00\x00"
	sized   = "\x00\x00\x00\x00\x00\x00\x01\x40\x00\x00\x00\xc8" // 320 × 200
	another = "\x00\x00\x00\x00\x00\x00\x00\x10\x00\x00\x00\x10" // 16 × 16
	clapped = "\x00\x00\x01\x3f\x00\x00\x00\x01\x00\x00\x00\xc7\x00\x00\x00\x01" + plain + plain + plain + plain
)

// heif returns a HEIF file whose primary image, with the number 1, has the properties after
// the first, which is the size of another.
func heif(properties ...string) string {
	indexes := ""
	for i := range properties {
		indexes += string([]byte{byte(i + 2)})
	}
	ipma := plain + "\x00\x00\x00\x02" + "\x00\x02\x01\x01" + "\x00\x01" + string([]byte{byte(len(properties))}) + indexes
	all := append([]string{boxed("ispe", another)}, properties...)
	return boxed("ftyp", "heic", plain, "mif1heic") + boxed("free", "xx") + boxed("meta", plain, boxed("pitm", plain, "\x00\x01"),
		boxed("iprp", boxed("ipco", all...), boxed("ipma", ipma))) + boxed("mdat", "pixels")
}

func TestScanHEIF(t *testing.T) {
	size := boxed("ispe", sized)
	profile := boxed("colr", "prof", "a profile")
	alpha := boxed("auxC", plain, "urn:mpeg:mpegB:cicp:systems:auxiliary:alpha\x00")
	wide := "\x01\x00\x00\x00" + "\x00\x00\x00\x01" + "\x00\x00\x00\x01" + "\x01" + "\x00\x01" // a version with long numbers
	for name, c := range map[string]struct {
		src        string
		heic, avif Info // zero: refused
		icc        string
	}{
		"plain":          {heif(size), Info{320, 200, 1}, Info{320, 200, 1}, ""},
		"turned":         {heif(size, boxed("irot", "\x01")), Info{200, 320, 1}, Info{200, 320, 1}, ""},
		"upside down":    {heif(size, boxed("irot", "\x02")), Info{320, 200, 1}, Info{320, 200, 1}, ""},
		"cut":            {heif(size, boxed("clap", clapped)), Info{319, 199, 1}, Info{319, 199, 1}, ""},
		"a sequence":     {strings.Replace(heif(size), "ftypheic", "ftypavis", 1), Info{}, Info{}, ""},
		"64 assigned":    {heif(slices.Repeat([]string{size}, 64)...), Info{320, 200, 1}, Info{320, 200, 1}, ""},
		"more":           {heif(slices.Repeat([]string{size}, 65)...), Info{}, Info{}, ""},
		"cut by zero":    {heif(size, boxed("clap", strings.Repeat(plain, 8))), Info{}, Info{}, ""},
		"colours":        {heif(size, profile), Info{320, 200, 1}, Info{320, 200, 1}, "a profile"},
		"transparent":    {heif(size, alpha), Info{}, Info{320, 200, 1}, ""},
		"no size":        {heif(profile), Info{}, Info{}, ""},
		"short size":     {heif(boxed("ispe", sized[:8])), Info{}, Info{}, ""},
		"no meta":        {boxed("ftyp", "heic", plain), Info{}, Info{}, ""},
		"no ftyp":        {heif(size)[28:], Info{}, Info{}, ""},
		"a wrong number": {strings.Replace(heif(size), "\x00\x01\x01\x02", "\x00\x01\x01\x09", 1), Info{}, Info{}, ""},
		"long numbers": {boxed("ftyp", "heic", plain) + boxed("meta", plain, boxed("pitm", "\x01\x00\x00\x00", "\x00\x00\x00\x01"),
			boxed("iprp", boxed("ipco", size), boxed("ipma", wide[:3]+"\x01"+wide[4:]))), Info{320, 200, 1}, Info{320, 200, 1}, ""},
		"a long meta": {boxed("ftyp", "heic", plain) + "\x00\x20\x00\x00meta" + strings.Repeat(plain, 1<<18), Info{}, Info{}, ""},
	} {
		for mediaType, want := range map[string]Info{HEIC: c.heic, AVIF: c.avif} {
			h, err := (&Decoder{}).table()[mediaType].read(bytes.NewReader([]byte(c.src)))
			if want == (Info{}) {
				if err == nil {
					t.Errorf("%s as %s: it is %+v", name, mediaType, h.info())
				}
				continue
			}
			if err != nil || h.info() != want || string(h.icc) != c.icc {
				t.Errorf("%s as %s: %+v, %q, %v", name, mediaType, h.info(), h.icc, err)
			}
		}
	}
}

// For any input, the scanners fail or return a size.
func FuzzHEIF(f *testing.F) {
	f.Add([]byte(heif(boxed("ispe", sized), boxed("irot", "\x03"), boxed("imir", "\x01"), boxed("colr", "prof", "x"))))
	f.Add([]byte(heif(boxed("ispe", sized), boxed("clap", clapped))))
	f.Add([]byte(heif(slices.Repeat([]string{boxed("colr", "prof", strings.Repeat("x", 1000))}, 100)...)))
	f.Fuzz(func(t *testing.T, src []byte) {
		for _, mediaType := range []string{HEIC, AVIF} {
			h, err := (&Decoder{}).table()[mediaType].read(bytes.NewReader(src))
			if err == nil && (h.width <= 0 || h.height <= 0) {
				t.Errorf("%s: %d × %d", mediaType, h.width, h.height)
			}
		}
	})
}
