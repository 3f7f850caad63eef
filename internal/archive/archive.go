// Package archive lays out zip archives whose members are stored, not deflated, before
// their first byte: size, ETag and every header follow from what is known of the
// members, so an archive can be sent in ranges and resumed. Memory holds no content.
//
// archive/zip writes an archive from its start to its end only, so the headers are
// written here (PKWARE APPNOTE 6.3.10), with zip64 fields only where they are needed.
package archive

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"sort"
	"time"
)

// MaxMembers is the most members of an archive.
const MaxMembers = 100_000

// A Member is a file of an archive. Its name in the archive can differ from Name,
// which need be neither safe nor unique.
type Member struct {
	Name     string
	Size     int64
	CRC32    uint32
	SHA256   string // distinguishes contents in the ETag
	Modified time.Time
}

// An Opener opens the content of the member with that index. It is called right
// before the content is read, so it can check that it may be read still.
type Opener func(member int) (io.ReadSeekCloser, error)

// An Archive is an io.ReadSeeker of a zip archive. It is not safe for concurrent use.
type Archive struct {
	members []Member // with the names in the archive
	starts  []int64  // of the members' local headers; the last one is of the directory
	entries []int64  // starts of the members' entries in the directory; the last one is its end
	size    int64
	open    Opener

	pos     int64
	current int // the open member; -1: none
	content io.ReadSeekCloser
	offset  int64 // in content
	err     error // the first of open or of content
}

// New lays out an archive of members, in that order. It opens none.
func New(members []Member, open Opener) (*Archive, error) {
	if len(members) > MaxMembers {
		return nil, fmt.Errorf("an archive of %d files: the most are %d", len(members), MaxMembers)
	}
	a := &Archive{open: open, current: -1, members: make([]Member, len(members)),
		starts: make([]int64, 0, len(members)+1), entries: make([]int64, 0, len(members)+1)}
	names := make([]string, len(members))
	for i, m := range members {
		names[i] = m.Name
		if m.Size < 0 {
			return nil, fmt.Errorf("the member %q has %d bytes", m.Name, m.Size)
		}
	}
	names = uniqueNames(names)
	pos := int64(0)
	for i, m := range members {
		m.Name, m.Modified = names[i], clampTime(m.Modified)
		a.members[i] = m
		a.starts = append(a.starts, pos)
		pos += localSize(m) + m.Size
	}
	a.starts = append(a.starts, pos)
	for i, m := range a.members {
		a.entries = append(a.entries, pos)
		pos += entrySize(m, a.starts[i])
	}
	a.entries = append(a.entries, pos)
	a.size = pos + int64(len(a.trailer()))
	return a, nil
}

// Size returns the size of the whole archive, in bytes.
func (a *Archive) Size() int64 { return a.size }

// ETag returns a strong entity tag (RFC 9110, 8.8.3): archives with the same tag have
// the same bytes.
func (a *Archive) ETag() string {
	h := sha256.New()
	for _, m := range a.members {
		_, _ = fmt.Fprintf(h, "%q %d %08x %s %d\n", m.Name, m.Size, m.CRC32, m.SHA256, m.Modified.Unix())
	}
	return `"zip-` + hex.EncodeToString(h.Sum(nil)) + `"`
}

// Member returns the index of the member whose header or content is at the current
// position, and false in the directory.
func (a *Archive) Member() (int, bool) {
	i := sort.Search(len(a.starts), func(i int) bool { return a.starts[i] > a.pos }) - 1
	return i, i >= 0 && i < len(a.members)
}

// Err returns the first error of the opener or of a member's content.
func (a *Archive) Err() error { return a.err }

// Close closes the open member.
func (a *Archive) Close() error {
	if a.content == nil {
		return nil
	}
	err := a.content.Close()
	a.content, a.current = nil, -1
	return err
}

// Seek implements io.Seeker. It opens nothing.
func (a *Archive) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekStart:
	case io.SeekCurrent:
		offset += a.pos
	case io.SeekEnd:
		offset += a.size
	default:
		return 0, fmt.Errorf("seeking in an archive: whence is %d", whence)
	}
	if offset < 0 {
		return 0, errors.New("seeking in an archive: before its start")
	}
	a.pos = offset
	return offset, nil
}

// Read implements io.Reader.
func (a *Archive) Read(p []byte) (n int, err error) {
	if len(p) == 0 {
		return 0, nil
	}
	s, err := a.Segment()
	if err != nil {
		return 0, err
	}
	if s.Content == nil {
		n = copy(p, s.Header)
	} else {
		n, err = s.Content.Read(p[:min(int64(len(p)), s.Size)])
	}
	return n, a.Advance(int64(n), err)
}

// A Segment is a run of bytes of an archive: either Header or the next Size bytes of
// Content, which is what the Opener returned.
type Segment struct {
	Header  []byte
	Content io.Reader
	Size    int64
}

// Segment returns the run of bytes at the current position, or io.EOF. The caller
// reads some of it, and then calls Advance.
func (a *Archive) Segment() (Segment, error) {
	switch {
	case a.err != nil:
		return Segment{}, a.err
	case a.pos >= a.size:
		return Segment{}, io.EOF
	}
	i, ok := a.Member()
	if !ok {
		return headerSegment(a.directory()), nil
	}
	in := a.pos - a.starts[i] - localSize(a.members[i])
	if in < 0 {
		header := localHeader(a.members[i])
		return headerSegment(header[int64(len(header))+in:]), nil
	}
	if err := a.seekContent(i, in); err != nil {
		a.err = err
		return Segment{}, err
	}
	return Segment{Content: a.content, Size: a.members[i].Size - in}, nil
}

func headerSegment(header []byte) Segment { return Segment{Header: header, Size: int64(len(header))} }

// Advance moves the position by the n bytes of the segment that were read. err is that
// of the read: the end of a content within its segment is an error.
func (a *Archive) Advance(n int64, err error) error {
	a.pos += n
	if a.content != nil {
		a.offset += n
	}
	if n > 0 && errors.Is(err, io.EOF) {
		return nil // the next read meets the end again, if it is too early
	}
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	if err != nil && a.err == nil {
		a.err = err
	}
	return err
}

// seekContent makes content that of the member i, at the given offset.
func (a *Archive) seekContent(i int, offset int64) error {
	if a.current != i {
		if err := a.Close(); err != nil {
			return err
		}
		content, err := a.open(i)
		if err != nil {
			return fmt.Errorf("opening the member %d: %w", i, err)
		}
		a.current, a.content, a.offset = i, content, 0
	}
	if a.offset == offset {
		return nil
	}
	if _, err := a.content.Seek(offset, io.SeekStart); err != nil {
		return fmt.Errorf("seeking in the member %d: %w", i, err)
	}
	a.offset = offset
	return nil
}
