package e2e_test

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"example.org/cloakroom/internal/models"
)

var killSeed = flag.Uint64("kill.seed", 0, "the seed of TestKill, to see a run again; 0 takes a new one")

const (
	killRounds = 16
	// longestRound covers a start and a few uploads, so that the server is killed at any
	// point of them.
	longestRound = 400 * time.Millisecond
	largeFile    = 20 << 20
)

// The server is killed again and again at random moments of uploads. Every acknowledged
// upload must exist afterwards, and nothing of any other.
func TestKill(t *testing.T) {
	seed := *killSeed
	for seed == 0 {
		seed = rand.Uint64()
	}
	t.Logf("the seed is %d (-kill.seed)", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	p := sqliteAndDisk(t)
	s := startSite(t, p, "TIERS=free.storage=100GiB")
	k := &killing{t: t, user: newUser(t, s, "ann"), large: incompressible(largeFile, seed), small: photo(t, 320, 240, 3)}
	for range killRounds {
		k.round(time.Duration(random.Int64N(int64(longestRound))), random)
		if k.refused != nil {
			t.Fatalf("an upload was refused: %v", k.refused)
		}
		s.start()
	}
	s.program.Kill()
	ageJobs(t, p)
	s.start()
	k.wantAll()
	if code := s.stop(); code != 0 {
		t.Errorf("the server ended with %d, want 0", code)
	}
	left := len(blobs(t, p.bytes))
	ageBlobs(t, p.bytes)
	ageJobs(t, p)
	s.start()
	wantSwept(t, p)
	k.wantAll()
	t.Logf("%d of %d uploads were answered for; of %d files on the disk, %d are left",
		len(k.answered), k.tried, left, len(blobs(t, p.bytes)))
	if len(k.answered) < killRounds || len(k.answered) == k.tried {
		t.Errorf("%d of %d uploads were answered for: the moments are badly chosen", len(k.answered), k.tried)
	}
}

// killing holds the uploads to a server that is being killed.
type killing struct {
	t     *testing.T
	user  *client
	large []byte
	small []byte

	mu       sync.Mutex
	tried    int
	answered []received
	refused  error // an unsuccessful response, which must not occur
}

// round uploads over two connections as fast as possible, then kills the server.
func (k *killing) round(most time.Duration, random *rand.Rand) {
	ctx, cancel := context.WithTimeout(k.t.Context(), most)
	var lines sync.WaitGroup
	for line := range 2 {
		start := random.IntN(4)
		lines.Go(func() {
			for i := start; ctx.Err() == nil; i++ {
				// Not with ctx: the server is killed while the client sends.
				k.send(fmt.Sprintf("%d-%d", line, i), i%4 == 0)
			}
		})
	}
	<-ctx.Done()
	cancel()
	k.user.site.program.Kill() // during both uploads
	lines.Wait()
}

func (k *killing) send(name string, large bool) {
	name, content := name+".jpg", k.small
	if large {
		name, content = name+".gz", k.large
	}
	file, err := k.user.upload(context.Background(), name, bytes.NewReader(content))
	k.mu.Lock()
	defer k.mu.Unlock()
	k.tried++
	if err == nil {
		k.answered = append(k.answered, file)
	} else if strings.HasPrefix(err.Error(), "status ") {
		k.refused = err
	}
}

// wantAll requires every acknowledged file to be identical, and every image to be ready.
func (k *killing) wantAll() {
	k.t.Helper()
	for _, file := range k.answered {
		if got := k.user.hashOf("/files/" + file.ID + "/original"); got != file.SHA256 {
			k.t.Errorf("%s has the hash %s, want %s", file.URL, got, file.SHA256)
		}
		k.user.awaitReady(file.ID)
		k.user.get(file.URL, http.StatusPartialContent, "Range", "bytes=0-99")
	}
}

// incompressible returns random bytes that are detected as gzip.
func incompressible(size int, seed uint64) []byte {
	var key [32]byte
	key[0], key[1] = byte(seed), byte(seed>>8)
	content := make([]byte, size)
	_, _ = rand.NewChaCha8(key).Read(content) // never fails
	copy(content, gzipMagic)
	return content
}

const gzipMagic = "\x1f\x8b\x08\x00"

// blobs returns the files below dir.
func blobs(t *testing.T, dir string) (paths []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			paths = append(paths, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return paths
}

// ageBlobs makes all blobs old enough to be swept.
func ageBlobs(t *testing.T, dir string) {
	t.Helper()
	for _, path := range blobs(t, dir) {
		info, err := os.Stat(path)
		if err == nil {
			err = os.Chtimes(path, time.Time{}, info.ModTime().Add(-25*time.Hour))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// wantSwept waits until every blob has a record, and requires every record to have its
// blobs.
func wantSwept(t *testing.T, p place) {
	t.Helper()
	db := openDatabase(t, p)
	eventually(t, "all bytes have a record", func() bool {
		var keys []models.BlobKey
		for _, path := range blobs(t, p.bytes) {
			keys = append(keys, models.BlobKey(filepath.Base(path)))
		}
		known, err := db.KnownBlobs(t.Context(), keys)
		if err != nil {
			t.Fatal(err)
		}
		return len(known) == len(keys)
	})
	have := map[string]bool{}
	for _, path := range blobs(t, p.bytes) {
		have[filepath.Base(path)] = true
	}
	rows, err := db.SQLPool().QueryContext(t.Context(),
		"SELECT blob FROM files UNION SELECT clean FROM files UNION SELECT thumb_small FROM files UNION SELECT thumb_large FROM files")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var key string
		if err := rows.Scan(&key); err != nil {
			t.Fatal(err)
		}
		if key != "" && !have[key] {
			t.Errorf("the bytes %s have a record and are gone", key)
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
}
