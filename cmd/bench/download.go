package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"
)

// bigReads and smallReads are the buffer sizes for large and small responses.
const (
	bigReads   = 256 << 10
	smallReads = 16 << 10
)

// downloads measures the large file over one connection and over eight.
func (b *bench) downloads(ctx context.Context) error {
	aims := map[int]float64{1: 1, 8: 1.45}
	for _, conns := range []int{1, 8} {
		l := load{conns: conns, requests: max(2, conns), limit: time.Minute, buffer: bigReads, status: 200}
		name := fmt.Sprintf("download of %d MiB, %d at once", b.size>>20, conns)
		err := b.compare(comparison{name: name, metric: byByte(), against: "nginx", least: aims[conns]},
			b.sides(ctx, l, get(b.large, b.owner.cookie), get("/files/"+largeName, ""))...)
		if err != nil {
			return err
		}
	}
	return nil
}

// ranges measures random ranges of the large file.
func (b *bench) ranges(ctx context.Context) error {
	piece := min(1<<20, b.size)
	at := func(path, headers string) requestFunc {
		return func(chance *rand.Rand, buffer []byte) []byte {
			from := chance.Int64N(b.size - piece + 1)
			return fmt.Appendf(buffer, "GET %s HTTP/1.1\r\nHost: localhost\r\n%sRange: bytes=%d-%d\r\n\r\n",
				path, headers, from, from+piece-1)
		}
	}
	l := load{conns: 8, requests: 4000, limit: 15 * time.Second, buffer: bigReads, status: 206}
	name := fmt.Sprintf("random ranges of %d KiB, 8 at once", piece>>10)
	return b.compare(comparison{name: name, metric: byByte(), against: "nginx", least: 0.8},
		b.sides(ctx, l, at(b.large, b.owner.cookie), at("/files/"+largeName, ""))...)
}

// smallFiles measures files so small that the access check dominates: for a user, whose
// session is looked up, and for a guest.
func (b *bench) smallFiles(ctx context.Context) error {
	small, err := os.ReadFile(filepath.Join(b.bareDir(), smallName))
	if err != nil {
		return err
	}
	path, err := b.owner.publish(ctx, b.ours.addr, smallName, small)
	if err != nil {
		return err
	}
	for _, who := range []struct{ name, cookie string }{{"a user", b.owner.cookie}, {"a guest", ""}} {
		l := load{conns: 32, requests: 20000, limit: 15 * time.Second, buffer: smallReads, status: 200}
		name := fmt.Sprintf("files of %d KiB by %s, 32 at once", smallSize>>10, who.name)
		err := b.compare(comparison{name: name, metric: byRequest(), against: "nginx", least: 0.25},
			b.sides(ctx, l, get(path, who.cookie), get("/files/"+smallName, ""))...)
		if err != nil {
			return err
		}
	}
	return nil
}
