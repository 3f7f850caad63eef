package files_test

import (
	"bytes"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.org/cloakroom/internal/database/databasetest"
	"example.org/cloakroom/internal/models"
)

// served returns the record of a file, and the CRC-32 of the bytes that visitors get.
func (h *fixture) served(id models.FileID) (models.File, string) {
	h.t.Helper()
	opened, err := h.Open(h.t.Context(), h.ann, id)
	if err != nil {
		h.t.Fatal(err)
	}
	defer opened.Blob.Close()
	all, err := io.ReadAll(opened.Blob)
	if err != nil {
		h.t.Fatal(err)
	}
	f, err := h.Record(h.t.Context(), h.ann, id)
	if err != nil {
		h.t.Fatal(err)
	}
	return f, fmt.Sprintf("%08x", crc32.ChecksumIEEE(all))
}

// An upload has its CRC-32, and SumFiles gives it to rows without, unless their bytes
// are damaged.
func TestSumFiles(t *testing.T) {
	h := newFixture(t, databasetest.New(t))
	ids := make([]models.FileID, 0, 3)
	for _, name := range []string{"a.gz", "b.gz", "c.jpg"} {
		body := []byte("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03" + name)
		if strings.HasSuffix(name, ".jpg") {
			body = photo(t, 8, 8)
		}
		f, err := h.receive(h.ann, name, bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		if f.IsImage() {
			if err := h.ProcessImage(t.Context(), models.ProcessImage{FileID: f.ID, Blob: f.Blob}); err != nil {
				t.Fatal(err)
			}
		}
		ids = append(ids, f.ID)
	}
	wantSums := func(when string) {
		t.Helper()
		for _, id := range ids {
			if f, want := h.served(id); f.Served().CRC32 != want || len(f.CRC32) != 8 {
				t.Errorf("%s: the CRC-32 of %s is %q and %q, want %s of what is served", when, f.Name, f.CRC32, f.CleanCRC32, want)
			}
		}
	}
	wantSums("after the upload")
	if _, err := h.DB.SQLPool().ExecContext(t.Context(), `UPDATE files SET crc32 = '', clean_crc32 = ''`); err != nil {
		t.Fatal(err)
	}
	damaged, _ := h.served(ids[0])
	err := filepath.WalkDir(h.dir, func(path string, _ os.DirEntry, err error) error {
		if filepath.Base(path) == string(damaged.Blob) {
			return os.WriteFile(path, []byte("other bytes"), 0o600)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := h.SumFiles(t.Context(), models.SumFiles{}); err == nil || !strings.Contains(err.Error(), string(damaged.Blob)) {
		t.Errorf("a damaged blob: %v", err)
	}
	if f, _ := h.served(ids[0]); f.CRC32 != "" {
		t.Errorf("the damaged blob has CRC-32 %s", f.CRC32)
	}
	ids = ids[1:]
	wantSums("after SumFiles")
}
