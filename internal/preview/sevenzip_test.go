package preview_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"unicode/utf16"

	"example.org/cloakroom/internal/preview"
	"example.org/cloakroom/internal/testenv"
)

// realSevenZips returns what 7-Zip 26.02 made: 7z a, with one option each.
func realSevenZips(t testing.TB) map[string]string {
	t.Helper()
	paths, err := filepath.Glob("testdata/*.7z")
	if err != nil || len(paths) != 7 {
		t.Fatal(paths, err)
	}
	all := map[string]string{}
	for _, path := range paths {
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		all[filepath.Base(path)] = string(content)
	}
	return all
}

// What 7-Zip makes is listed: with its header packed in LZMA or not, with all files in one
// folder or each in its own, with four coders, or with encrypted contents. If the header is
// encrypted, the page says so.
func TestSevenZip_Real(t *testing.T) {
	for name, archive := range realSevenZips(t) {
		p := list(t, archive)
		switch name {
		case "encrypted.7z":
			if p.Kind != preview.Card || !strings.Contains(p.Why, "encrypted") {
				t.Errorf("%s is %+v", name, p)
			}
			continue
		case "stdin.7z":
			if p.Kind != preview.Archive || fmt.Sprint(p.Entries) != "[{unnamed 3 false}]" {
				t.Errorf("%s is %+v", name, p)
			}
			continue
		}
		if p.Kind != preview.Archive {
			t.Errorf("%s is %+v", name, p)
			continue
		}
		want := "[{a/ 0 true} {a/empty/ 0 true} {a/nothing.txt 0 false} {a/b.txt 11 false} {a/grün 😀.md 5 false} " +
			"{a/numbers.txt 1092 false} {a/true.bin 3000 false}]"
		if got := fmt.Sprint(p.Entries); got != want || p.Cut != "" || p.Count != 7 || p.Size != 4108 {
			t.Errorf("%s is %s, %q, %+v", name, got, p.Cut, p.Listing)
		}
		for n := range archive {
			if p := list(t, archive[:n]); p.Kind != preview.Card {
				t.Errorf("%d bytes of %s are %+v", n, name, p)
			}
		}
		for i := range archive { // no damage does more than it may
			damaged := []byte(archive)
			damaged[i] ^= 0x55
			list(t, string(damaged))
			list(t, sealed(damaged))
		}
	}
}

// number returns n as a 7z writes it.
func number(n uint64) string {
	return "\xff" + string(binary.LittleEndian.AppendUint64(nil, n))
}

func property(id byte, data string) string {
	return string(id) + number(uint64(len(data))) + data
}

// bits returns a vector of the bits of which set reports that they are set.
func bits(n int, set func(int) bool) string {
	vector := make([]byte, (n+7)/8)
	for i := range n {
		if set(i) {
			vector[i/8] |= 0x80 >> (i % 8)
		}
	}
	return string(vector)
}

// folders returns what a header says of one stream, unpacked by one coder without properties.
func folders(packed, unpacked int, id string) string {
	return "\x06" + number(0) + number(1) + "\x09" + number(uint64(packed)) + "\x00" +
		"\x07\x0b\x01\x00\x01" + string(byte(len(id))) + id + "\x0c" + number(uint64(unpacked)) + "\x00"
}

// sevenZipHeader returns the header of a 7z with files of five bytes and folders of these names.
func sevenZipHeader(names ...string) string {
	folder := func(i int) bool { return strings.HasSuffix(names[i], "/") }
	files, utf := 0, []byte{0}
	for i, name := range names {
		if !folder(i) {
			files++
		}
		for _, unit := range utf16.Encode([]rune(strings.TrimSuffix(name, "/") + "\x00")) {
			utf = binary.LittleEndian.AppendUint16(utf, unit)
		}
	}
	sizes := strings.Repeat("\x05", max(0, files-1))
	return "\x01\x04" + folders(5*files, 5*files, "\x00") + "\x08\x0d" + number(uint64(files)) + "\x09" + sizes + "\x00\x00" +
		"\x05" + number(uint64(len(names))) + property(0x0e, bits(len(names), folder)) + property(0x11, string(utf)) + "\x00\x00"
}

// sevenZipWith returns a 7z with that header.
func sevenZipWith(content, header string) string {
	head := binary.LittleEndian.AppendUint64([]byte("7z\xbc\xaf\x27\x1c\x00\x04----"), uint64(len(content)))
	head = binary.LittleEndian.AppendUint64(head, uint64(len(header)))
	return sealed([]byte(string(head) + "----" + content + header))
}

func sevenZipOf(names ...string) string {
	content := ""
	for _, name := range names {
		if !strings.HasSuffix(name, "/") {
			content += "12345"
		}
	}
	return sevenZipWith(content, sevenZipHeader(names...))
}

// sealed returns a 7z with right checksums of its header, if it is one.
func sealed(content []byte) string {
	if len(content) < 32 || !bytes.HasPrefix(content, []byte("7z\xbc\xaf\x27\x1c")) {
		return string(content)
	}
	content = bytes.Clone(content)
	le, rest := binary.LittleEndian, uint64(len(content)-32)
	if at, n := le.Uint64(content[12:]), le.Uint64(content[20:]); at <= rest && n <= rest-at {
		le.PutUint32(content[28:], crc32.ChecksumIEEE(content[32+at:][:n]))
	}
	le.PutUint32(content[8:], crc32.ChecksumIEEE(content[12:32]))
	return string(content)
}

// packedIn returns a header that says that header is its first stream, as it is.
func packedIn(header string, times int) (content, outer string) {
	for outer = header; times > 0; times-- {
		at := number(uint64(len(content)))
		content += outer
		streams := folders(len(outer), len(outer), "\x00")
		outer = "\x17\x06" + at + streams[1+len(at):] + "\x00"
	}
	return content, outer
}

func TestSevenZip_Bounds(t *testing.T) {
	for times := range 5 {
		content, header := packedIn(sevenZipHeader("a"), times)
		if p := list(t, sevenZipWith(content, header)); (p.Kind == preview.Archive) != (times < 4) {
			t.Errorf("a header packed %d times is %+v", times, p)
		}
	}
	plain := sevenZipHeader("a")
	spare := preview.MaxDirectory - len(plain) - len(property(0x19, ""))
	for more := range 2 {
		long := plain[:len(plain)-2] + property(0x19, strings.Repeat("\x00", spare+more)) + "\x00\x00"
		if p := list(t, sevenZipWith("12345", long)); (p.Kind == preview.Archive) != (more == 0) {
			t.Errorf("a header of %d more bytes than are read is %+v", more, p)
		}
		content, header := packedIn(long, 1)
		if p := list(t, sevenZipWith(content, header)); (p.Kind == preview.Archive) != (more == 0) {
			t.Errorf("a packed header of %d more bytes than are read is %+v", more, p)
		}
	}
	if xz, err := exec.LookPath("xz"); err != nil {
		testenv.Missing(t, "xz", "install xz-utils")
	} else {
		for more := range 2 { // a bomb of a header, of some thousand bytes
			long := plain[:len(plain)-2] + property(0x19, strings.Repeat("\x00", spare+more)) + "\x00\x00"
			cmd := exec.CommandContext(t.Context(), xz, "--format=raw", "--lzma1=lc=3,lp=0,pb=2", "-c")
			cmd.Stdin = strings.NewReader(long)
			packed, err := cmd.Output()
			if err != nil || len(packed) > 10_000 {
				t.Fatal(len(packed), err)
			}
			header := "\x17\x06" + number(0) + "\x01\x09" + number(uint64(len(packed))) + "\x00" +
				"\x07\x0b\x01\x00\x01\x23\x03\x01\x01\x05\x5d\x00\x00\x80\x00\x0c" + number(uint64(len(long))) + "\x00\x00"
			if p := list(t, sevenZipWith(string(packed), header)); (p.Kind == preview.Archive) != (more == 0) {
				t.Errorf("a header that unpacks to %d more bytes than are read is %+v", more, p)
			}
		}
	}
	for _, n := range []int{preview.PatientCounted, preview.PatientCounted + 1} {
		all := number(uint64(n)) + "\x00" + strings.Repeat("\x01\x01\x00", n) + "\x0c" + strings.Repeat("\x01", n) + "\x00"
		header := "\x01\x04\x06\x00\x00\x00\x07\x0b" + all + "\x00\x05" + number(uint64(n)) + "\x00\x00"
		if p := list(t, sevenZipWith("", header)); (p.Kind == preview.Archive) != (n == preview.PatientCounted) {
			t.Errorf("%d folders are %+v", n, p)
		}
	}
	for coders, want := range map[int]preview.Kind{1: preview.Archive, 32: preview.Archive, 33: preview.Card} {
		header := "\x01\x04\x06\x00\x00\x00\x07\x0b\x01\x00" + string(byte(coders)) + strings.Repeat("\x01\x00", coders)
		for i := range coders - 1 {
			header += string([]byte{byte(i), byte(i)})
		}
		header += "\x0c" + strings.Repeat("\x07", coders) + "\x00\x00\x05\x01\x00\x00"
		if p := list(t, sevenZipWith("", header)); p.Kind != want {
			t.Errorf("a folder of %d coders is %+v", coders, p)
		}
	}
}

// A count that the bytes do not bear reserves no memory and takes no time.
func TestSevenZip_HostileCounts(t *testing.T) {
	good := folders(5, 5, "\x00")
	for name, header := range map[string]string{
		"packed streams":    "\x01\x04\x06\x00" + number(1<<40) + "\x09\x01\x01",
		"sums of streams":   "\x01\x04\x06\x00" + number(1<<62) + "\x0a\x01",
		"folders":           "\x01\x04\x06\x00\x00\x00\x07\x0b" + number(1<<30) + "\x00\x01\x01\x00",
		"a thousand folder": "\x01\x04\x06\x00\x00\x00\x07\x0b" + number(1000) + "\x00\x01\x01\x00",
		"coders":            "\x01\x04\x06\x00\x00\x00\x07\x0b\x01\x00" + number(1<<30),
		"streams of coders": "\x01\x04\x06\x00\x00\x00\x07\x0b\x01\x00\x01\x11\x00" + number(1<<63) + number(1<<63),
		"properties":        "\x01\x04\x06\x00\x00\x00\x07\x0b\x01\x00\x01\x21\x00" + number(1<<62),
		"files in a folder": "\x01\x04" + good + "\x08\x0d" + number(1<<63) + "\x09\x01\x01\x01\x01",
		"sizes over theirs": "\x01\x04" + good + "\x08\x0d\x02\x09\x06\x00\x00\x05\x02\x11\x05\x00a\x00\x00\x00\x00\x00",
		"files":             "\x01\x04" + good + "\x00\x05" + number(1<<63) + "\x00\x00",
		"empty files":       "\x01\x05" + number(1<<63) + property(0x0e, "\xff\xff") + property(0x0f, "\xff") + "\x00\x00",
		"a long property":   "\x01\x05\x01\x11" + number(1<<63),
		"packed header":     "\x17" + folders(1<<20, 1<<24, "\x03\x01\x01") + "\x00",
		"unpacked header":   "\x17" + folders(5, 1<<40, "\x21") + "\x00",
		"archive":           "\x01\x02\x01" + number(1<<63),
		"additional":        "\x01\x03\x06\x00" + number(1<<63) + "\x09",
		"unknown method":    "\x17" + folders(5, 5, "\x04\x01\x08") + "\x00",
	} {
		archive := sevenZipWith("12345", header)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		p := list(t, archive)
		runtime.ReadMemStats(&after)
		if used := after.TotalAlloc - before.TotalAlloc; used > 1<<20 {
			t.Errorf("%s reserved %d bytes", name, used)
		}
		if p.Kind != preview.Card && (!strings.HasSuffix(name, "files") || p.Count > 16) {
			t.Errorf("%s: %+v", name, p.Listing)
		}
	}
}
