package disk_test

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
	"example.org/cloakroom/internal/storage"
	"example.org/cloakroom/internal/storage/disk"
	"example.org/cloakroom/internal/storage/storagetest"
	"example.org/cloakroom/internal/testenv"
)

func TestMain(m *testing.M) { testenv.Main(m) }

func newStore(t testing.TB, dir string) *disk.Store {
	t.Helper()
	store, err := disk.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() }) // some tests close it first
	return store
}

func noRecords(context.Context, []models.BlobKey) (map[models.BlobKey]bool, error) { return nil, nil }

func farAhead() time.Time { return time.Now().Add(30 * 24 * time.Hour) }

func TestStore(t *testing.T) {
	storagetest.Run(t, func(t *testing.T) storage.Store { return newStore(t, t.TempDir()) })
}

// Where the kernel has no openat2, blobs open all the same.
func TestStore_OpensByParts(t *testing.T) {
	store, key := newStore(t, t.TempDir()), models.NewBlobKey()
	if _, err := store.Put(t.Context(), key, strings.NewReader("x")); err != nil {
		t.Fatal(err)
	}
	store.OpenByParts()
	blob, err := store.Open(t.Context(), key)
	if err != nil || blob.Size != 1 {
		t.Fatalf("%+v, %v", blob, err)
	}
	_ = blob.Close()
	if _, err := store.Open(t.Context(), models.NewBlobKey()); problem.KindOf(err) != problem.NotFound {
		t.Errorf("of no blob: %v", err)
	}
}

func TestOpen_IsAFile(t *testing.T) {
	store, key := newStore(t, t.TempDir()), models.NewBlobKey()
	if _, err := store.Put(t.Context(), key, strings.NewReader("x")); err != nil {
		t.Fatal(err)
	}
	blob, err := store.Open(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = blob.Close() }()
	if _, ok := blob.ReadSeekCloser.(*os.File); !ok {
		t.Errorf("the blob is a %T, want an *os.File for sendfile", blob.ReadSeekCloser)
	}
}

// Files and directories are private even under an empty umask.
func TestPermissions(t *testing.T) {
	old := syscall.Umask(0)
	defer syscall.Umask(old)
	dir := filepath.Join(t.TempDir(), "data", "uploads")
	store, src := newStore(t, dir), &looking{}
	src.look = func() { wantPrivate(t, dir) } // during the write, too
	if _, err := store.Put(t.Context(), models.NewBlobKey(), src); err != nil {
		t.Fatal(err)
	}
	wantPrivate(t, dir)
	wantPrivate(t, filepath.Dir(dir))
}

type looking struct{ look func() }

func (l *looking) Read([]byte) (int, error) { l.look(); return 0, io.EOF }

func wantPrivate(t *testing.T, dir string) {
	t.Helper()
	files := 0
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		want := fs.FileMode(0o700)
		if !entry.IsDir() {
			files++
			want = 0o600
		}
		if info.Mode().Perm() != want {
			t.Errorf("%s has mode %o, want %o", path, info.Mode().Perm(), want)
		}
		return nil
	})
	if err != nil || files != 1 {
		t.Errorf("saw %d files, %v; want 1", files, err)
	}
}

// A sweep removes what a killed server has left behind.
func TestSweep_RemovesAbandonedUploads(t *testing.T) {
	dir, key := t.TempDir(), models.NewBlobKey()
	write(t, blobFile(t, dir, key)+".partial", "half")
	store := newStore(t, dir)
	if _, err := store.Put(t.Context(), key, strings.NewReader("x")); !errors.Is(err, fs.ErrExist) {
		t.Errorf("Put over a partial file = %v, want %v", err, fs.ErrExist)
	}
	if got, err := os.ReadFile(blobFile(t, dir, key) + ".partial"); string(got) != "half" {
		t.Errorf("the partial file holds %q, %v; want half", got, err)
	}
	if removed, err := store.Sweep(t.Context(), time.Now().Add(-time.Hour), noRecords); removed != 0 || err != nil {
		t.Errorf("Sweep of what is an hour old = %d, %v; want 0", removed, err)
	}
	if removed, err := store.Sweep(t.Context(), farAhead(), noRecords); removed != 1 || err != nil {
		t.Errorf("Sweep = %d, %v; want 1", removed, err)
	}
}

func TestPut_RecreatesRemovedShard(t *testing.T) {
	dir, key := t.TempDir(), models.NewBlobKey()
	store := newStore(t, dir)
	for range 2 {
		if _, err := store.Put(t.Context(), key, strings.NewReader("x")); err != nil {
			t.Fatal(err)
		}
		if err := os.RemoveAll(filepath.Join(dir, string(key[:2]))); err != nil {
			t.Fatal(err)
		}
	}
}

func TestOpen_RequiresADirectory(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	write(t, file, "")
	if _, err := disk.Open(file); err == nil {
		t.Error("Open of a file succeeded")
	}
}
