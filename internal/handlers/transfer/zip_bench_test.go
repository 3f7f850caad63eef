package transfer

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"example.org/cloakroom/internal/archive"
)

// BenchmarkSend sends a zip of 1,000 files and one file of the same size.
func BenchmarkSend(b *testing.B) {
	const each, count = 5 << 20, 1000
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
	one, small := sparse("one", each*count), sparse("small", each)
	members := make([]archive.Member, count)
	for i := range members {
		members[i] = archive.Member{Name: "a.bin", Size: each}
	}
	contents := map[string]func() (io.ReadSeekCloser, error){
		"file": func() (io.ReadSeekCloser, error) { return os.Open(one) },
		"zip": func() (io.ReadSeekCloser, error) {
			return archive.New(members, func(int) (io.ReadSeekCloser, error) { return os.Open(small) })
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
