package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
)

// A bench is one run: the servers and their data.
type bench struct {
	options
	table *table

	ours, bare *child
	nginx      *child // nil if it is not installed
	puts       bool   // whether nginx keeps uploads
	feedServer *child // ours, over a large database
	owner      account
	large      string // path of the large file on ours
}

// Paths within the working directory.
func (b *bench) oursDir() string  { return filepath.Join(b.dir, "ours") }
func (b *bench) bareDir() string  { return filepath.Join(b.dir, "bare") }
func (b *bench) nginxDir() string { return filepath.Join(b.dir, "nginx") }
func (b *bench) feedDir() string  { return filepath.Join(b.dir, "feed") }
func (b *bench) source() string   { return filepath.Join(b.bareDir(), largeName) }

const (
	largeName = "large.bin"
	smallName = "small.txt"
	smallSize = 10 << 10
)

// prepare provides what a case needs, unless it is there already.
func (b *bench) prepare(ctx context.Context, n need) (err error) {
	if n >= needServers && b.ours == nil {
		if err := b.startServers(ctx); err != nil {
			return err
		}
	}
	if n == needLarge && b.large == "" {
		if b.large, err = b.upload(ctx, b.ours.addr, b.owner.multipart(), 0, b.size); err != nil {
			return err
		}
		settle()
	}
	if n == needFeed && b.feedServer == nil {
		b.feedServer, err = b.startFeed(ctx)
	}
	return err
}

func (b *bench) startServers(ctx context.Context) (err error) {
	for _, dir := range []string{b.oursDir(), b.bareDir()} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return err
		}
	}
	if err := makeFile(b.source(), b.size); err != nil {
		return err
	}
	small := make([]byte, smallSize)
	for i := range small {
		small[i] = "a line of text\n"[i%15]
	}
	if err := os.WriteFile(filepath.Join(b.bareDir(), smallName), small, 0o600); err != nil {
		return err
	}
	if b.bare, err = startBare(b.bareDir()); err != nil {
		return err
	}
	if b.ours, err = startOurs(ctx, b.server, b.oursDir()); err != nil {
		return err
	}
	if b.nginx, b.puts, err = startNginx(ctx, b.nginxDir(), b.bareDir()); err != nil {
		return err
	}
	b.owner, err = register(ctx, b.ours.addr, "bench")
	return err
}

func (b *bench) close() error {
	return errors.Join(b.feedServer.stop(), b.ours.stop(), b.bare.stop(), b.nginx.stop())
}

// makeFile creates a file of incompressible bytes.
func makeFile(name string, size int64) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	out := bufio.NewWriterSize(f, 1<<20)
	_, err = io.CopyN(out, rand.NewChaCha8([32]byte{1}), size)
	return errors.Join(err, out.Flush(), f.Close())
}
