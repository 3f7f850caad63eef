package preview

import (
	"archive/tar"
	"bufio"
	"compress/bzip2"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"strings"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/mikelolasagasti/xz"

	"example.org/cloakroom/internal/problem"
)

// The bounds of the listing of an archive.
const (
	MaxEntries   = 1000      // that are shown
	MaxCounted   = 100_000   // that are counted
	MaxName      = 500       // characters of a name
	MaxDirectory = 16 << 20  // bytes that are read of the directory of a zip
	MaxUnpacked  = 256 << 20 // bytes that are decompressed to find the entries of a tar
	maxWindow    = 64 << 20  // bytes that a decompressor keeps
	maxListing   = 5 * time.Second
)

// A Listing is what an archive holds, by its own account.
type Listing struct {
	Entries []Entry
	Count   int
	Size    int64 // of all files that were counted, unpacked
	bounds  bounds
}

// An Entry is a file or a folder of an archive.
type Entry struct {
	Name   string
	Size   int64 // unpacked
	Folder bool
}

var errEnough = errors.New("as much as is listed was read")

// add adds an entry. It returns errEnough once MaxCounted are counted.
func (l *Listing) add(name string, size int64) error {
	if l.Count == l.bounds.counted {
		return errEnough
	}
	l.Count++
	l.Size += max(0, min(size, 1<<62-l.Size))
	if len(l.Entries) < MaxEntries {
		name = strings.NewReplacer("\n", "\uFFFD", "\t", "\uFFFD").Replace(strings.ToValidUTF8(name, "\uFFFD"))
		l.Entries = append(l.Entries, Entry{Name: shortened(printable(name), MaxName), Size: max(0, size), Folder: strings.HasSuffix(name, "/")})
	}
	return nil
}

// listing returns the preview of an archive: a card if nothing can be listed. It returns an
// error only if the content cannot be read, or if ctx ends.
func listing(ctx context.Context, content io.ReadSeeker, size int64, b bounds) (Preview, error) {
	limited, cancel := context.WithTimeout(ctx, b.listing)
	defer cancel()
	src := &source{ctx: limited, content: content}
	l := &Listing{bounds: b}
	err := l.read(src, size)
	switch {
	case ctx.Err() != nil:
		return Preview{}, ctx.Err()
	case src.failed != nil && limited.Err() == nil:
		return Preview{}, src.failed
	case errors.Is(err, errEncrypted):
		return Preview{Kind: Card, Why: "The list of this archive is encrypted. Open it with its password."}, nil
	case l.Count == 0:
		return Preview{Kind: Card}, nil
	}
	p := Preview{Kind: Archive, Listing: l}
	switch {
	case l.Count > len(l.Entries):
		p.Cut = "These are the first " + problem.Number(MaxEntries).String() + "."
		if err != nil {
			p.Cut += " What follows the first " + problem.Number(l.Count).String() + " is damaged or too large to count."
		}
	case err != nil:
		p.Cut = "The list ends here: the rest is damaged or too large to list."
	}
	return p, nil
}

// read reads the entries of an archive of any format.
func (l *Listing) read(src *source, size int64) error {
	packed := func(r io.Reader, err error) error { // reads the tar in r, up to its bound
		if err != nil {
			return err
		}
		return l.tar(&bounded{ctx: src.ctx, r: r, left: l.bounds.unpacked})
	}
	head := make([]byte, 6)
	n, _ := src.ReadAt(head, 0)
	if _, err := src.Seek(0, io.SeekStart); err != nil {
		return err
	}
	switch head := string(head[:n]); {
	case head == sevenZipHead:
		return l.sevenZip(src, size)
	case strings.HasPrefix(head, "\x1f\x8b"):
		return packed(gzip.NewReader(bufio.NewReader(src)))
	case strings.HasPrefix(head, "BZh"):
		return packed(bzip2.NewReader(bufio.NewReader(src)), nil)
	case head == "\xfd7zXZ\x00":
		return packed(xz.NewReader(src, maxWindow))
	case strings.HasPrefix(head, "\x28\xb5\x2f\xfd"):
		r, err := zstd.NewReader(src, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow), zstd.WithDecoderLowmem(true))
		if err != nil {
			return err
		}
		defer r.Close()
		return packed(r, nil)
	}
	if found, err := l.zip(src, size); found && (err == nil || l.Count > 0) {
		return err
	}
	l.Entries, l.Count, l.Size = nil, 0, 0
	if _, err := src.Seek(0, io.SeekStart); err != nil {
		return err
	}
	return l.tar(src)
}

// tar reads the entries of a tar. It skips the content of what can be sought.
func (l *Listing) tar(r io.Reader) error {
	for t := tar.NewReader(r); ; {
		h, err := t.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil && !errors.Is(err, tar.ErrInsecurePath) {
			return err
		}
		if err := l.add(h.Name, h.Size); err != nil {
			return err
		}
	}
}

// bounded reads up to left bytes until ctx ends, and then fails: there is more than is read.
// A few bytes can decompress to many, so it asks too whether time is up, beside source.
type bounded struct {
	ctx  context.Context //nolint:containedctx // it is the reader of one call
	r    io.Reader
	left int64
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errEnough
	}
	if err := b.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := b.r.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	return n, err
}

// A source is the content of an archive until ctx ends. It keeps the error of its content
// apart from what readers of archives make of it.
type source struct {
	ctx     context.Context //nolint:containedctx // it is the reader of one call
	content io.ReadSeeker
	failed  error
}

func (s *source) Read(p []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := s.content.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		s.failed = err
	}
	return n, err
}

// Seek implements io.Seeker.
func (s *source) Seek(offset int64, whence int) (int64, error) {
	return s.content.Seek(offset, whence)
}

// ReadAt implements io.ReaderAt for one goroutine. It moves the place at which Read goes on.
func (s *source) ReadAt(p []byte, offset int64) (int, error) {
	if _, err := s.content.Seek(offset, io.SeekStart); err != nil {
		return 0, err
	}
	n, err := io.ReadFull(s, p)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = io.EOF
	}
	return n, err
}
