package e2e_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
)

// hostileFiles returns files that would run if a preview showed any of them as more than data.
func hostileFiles(t *testing.T) map[string][]byte {
	t.Helper()
	all := strings.Join(scripts, "\n\n")
	names := append([]string{"../../etc/passwd", "x\u202egpj.exe", "C:\\autoexec.bat", "/abs"}, scripts...)
	return map[string][]byte{
		"page.html": []byte("<!doctype html><title>x</title>" + all), "picture.svg": []byte(`<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>`),
		"README.md": []byte("# x\n\n" + all), "code.go": []byte("package a\n\n// </pre><script>window.__xss=1</script>\nvar s = `" + all + "`\n"),
		"code.js": []byte("</pre></span>" + all), "table.csv": []byte("=cmd|'/c calc'!A1,\"" + strings.ReplaceAll(all, `"`, `""`) + "\",<script>alert(1)</script>\n"),
		"table.tsv": []byte(strings.Join(scripts, "\n")), "nul.txt": []byte("\x1b]0;x\x07 \u202e" + all),
		"legacy.txt": append([]byte{0x93, 0x80, '\n'}, all...), "wide.txt": []byte("\xff\xfe<\x00s\x00c\x00r\x00i\x00p\x00t\x00>\x00"),
		"paper.pdf": paper(),
		"names.zip": zipNamed(t, names), "many.zip": zipNamed(t, make([]string, 100_000)), "bomb.tar.gz": tarBomb(t),
	}
}

func zipNamed(t *testing.T, names []string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, name := range names {
		if name == "" {
			name = "a.txt"
		}
		if _, err := w.CreateHeader(&zip.FileHeader{Name: name}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// tarBomb returns a tar whose first file has 300 MiB, compressed to about 300 KiB.
func tarBomb(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	packed := gzip.NewWriter(&b)
	w := tar.NewWriter(packed)
	const size = 300 << 20
	if err := w.WriteHeader(&tar.Header{Name: "<script>alert(1)</script>", Size: size}); err != nil {
		t.Fatal(err)
	}
	zeros, err := os.Open("/dev/zero")
	if err != nil {
		t.Fatal(err)
	}
	defer zeros.Close()
	if _, err := io.CopyN(w, zeros, size); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := packed.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Nothing of a hostile file runs in its preview, by its owner and through a link, formatted and as
// its source: no script, no dialog, no violation of a policy, no other page.
func TestPreviews_RunNothing(t *testing.T) {
	s := startSite(t, sqliteAndDisk(t), "UPLOAD_TYPES=*")
	ann := newUser(t, s, "ann")
	browser := startBrowser(t)
	shown, hostile := 0, hostileFiles(t)
	for _, js := range []bool{true, false} {
		b := newTab(t, browser, s, js)
		b.logIn("ann", password)
		b.watchDialogs()
		for name, content := range hostile {
			file := ann.mustUpload(name, content)
			for _, query := range []string{"", "?source=1"} {
				path := "/files/" + file.ID + "/preview"
				if js {
					b.openCalm(path + query)
				} else {
					b.open(path+query, http.StatusOK)
				}
				if b.path() != path || !strings.Contains(b.text("h1"), name) {
					t.Errorf("%s: the page is %s, %q", name, b.path(), b.text("h1"))
				}
				shown++
			}
		}
	}
	if want := 2 * 2 * len(hostile); shown != want {
		t.Errorf("%d previews were shown, want %d", shown, want)
	}
	t.Logf("%d previews of hostile files were shown", shown)
	s.wantNoErrors()
}
