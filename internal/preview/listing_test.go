package preview_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/preview"
	"example.org/cloakroom/internal/testenv"
)

func list(t testing.TB, archive string) preview.Preview {
	t.Helper()
	return showKind(t, "a.zip", models.KindArchive, archive, false)
}

// zipOf returns a zip with empty files of these names.
func zipOf(t testing.TB, names ...string) string {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, name := range names {
		one, err := w.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store})
		if err == nil && !strings.HasSuffix(name, "/") {
			_, err = one.Write([]byte("12345"))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func tarOf(t testing.TB, names ...string) string {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, name := range names {
		h := &tar.Header{Name: name, Size: 5}
		if strings.HasSuffix(name, "/") {
			h.Size = 0
		}
		err := w.WriteHeader(h)
		if err == nil {
			_, err = w.Write([]byte("12345")[:h.Size])
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func gzipped(t testing.TB, content io.Reader) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := io.Copy(w, content); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

var oddNames = []string{"a/", "a/b.txt", "../../etc/passwd", "/abs", `c:\x`, "<script>alert(1)</script>", "x\u202egpj.exe", "y\nz\t", "grü"}

// Each format lists its entries under the names that they have, made visible.
func TestListing_Formats(t *testing.T) {
	want := "[a/ a/b.txt ../../etc/passwd /abs c:\\x <script>alert(1)</script> x\uFFFDgpj.exe y\uFFFDz\uFFFD grü]"
	plain := tarOf(t, oddNames...)
	encoder, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{
		"zip": zipOf(t, oddNames...), "zip after something": "#!/bin/sh\n" + zipOf(t, oddNames...), "tar": plain, "7z": sevenZipOf(oddNames...),
		"tar.gz": gzipped(t, strings.NewReader(plain)), "tar.zst": string(encoder.EncodeAll([]byte(plain), nil)),
	}
	for _, program := range []string{"xz", "bzip2"} {
		path, err := exec.LookPath(program)
		if err != nil {
			testenv.Missing(t, program, "install xz-utils and bzip2")
			continue
		}
		cmd := exec.CommandContext(t.Context(), path, "-c")
		cmd.Stdin = strings.NewReader(plain)
		out, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		all["tar."+program] = string(out)
	}
	for format, content := range all {
		p := list(t, content)
		if p.Kind != preview.Archive {
			t.Errorf("%s is %+v", format, p)
			continue
		}
		names := []string{}
		for _, e := range p.Entries {
			names = append(names, e.Name)
		}
		if got := fmt.Sprint(names); got != want || p.Cut != "" || p.Size != 40 || p.Count != 9 ||
			!p.Entries[0].Folder || p.Entries[1].Folder {
			t.Errorf("%s is %s, %+v", format, got, p.Listing)
		}
		for _, at := range []int{len(content) / 2, len(content) - 1} {
			list(t, content[:at]) // whatever it is, it is shown
		}
	}
}

func TestListing_Bounds(t *testing.T) {
	const most = preview.PatientCounted
	for _, n := range []int{preview.MaxEntries, preview.MaxEntries + 1, most, most + 1} {
		names := slices.Repeat([]string{"a"}, n)
		for format, content := range map[string]string{"zip": zipOf(t, names...), "tar": tarOf(t, names...), "7z": sevenZipOf(names...)} {
			p := list(t, content)
			if p.Count != min(n, most) || strings.Contains(p.Cut, "too large to count") != (n > most) ||
				len(p.Entries) != preview.MaxEntries || (p.Cut != "") != (n > preview.MaxEntries) {
				t.Errorf("%s of %d: %d, %d are shown, %q", format, n, p.Count, len(p.Entries), p.Cut)
			}
		}
	}
	for more := range 2 {
		p := list(t, zipOf(t, strings.Repeat("ü", preview.MaxName+more)))
		if got := p.Entries[0].Name; got != strings.Repeat("ü", preview.MaxName)+strings.Repeat("…", more) {
			t.Errorf("a name of %d more: %q", more, got)
		}
	}
}

// A list that is cut, of an archive that is damaged, says both, and how far each goes.
func TestListing_CutAndDamaged(t *testing.T) {
	for n, want := range map[int]string{
		preview.MaxEntries: "The list ends here: the rest is damaged or too large to list.",
		1499:               "These are the first 1,000. What follows the first 1,499 is damaged or too large to count.",
	} {
		whole := tarOf(t, slices.Repeat([]string{"a"}, n)...)
		if p := list(t, whole[:len(whole)-1024]+strings.Repeat("damaged!", 64)); p.Cut != want || p.Count != n {
			t.Errorf("%d entries, then damage: %d, %q, want %q", n, p.Count, p.Cut, want)
		}
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// A bomb is decompressed up to the bound, and its entries until then are listed.
func TestListing_Bomb(t *testing.T) {
	for size, want := range map[int64]int{preview.PatientUnpacked - 4096: 2, preview.PatientUnpacked: 1} {
		var head bytes.Buffer
		w := tar.NewWriter(&head)
		if err := w.WriteHeader(&tar.Header{Name: "bomb", Size: size}); err != nil {
			t.Fatal(err)
		}
		bomb := gzipped(t, io.MultiReader(&head, io.LimitReader(zeros{}, size), strings.NewReader(tarOf(t, "last"))))
		p := list(t, bomb)
		if p.Kind != preview.Archive || p.Count != want || (p.Cut == "") != (want == 2) {
			t.Errorf("%d bytes in %d: %+v %+v", size, len(bomb), p, p.Listing)
		}
	}
}

// What is no archive is a card.
func TestListing_NoArchive(t *testing.T) {
	for _, content := range []string{
		"", "PK", "7z\xbc\xaf\x27\x1c", sealed([]byte("7z\xbc\xaf\x27\x1c\x00\x04" + strings.Repeat("\x00", 24))), "PK\x05\x06", zipOf(t), gzipped(t, strings.NewReader("text")), "\xfd7zXZ\x00\x00", "BZh9", "\x28\xb5\x2f\xfd",
	} {
		if p := list(t, content); p.Kind != preview.Card {
			t.Errorf("%q is %+v", content, p)
		}
	}
}

// The entries of a zip are those that the standard library finds.
func FuzzListing(f *testing.F) {
	f.Add([]byte(zipOf(f, oddNames...)))
	f.Add([]byte(tarOf(f, oddNames...)))
	f.Add([]byte(gzipped(f, strings.NewReader(tarOf(f, "a")))))
	for name, archive := range realSevenZips(f) {
		if name != "each.7z" {
			f.Add([]byte(archive))
		}
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		p := list(t, sealed(content)) // with the checksums that it would need
		if p.Kind == preview.Archive && (len(p.Entries) > preview.MaxEntries || p.Size < 0) {
			t.Errorf("sealed: %+v", p.Listing)
		}
		p = list(t, string(content))
		if p.Kind == preview.Archive && (len(p.Entries) > preview.MaxEntries || p.Size < 0) {
			t.Errorf("%+v", p.Listing)
		}
		r, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
		if err != nil || len(r.File) == 0 || !bytes.HasPrefix(content, []byte("PK\x03\x04")) {
			return
		}
		if p.Listing == nil {
			t.Errorf("the zip of %d files is %+v", len(r.File), p)
		}
	})
}
