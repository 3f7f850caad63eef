package transfer

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"example.org/cloakroom/internal/archive"
)

// BenchmarkSend sends a zip of 1,000 files of 1 MiB and one file of the same size, both
// from the page cache.
func BenchmarkSend(b *testing.B) {
	const each, count = 1 << 20, 1000
	dir := b.TempDir()
	sparse := func(name string, size int64) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			b.Fatal(err)
		}
		if err := os.Truncate(path, size); err != nil {
			b.Fatal(err)
		}
		return path
	}
	one := sparse("one", each*count)
	members, paths := make([]archive.Member, count), make([]string, count)
	for i := range members {
		members[i], paths[i] = archive.Member{Name: "a.bin", Size: each}, sparse(strconv.Itoa(i), each)
	}
	contents := map[string]func() (io.ReadSeekCloser, error){
		"file": func() (io.ReadSeekCloser, error) { return os.Open(one) },
		"zip": func() (io.ReadSeekCloser, error) {
			return archive.New(members, func(i int) (io.ReadSeekCloser, error) { return os.Open(paths[i]) })
		},
	}
	for _, name := range []string{"file", "zip"} {
		b.Run(name, func(b *testing.B) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				content, err := contents[name]()
				if err != nil {
					b.Error(err)
					return
				}
				defer content.Close()
				w.Header().Set("Content-Type", "application/zip")
				http.ServeContent(newMinRateWriter(w, time.Minute), r, "", time.Time{}, content)
			}))
			defer server.Close()
			b.SetBytes(each * count)
			b.ReportAllocs()
			for b.Loop() {
				req, err := http.NewRequestWithContext(b.Context(), http.MethodGet, server.URL, nil)
				if err != nil {
					b.Fatal(err)
				}
				res, err := server.Client().Do(req)
				if err != nil {
					b.Fatal(err)
				}
				if n, err := io.Copy(io.Discard, res.Body); err != nil || n < each*count {
					b.Fatalf("%d bytes, %v", n, err)
				}
				res.Body.Close()
			}
		})
	}
}
