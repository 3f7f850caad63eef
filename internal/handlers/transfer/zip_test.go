package transfer

import (
	"hash/crc32"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"example.org/cloakroom/internal/archive"
)

// A kernelWriter counts the bytes that it gets as a part of an *os.File, which net/http
// sends by sendfile.
type kernelWriter struct {
	*httptest.ResponseRecorder
	fromFiles int64
}

func (w *kernelWriter) ReadFrom(r io.Reader) (int64, error) {
	n, err := io.Copy(struct{ io.Writer }{w.ResponseRecorder}, r)
	if limited, ok := r.(*io.LimitedReader); ok {
		if _, ok := limited.R.(*os.File); ok {
			w.fromFiles += n
		}
	}
	return n, err
}

// The kernel copies the content of members, and only the headers come from memory.
func TestZip_IsSentByTheKernel(t *testing.T) {
	text := make([]byte, 3*minBytesOut+1)
	path := filepath.Join(t.TempDir(), "a")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	member := archive.Member{Name: "a", Size: int64(len(text)), CRC32: crc32.ChecksumIEEE(text), Modified: time.Unix(0, 0)}
	a, err := archive.New([]archive.Member{member, member}, func(int) (io.ReadSeekCloser, error) { return os.Open(path) })
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	w := &kernelWriter{ResponseRecorder: httptest.NewRecorder()}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
	r.Header.Set("Range", "bytes=1000-")
	http.ServeContent(newMinRateWriter(w, time.Minute), r, "a.zip", time.Time{}, a)
	if got := int64(w.Body.Len()); got != a.Size()-1000 {
		t.Errorf("%d bytes were sent, want %d", got, a.Size()-1000)
	}
	if headers := int64(w.Body.Len()) - w.fromFiles; headers <= 0 || headers > 400 {
		t.Errorf("%d bytes came from memory", headers)
	}
}
