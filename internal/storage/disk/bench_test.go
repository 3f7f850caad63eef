package disk_test

import (
	"fmt"
	"io"
	"testing"

	"example.org/cloakroom/internal/models"
)

func BenchmarkPut(b *testing.B) {
	for _, size := range []int64{10 << 10, 1 << 20, 256 << 20} {
		b.Run(fmt.Sprintf("%dKiB", size>>10), func(b *testing.B) {
			store := newStore(b, b.TempDir())
			b.SetBytes(size)
			b.ReportAllocs()
			for b.Loop() {
				key := models.NewBlobKey()
				if _, err := store.Put(b.Context(), key, io.LimitReader(zeros{}, size)); err != nil {
					b.Fatal(err)
				}
				b.StopTimer()
				if err := store.Delete(b.Context(), key); err != nil {
					b.Fatal(err)
				}
				b.StartTimer()
			}
		})
	}
}

func BenchmarkOpen(b *testing.B) {
	for _, size := range []int64{0, 10 << 10, 256 << 20} {
		b.Run(fmt.Sprintf("%dKiB", size>>10), func(b *testing.B) {
			store, key := newStore(b, b.TempDir()), models.NewBlobKey()
			if _, err := store.Put(b.Context(), key, io.LimitReader(zeros{}, size)); err != nil {
				b.Fatal(err)
			}
			// The same buffer as in net/http; a writer that implements ReadFrom would
			// hide the reads.
			buf, sink := make([]byte, 32<<10), struct{ io.Writer }{io.Discard}
			b.SetBytes(size)
			b.ReportAllocs()
			for b.Loop() {
				blob, err := store.Open(b.Context(), key)
				if err != nil {
					b.Fatal(err)
				}
				n, err := io.CopyBuffer(sink, struct{ io.Reader }{blob}, buf)
				if n != size || err != nil {
					b.Fatalf("read %d bytes, %v; want %d", n, err, size)
				}
				if err := blob.Close(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
