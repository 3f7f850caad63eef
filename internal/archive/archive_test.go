package archive

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"example.org/cloakroom/internal/testenv"
)

var noon = time.Date(2026, 3, 14, 12, 0, 1, 0, time.UTC)

type content struct{ *bytes.Reader }

func (content) Close() error { return nil }

// newArchive returns an archive of the texts, by name in that order.
func newArchive(t testing.TB, namesAndTexts ...string) *Archive {
	t.Helper()
	var members []Member
	for i := 0; i < len(namesAndTexts); i += 2 {
		text := []byte(namesAndTexts[i+1])
		members = append(members, Member{Name: namesAndTexts[i], Size: int64(len(text)), CRC32: crc32.ChecksumIEEE(text), Modified: noon})
	}
	a, err := New(members, func(i int) (io.ReadSeekCloser, error) {
		return content{bytes.NewReader([]byte(namesAndTexts[2*i+1]))}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	return a
}

// seekerAt is an io.ReaderAt of an archive, for archive/zip.
type seekerAt struct{ *Archive }

func (s seekerAt) ReadAt(p []byte, off int64) (int, error) {
	if _, err := s.Seek(off, io.SeekStart); err != nil {
		return 0, err
	}
	n, err := io.ReadFull(s.Archive, p)
	if errors.Is(err, io.ErrUnexpectedEOF) && s.Err() == nil {
		err = io.EOF
	}
	return n, err
}

// unzip reads the archive with archive/zip and returns its names and texts.
func unzip(t testing.TB, a *Archive) (namesAndTexts []string) {
	t.Helper()
	z, err := zip.NewReader(seekerAt{a}, a.Size())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r) // archive/zip compares the CRC-32
		if err != nil {
			t.Fatalf("%s: %v", f.Name, err)
		}
		if f.Method != zip.Store || f.NonUTF8 || !f.Modified.Equal(noon) || f.Mode() != 0o644 {
			t.Errorf("%s: method %d, not UTF-8: %v, %v, %v", f.Name, f.Method, f.NonUTF8, f.Modified, f.Mode())
		}
		namesAndTexts = append(namesAndTexts, f.Name, string(text))
	}
	return namesAndTexts
}

func TestArchive_RoundTrip(t *testing.T) {
	for _, want := range [][]string{
		{},
		{"a.txt", "hello"},
		{"empty", "", "Größe €.txt", "x", "also empty", ""},
		{"b.txt", strings.Repeat("b", 100_000), "a.txt", "hello"},
	} {
		a := newArchive(t, want...)
		if got := unzip(t, a); !slices.Equal(got, want) {
			t.Errorf("got %.80q, want %.80q", got, want)
		}
		if err := iotest.TestReader(newArchive(t, want...), readAll(t, a, 0)); err != nil {
			t.Error(err)
		}
	}
}

func readAll(t testing.TB, a *Archive, from int64) []byte {
	t.Helper()
	if _, err := a.Seek(from, io.SeekStart); err != nil {
		t.Fatal(err)
	}
	all, err := io.ReadAll(a)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// From each position on, the bytes are those of the whole archive.
func TestArchive_ResumesAnywhere(t *testing.T) {
	a := newArchive(t, "a.txt", "hello", "empty", "", "b.txt", "world")
	whole := readAll(t, a, 0)
	if int64(len(whole)) != a.Size() {
		t.Fatalf("%d bytes, want Size %d", len(whole), a.Size())
	}
	for from := range a.Size() + 2 {
		if got := readAll(t, a, from); !bytes.Equal(got, whole[min(from, a.Size()):]) {
			t.Fatalf("from %d on: %q", from, got)
		}
	}
}

// Whatever the members say changes the ETag, and nothing else does.
func TestArchive_ETag(t *testing.T) {
	first := Member{Name: "a", Size: 1, CRC32: 1, SHA256: "aa", Modified: noon}
	tag := func(members ...Member) string {
		a, err := New(members, nil)
		if err != nil {
			t.Fatal(err)
		}
		return a.ETag()
	}
	if again := tag(first); tag(first) != again {
		t.Error("the same members have two tags")
	}
	for what, change := range map[string]func(*Member){
		"name": func(m *Member) { m.Name = "b" }, "size": func(m *Member) { m.Size++ }, "CRC-32": func(m *Member) { m.CRC32++ },
		"SHA-256": func(m *Member) { m.SHA256 = "bb" }, "time": func(m *Member) { m.Modified = noon.Add(time.Second) },
	} {
		other := first
		if change(&other); tag(other) == tag(first) {
			t.Errorf("another %s has the same tag", what)
		}
	}
	if tag(first, Member{Name: "b"}) == tag(Member{Name: "b"}, first) {
		t.Error("another order has the same tag")
	}
}

// zeros is a content of so many zero bytes.
type zeros struct{ *io.SectionReader }

func (zeros) Close() error { return nil }

type zeroAt struct{}

func (zeroAt) ReadAt(p []byte, _ int64) (int, error) {
	clear(p)
	return len(p), nil
}

// zerosOf lays out an archive of members of zero bytes.
func zerosOf(t *testing.T, sizes ...int64) *Archive {
	t.Helper()
	var members []Member
	for i, size := range sizes {
		sum := uint32(0)
		if size < 1<<20 {
			sum = crc32.ChecksumIEEE(make([]byte, size))
		}
		members = append(members, Member{Name: fmt.Sprintf("%d.bin", i), Size: size, CRC32: sum, Modified: noon})
	}
	a, err := New(members, func(i int) (io.ReadSeekCloser, error) {
		return zeros{io.NewSectionReader(zeroAt{}, 0, sizes[i])}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// Zip64 fields are there if a size or an offset needs more than 32 bits, and not at
// the last value that fits.
func TestArchive_Zip64(t *testing.T) {
	const edge = 1<<32 - 1
	header := localSize(Member{Name: "0.bin"})
	tests := []struct {
		name               string
		sizes              []int64
		local, entry, ends bool
	}{
		{"fits", []int64{edge - 1 - 2*header - 10, 10}, false, false, false},
		{"directory", []int64{edge - 2*header - 10, 10}, false, false, true},
		{"offset fits", []int64{edge - 1 - header, 10}, false, false, true},
		{"offset", []int64{edge - header, 10}, false, true, true},
		{"size", []int64{edge, 10}, true, true, true},
		{"size below", []int64{edge - 1, 10}, false, true, true},
		{"several", []int64{5 << 30, 6 << 30, 10}, true, true, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := zerosOf(t, tt.sizes...)
			z, err := zip.NewReader(seekerAt{a}, a.Size())
			if err != nil {
				t.Fatal(err)
			}
			for i, f := range z.File {
				if int64(f.UncompressedSize64) != tt.sizes[i] || int64(f.CompressedSize64) != tt.sizes[i] {
					t.Errorf("%s has %d bytes, want %d", f.Name, f.UncompressedSize64, tt.sizes[i])
				}
			}
			last := z.File[len(z.File)-1]
			r, err := last.Open()
			if err != nil {
				t.Fatal(err)
			}
			if all, err := io.ReadAll(r); err != nil || len(all) != 10 {
				t.Errorf("the last: %d bytes, %v", len(all), err)
			}
			i := len(tt.sizes) - 1
			if got := local64(a.members[0]) > 0; got != tt.local {
				t.Errorf("zip64 in the first header: %v", got)
			}
			if got := entry64(a.members[i], a.starts[i]) > 0; got != tt.entry {
				t.Errorf("zip64 in the last entry: %v", got)
			}
			if got := len(a.trailer()) > 22; got != tt.ends {
				t.Errorf("zip64 in the trailer: %v", got)
			}
		})
	}
}

// The most members are laid out and read in bounded memory, and one more is refused.
func TestArchive_MostMembers(t *testing.T) {
	sizes := make([]int64, MaxMembers)
	a := zerosOf(t, sizes...)
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	hash := crc32.NewIEEE()
	if n, err := io.Copy(hash, a); err != nil || n != a.Size() {
		t.Fatalf("%d bytes of %d, %v", n, a.Size(), err)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 1<<20 {
		t.Errorf("reading holds %d bytes", grown)
	}
	z, err := zip.NewReader(seekerAt{a}, a.Size())
	if err != nil || len(z.File) != MaxMembers {
		t.Fatalf("%d members, %v", len(z.File), err)
	}
	if _, err := New(make([]Member, MaxMembers+1), nil); err == nil {
		t.Error("one member more is not refused")
	}
}

// Content that is shorter than its member, cannot be opened or fails ends the archive
// with an error that stays, and no byte after it is read.
func TestArchive_BrokenContent(t *testing.T) {
	broken := errors.New("broken")
	for name, open := range map[string]Opener{
		"short":   func(int) (io.ReadSeekCloser, error) { return content{bytes.NewReader(make([]byte, 9))}, nil },
		"missing": func(int) (io.ReadSeekCloser, error) { return nil, broken },
	} {
		a, err := New([]Member{{Name: "a", Size: 10}, {Name: "b", Size: 0}}, open)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(a)
		if err == nil || a.Err() == nil || int64(len(got)) > localSize(a.members[0])+9 {
			t.Errorf("%s: %d bytes, %v, Err is %v", name, len(got), err, a.Err())
		}
		if n, err := a.Read(make([]byte, 1)); n != 0 || err == nil {
			t.Errorf("%s: it goes on", name)
		}
	}
}

func TestArchive_Seek(t *testing.T) {
	a := newArchive(t, "a", "x")
	if at, err := a.Seek(-1, io.SeekEnd); err != nil || at != a.Size()-1 {
		t.Errorf("from the end: %d, %v", at, err)
	}
	if at, err := a.Seek(-2, io.SeekCurrent); err != nil || at != a.Size()-3 {
		t.Errorf("from here: %d, %v", at, err)
	}
	if _, err := a.Seek(-1, io.SeekStart); err == nil {
		t.Error("before the start: no error")
	}
	if _, err := a.Seek(0, 3); err == nil {
		t.Error("whence 3: no error")
	}
}

// Times out of the format's range become its first or last.
func TestArchive_Times(t *testing.T) {
	for _, tt := range []struct{ in, want time.Time }{
		{time.Time{}, time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)},
		{noon.In(time.FixedZone("", 3600)), noon},
		{time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC), time.Unix(1<<32-1, 0).UTC()},
	} {
		if got := clampTime(tt.in); got != tt.want {
			t.Errorf("%v becomes %v, want %v", tt.in, got, tt.want)
		}
	}
}

// Info-ZIP finds no fault with an archive.
func TestArchive_InfoZIP(t *testing.T) {
	tool, err := exec.LookPath("unzip")
	if err != nil {
		testenv.Missing(t, "unzip", "apt-get install unzip")
	}
	for name, a := range map[string]*Archive{
		"plain": newArchive(t, "a.txt", "hello", "Größe.txt", "", "a.txt", strings.Repeat("x", 100_000)),
		"zip64": zerosOf(t, make([]int64, 1<<16)...),
	} {
		path := filepath.Join(t.TempDir(), name+".zip")
		if err := os.WriteFile(path, readAll(t, a, 0), 0o600); err != nil {
			t.Fatal(err)
		}
		if out, err := exec.CommandContext(t.Context(), tool, "-tqq", path).CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
	}
}
