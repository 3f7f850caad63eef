package disk_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/storage"
	"example.org/cloakroom/internal/storage/disk"
)

// Symbolic links within the store are never followed: nothing outside is read, written or
// removed, nor anything inside through a link. Both were attacks on other file-sharing
// applications.
func TestStore_FollowsNoLinks(t *testing.T) {
	for _, tt := range []struct {
		name  string
		plant func(t *testing.T, uploads, outside string, key models.BlobKey)
	}{
		{"leaf to a file", func(t *testing.T, uploads, outside string, key models.BlobKey) {
			link(t, filepath.Join(outside, "secret"), blobFile(t, uploads, key))
		}},
		{"leaf to a relative path", func(t *testing.T, uploads, _ string, key models.BlobKey) {
			link(t, "../../outside/secret", blobFile(t, uploads, key))
		}},
		{"leaf to nowhere", func(t *testing.T, uploads, outside string, key models.BlobKey) {
			link(t, filepath.Join(outside, "new"), blobFile(t, uploads, key))
		}},
		{"partial to a file", func(t *testing.T, uploads, outside string, key models.BlobKey) {
			link(t, filepath.Join(outside, "secret"), blobFile(t, uploads, key)+".partial")
		}},
		{"partial to nowhere", func(t *testing.T, uploads, outside string, key models.BlobKey) {
			link(t, filepath.Join(outside, "new"), blobFile(t, uploads, key)+".partial")
		}},
		{"leaf to another file inside", func(t *testing.T, uploads, _ string, key models.BlobKey) {
			name := blobFile(t, uploads, key)
			write(t, filepath.Join(filepath.Dir(name), "other"), "secret")
			link(t, "other", name)
		}},
		{"directory to outside", func(t *testing.T, uploads, outside string, key models.BlobKey) {
			write(t, filepath.Join(outside, string(key)), "secret")
			link(t, outside, filepath.Join(uploads, string(key[:2])))
		}},
		{"directory to nowhere", func(t *testing.T, uploads, outside string, key models.BlobKey) {
			link(t, filepath.Join(outside, "new"), filepath.Join(uploads, string(key[:2])))
		}},
		{"directory to inside", func(t *testing.T, uploads, _ string, key models.BlobKey) {
			mkdir(t, filepath.Join(uploads, "elsewhere"))
			link(t, "elsewhere", filepath.Join(uploads, string(key[:2])))
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir, key := t.TempDir(), models.NewBlobKey()
			uploads, outside := filepath.Join(dir, "uploads"), filepath.Join(dir, "outside")
			mkdir(t, uploads)
			mkdir(t, outside)
			write(t, filepath.Join(outside, "secret"), "secret")
			tt.plant(t, uploads, outside, key)
			before := tree(t, outside)

			store := newStore(t, uploads)
			if _, err := store.Put(t.Context(), key, strings.NewReader("written")); err == nil {
				t.Error("Put succeeded")
			}
			wantNotOpened(t, store, key)
			if removed, err := store.Sweep(t.Context(), farAhead(), noRecords); removed != 0 || err != nil {
				t.Errorf("Sweep = %d, %v; want 0", removed, err)
			}
			_ = store.Delete(t.Context(), key) // may remove the link, or refuse to
			if after := tree(t, outside); after != before {
				t.Errorf("outside there is now %q, want %q", after, before)
			}
		})
	}
}

// Entries that are neither files nor directories are ignored. Opening a pipe would block
// until there is a writer.
func TestStore_IgnoresSpecialFiles(t *testing.T) {
	for name, plant := range map[string]func(path string) error{
		"pipe":      func(path string) error { return syscall.Mkfifo(path, 0o600) },
		"directory": func(path string) error { return os.Mkdir(path, 0o700) },
	} {
		t.Run(name, func(t *testing.T) {
			dir, key := t.TempDir(), models.NewBlobKey()
			path := blobFile(t, dir, key)
			if err := plant(path); err != nil {
				t.Fatal(err)
			}
			store := newStore(t, dir)
			wantNotOpened(t, store, key)
			if removed, err := store.Sweep(t.Context(), farAhead(), noRecords); removed != 0 || err != nil {
				t.Errorf("Sweep = %d, %v; want 0", removed, err)
			}
			if _, err := os.Lstat(path); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestSweep_LeavesForeignFiles(t *testing.T) {
	dir, key, orphan := t.TempDir(), models.NewBlobKey(), models.NewBlobKey()
	shard := string(key[:2])
	write(t, blobFile(t, dir, key), "swept")
	write(t, blobFile(t, dir, orphan)+".partial", "swept")
	foreign := []string{
		".gitkeep", "readme.txt", string(models.NewBlobKey()), // a blob, but outside a shard
		shard + "/notes.txt", shard + "/.nfs0001", shard + "/" + string(key) + ".bak", shard + "/" + string(key) + ".partial.partial",
		shard + "/" + strings.ToLower(string(key)), "zz/" + string(models.NewBlobKey()), "backup/" + string(models.NewBlobKey()),
	}
	for _, name := range foreign {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700); err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, name), "foreign")
	}
	if removed, err := newStore(t, dir).Sweep(t.Context(), farAhead(), noRecords); removed != 2 || err != nil {
		t.Errorf("Sweep = %d, %v; want 2", removed, err)
	}
	for _, name := range foreign {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Error(err)
		}
	}
}

// A sweep continues past a blob that cannot be removed, here because a directory with its
// name replaces it before the removal.
func TestSweep_ContinuesPastFailures(t *testing.T) {
	dir := t.TempDir()
	store, resisting := newStore(t, dir), models.NewBlobKey()
	for _, key := range []models.BlobKey{models.NewBlobKey(), resisting, models.NewBlobKey()} {
		write(t, blobFile(t, dir, key), "old")
	}
	known := swapping(t, dir, resisting)
	removed, err := store.Sweep(t.Context(), farAhead(), known)
	if removed != 2 || err == nil || !strings.Contains(err.Error(), "1 could not be removed") {
		t.Errorf("Sweep = %d, %v; want 2 and the one that failed", removed, err)
	}
}

func swapping(t *testing.T, dir string, key models.BlobKey) storage.Known {
	t.Helper()
	return func(_ context.Context, _ []models.BlobKey) (map[models.BlobKey]bool, error) {
		path := blobFile(t, dir, key)
		return nil, errors.Join(os.Remove(path), os.Mkdir(path, 0o700))
	}
}

// blobFile returns the path of the blob, and creates its directory.
func blobFile(t *testing.T, uploads string, key models.BlobKey) string {
	t.Helper()
	dir := filepath.Join(uploads, string(key[:2]))
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, string(key))
}

func link(t *testing.T, target, name string) {
	t.Helper()
	if err := os.Symlink(target, name); err != nil {
		t.Fatal(err)
	}
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func mkdir(t *testing.T, name string) {
	t.Helper()
	if err := os.Mkdir(name, 0o700); err != nil {
		t.Fatal(err)
	}
}

// wantNotOpened checks that the store opens no blob with the key, with openat2 and without.
func wantNotOpened(t *testing.T, store *disk.Store, key models.BlobKey) {
	t.Helper()
	for _, way := range []string{"at once", "by parts"} {
		if blob, err := store.Open(t.Context(), key); err == nil {
			_ = blob.Close()
			t.Errorf("Open %s succeeded", way)
		}
		store.OpenByParts()
	}
}

// tree describes all entries in dir.
func tree(t *testing.T, dir string) string {
	t.Helper()
	var text strings.Builder
	err := fs.WalkDir(os.DirFS(dir), ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := os.ReadFile(filepath.Join(dir, path))
		text.WriteString(path + "=" + string(data) + " ")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return text.String()
}
