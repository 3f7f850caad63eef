package seal_test

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/seal"
)

func TestLoadOrCreate_CreatesOnce(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "site.key")
	first, err := seal.LoadOrCreate(path)
	if err != nil {
		t.Fatal(err)
	}
	if text := first.Reveal(); len(text) != 64 || strings.Trim(text, "0123456789abcdef") != "" {
		t.Errorf("the key has %d characters, want 32 bytes in hexadecimal", len(text))
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode() != 0o600 {
		t.Errorf("the file has mode %o", info.Mode())
	}
	if again, err := seal.LoadOrCreate(path); err != nil || again != first {
		t.Errorf("the second call returns a different key or fails: %v", err)
	}
	if other, err := seal.LoadOrCreate(filepath.Join(dir, "other.key")); err != nil || other == first {
		t.Errorf("another file has the same key or fails: %v", err)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 2 {
		t.Errorf("the directory has %v, %v; want only the two keys", entries, err)
	}
}

func TestLoadOrCreate_ConcurrentCallsAgree(t *testing.T) {
	for range 20 {
		path := filepath.Join(t.TempDir(), "site.key")
		keys := make([]models.Secret, 8)
		begin := make(chan struct{})
		var all sync.WaitGroup
		for i := range keys {
			all.Go(func() {
				<-begin
				var err error
				if keys[i], err = seal.LoadOrCreate(path); err != nil {
					t.Error(err)
				}
			})
		}
		close(begin)
		all.Wait()
		for i, key := range keys {
			if key != keys[0] || key == "" {
				t.Fatalf("call %d returned a different key than call 0", i)
			}
		}
	}
}

func TestLoadOrCreate_KeyFromTheOperator(t *testing.T) {
	const text = "a key that somebody has thought of"
	path := filepath.Join(t.TempDir(), "site.key")
	write := func(text string, mode os.FileMode) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
	}
	for _, mode := range []os.FileMode{0o400, 0o600} {
		write("\n "+text+" \r\n", mode)
		if key, err := seal.LoadOrCreate(path); err != nil || key.Reveal() != text {
			t.Errorf("mode %o: got %d characters, %v", mode, len(key), err)
		}
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
	for _, mode := range []os.FileMode{0o644, 0o640, 0o604, 0o620, 0o601} {
		write(text, mode)
		if key, err := seal.LoadOrCreate(path); key != "" || err == nil || !strings.Contains(err.Error(), "chmod 600") {
			t.Errorf("mode %o: got %v", mode, err)
		}
	}
	for _, short := range []string{"", "\n", text[:31] + "\n"} {
		write(short, 0o600)
		key, err := seal.LoadOrCreate(path)
		if key != "" || err == nil || !strings.Contains(err.Error(), "at least 32 characters") || strings.Contains(err.Error(), text[:31]) {
			t.Errorf("of %d characters: got %v", len(short), err)
		}
		if now, _ := os.ReadFile(path); string(now) != short {
			t.Error("a rejected key was overwritten")
		}
	}
}

func TestLoadOrCreate_UnusablePath(t *testing.T) {
	dir := t.TempDir()
	if key, err := seal.LoadOrCreate(filepath.Join(dir, "missing", "site.key")); err == nil || key != "" {
		t.Errorf("in a missing directory: got %v", err)
	}
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if key, err := seal.LoadOrCreate(dir); err == nil || key != "" {
		t.Errorf("a directory: got %v", err)
	}
}
