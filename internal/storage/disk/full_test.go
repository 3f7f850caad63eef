package disk_test

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
	"example.org/cloakroom/internal/testenv"
)

// TestPut_FullDisk runs TestFullDiskChild in its own mount namespace, where it can mount a
// small file system without being root. Namespace and mount end with the child.
func TestPut_FullDisk(t *testing.T) {
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestFullDiskChild$", "-test.v")
	cmd.Env = append(os.Environ(), "FULL_DISK="+t.TempDir())
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS, Pdeathsig: syscall.SIGKILL}
	if os.Getuid() != 0 {
		cmd.SysProcAttr.Cloneflags |= syscall.CLONE_NEWUSER
		cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}}
	}
	out, err := cmd.CombinedOutput()
	if errors.Is(err, fs.ErrPermission) || strings.Contains(string(out), cannotMount) {
		testenv.Missing(t, "The right to mount a small file system", "run the tests as root or allow user namespaces")
	}
	if err != nil || !strings.Contains(string(out), "--- PASS: TestFullDiskChild") {
		t.Errorf("on a full disk: %v\n%s", err, out)
	}
}

const cannotMount = "cannot mount"

func TestFullDiskChild(t *testing.T) {
	dir := os.Getenv("FULL_DISK")
	if dir == "" {
		return // only runs as the child of the test above
	}
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=1m,mode=0700"); err != nil {
		t.Fatal(cannotMount, err)
	}
	store := newStore(t, dir)
	small := models.NewBlobKey()
	if _, err := store.Put(t.Context(), small, strings.NewReader("small")); err != nil {
		t.Fatal(err)
	}
	for range 3 { // residue of one attempt would show in the next
		_, err := store.Put(t.Context(), models.NewBlobKey(), io.LimitReader(zeros{}, 4<<20))
		if problem.KindOf(err) != problem.Unavailable || strings.Contains(problem.All(err)[0].Message, dir) {
			t.Errorf("Put = %v, want unavailable", err)
		}
	}
	if removed, err := store.Sweep(t.Context(), farAhead(), func(_ context.Context, keys []models.BlobKey) (map[models.BlobKey]bool, error) {
		return map[models.BlobKey]bool{small: true}, nil
	}); removed != 0 || err != nil {
		t.Errorf("Sweep = %d, %v; want nothing left to sweep", removed, err)
	}
	if _, err := store.Put(t.Context(), models.NewBlobKey(), io.LimitReader(zeros{}, 512<<10)); err != nil {
		t.Errorf("Put of what fits = %v", err)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }
