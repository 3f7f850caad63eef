package certificates

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"syscall"
	"time"
)

// stale implements source.
func (k *databaseSource) stale() bool { return false }

// next implements source: it returns when the first certificate is to be renewed. While
// another node renews, it returns when to look whether that node has died.
func (k *databaseSource) next() (at time.Time) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.elsewhere {
		return k.now().Add(retryEvery)
	}
	for _, pair := range k.byName {
		if renew := renewAt(pair); at.IsZero() || renew.Before(at) {
			at = renew
		}
	}
	return at
}

// stale implements source. A pair that was refused once is read again.
func (f *files) stale() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.stamp != f.stampNow() || slices.ContainsFunc(f.pairs, func(p *heldPair) bool { return p.refused != nil && !p.logged })
}

// next implements source.
func (f *files) next() time.Time { return time.Time{} }

// stampNow returns a text that differs when the files do. The caller holds mu.
func (f *files) stampNow() string {
	var text strings.Builder
	for _, pair := range f.pairs {
		for _, path := range []string{pair.Cert, pair.Key} {
			info, err := os.Stat(path)
			if err != nil {
				fmt.Fprintln(&text, err)
				continue
			}
			fmt.Fprintln(&text, info.ModTime().UnixNano(), info.Size(), info.Mode(), inode(info))
		}
	}
	return text.String()
}

// inode tells a file from another that replaced it.
func inode(info os.FileInfo) uint64 {
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		return stat.Ino
	}
	return 0
}
