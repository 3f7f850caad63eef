package files_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"io/fs"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/iotest"
	"time"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/database/databasetest"
	"example.org/cloakroom/internal/files"
	"example.org/cloakroom/internal/filetypes"
	"example.org/cloakroom/internal/images"
	"example.org/cloakroom/internal/jobs"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
	"example.org/cloakroom/internal/storage"
	"example.org/cloakroom/internal/storage/disk"
)

const (
	maxSize = 4 << 20
	quota   = 16 << 20
)

// A fixture is a Service with two users and a directory as its store.
type fixture struct {
	*files.Service
	t        *testing.T
	dir      string
	now      time.Time
	ann, bob models.User
}

func newFixture(t *testing.T, db *database.DB) *fixture {
	t.Helper()
	h := &fixture{t: t, dir: t.TempDir(), now: time.Now()}
	blobs, err := disk.Open(h.dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { blobs.Close() })
	queue := &jobs.Queue{DB: db, Now: time.Now}
	types, err := filetypes.ParseSet("images,audio,video,text,archives")
	if err != nil {
		t.Fatal(err)
	}
	tier := files.TierPolicy{MaxFileSize: maxSize, Storage: quota,
		Images: images.Limits{MaxSide: 1000, MaxPixels: 1e6, MaxFrames: 10, MaxFramePixels: 1e7}}
	h.Service = &files.Service{
		DB: db, Jobs: queue, Blobs: blobs, Now: func() time.Time { return h.now },
		Images: &images.Decoder{Workers: 2, Memory: 1 << 30, Timeout: 20 * time.Second},
		Policy: models.NewLive(files.Policy{Types: types, SweepAfter: time.Hour,
			Tiers: map[models.Tier]files.TierPolicy{models.TierFree: tier, models.TierPremium: tier}}),
	}
	for name, user := range map[models.Username]*models.User{"ann": &h.ann, "bob": &h.bob} {
		*user = models.User{ID: models.NewUserID(), Username: name, UsernameKey: name.Key(), Role: models.RoleUser,
			Tier: models.TierFree, CreatedAt: h.now, UpdatedAt: h.now}
		if err := db.CreateUser(t.Context(), user); err != nil {
			t.Fatal(err)
		}
	}
	return h
}

func (h *fixture) receive(who models.User, name string, body io.Reader) (models.File, error) {
	return h.Receive(h.t.Context(), who, files.Input{Name: name, Size: -1, Body: body})
}

// blobs returns the number of files in the directory.
func (h *fixture) blobs() (n int) {
	h.t.Helper()
	err := filepath.WalkDir(h.dir, func(_ string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			n++
		}
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return n
}

// zeros returns n bytes that are detected as a gzip archive.
func zeros(n int64) io.Reader {
	return io.MultiReader(strings.NewReader("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03"), io.LimitReader(iotestZeros{}, n-10))
}

type iotestZeros struct{}

func (iotestZeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestReceive_RefusedUploadLeavesNothing(t *testing.T) {
	h := newFixture(t, databasetest.New(t))
	cut := errors.New("cut off")
	tests := []struct {
		name, filename string
		body           io.Reader
		want           problem.Kind
	}{
		{"one byte too large", "a.gz", zeros(maxSize + 1), problem.TooLarge},
		{"bad name", "../a.txt", strings.NewReader("x"), problem.Invalid},
		{"type not in the list", "a.exe", strings.NewReader("MZ"), problem.Unsupported},
		{"content not in the list", "a.png", strings.NewReader("\x00just bytes"), problem.Unsupported},
		{"cut off at once", "a.txt", io.MultiReader(strings.NewReader("hel"), iotest.ErrReader(io.ErrUnexpectedEOF)), problem.Internal},
		{"cut off", "a.gz", io.MultiReader(zeros(1<<20), iotest.ErrReader(cut)), problem.Internal},
	}
	for _, tt := range tests {
		_, err := h.receive(h.ann, tt.filename, tt.body)
		if err == nil || problem.KindOf(err) != tt.want {
			t.Errorf("%s: err = %v, want kind %q", tt.name, err, tt.want)
		}
		if found := problem.All(err); len(found) == 1 && found[0].Field != "file" {
			t.Errorf("%s: problem at %q, want file", tt.name, found[0].Field)
		}
	}
	if n := h.blobs(); n != 0 {
		t.Errorf("%d blobs are left behind", n)
	}
	if user, err := h.DB.UserByID(t.Context(), h.ann.ID); err != nil || user.StorageUsed != 0 {
		t.Errorf("storage used = %d, %v; want none", user.StorageUsed, err)
	}
}

func TestReceive_StoresAndHashesEveryByte(t *testing.T) {
	h := newFixture(t, databasetest.New(t))
	random := rand.New(rand.NewPCG(1, 2))
	body := make([]byte, 3<<20+17)
	for i := range body {
		body[i] = byte(random.Uint32())
	}
	copy(body, "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03")
	f, err := h.receive(h.ann, "a.gz", iotest.HalfReader(bytes.NewReader(body)))
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(body)
	if f.SHA256 != hex.EncodeToString(sum[:]) || f.Size != int64(len(body)) || f.State != models.Ready {
		t.Errorf("file = %+v", f)
	}
	opened, err := h.Open(t.Context(), h.ann, f.ID)
	if err != nil {
		t.Fatal(err)
	}
	defer opened.Blob.Close()
	if got, err := io.ReadAll(opened.Blob); err != nil || !bytes.Equal(got, body) {
		t.Errorf("got %d bytes, %v", len(got), err)
	}
	if _, err := h.receive(h.ann, "largest.gz", zeros(maxSize)); err != nil {
		t.Errorf("a file of exactly the largest size: %v", err)
	}
}

func TestReceive_QuotaHoldsUnderConcurrency(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		h := newFixture(t, db)
		var wg sync.WaitGroup
		var stored atomic.Int64
		for range 20 { // there is room for four
			wg.Go(func() {
				_, err := h.receive(h.ann, "a.gz", zeros(maxSize))
				if err == nil {
					stored.Add(1)
				} else if problem.KindOf(err) != problem.TooLarge {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if got := stored.Load(); got != quota/maxSize || h.blobs() != int(got) {
			t.Errorf("%d files were stored in %d blobs; want %d", got, h.blobs(), quota/maxSize)
		}
	})
}

func TestProcessImage_RemovesMetadata(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		h := newFixture(t, db)
		const canary = "GPS 52.5200 N 13.4050 E"
		original := withExif(photo(t, 900, 600), canary)
		f, err := h.receive(h.ann, "a.jpg", bytes.NewReader(original))
		if err != nil {
			t.Fatal(err)
		}
		if f.State != models.Processing || f.Width != 0 {
			t.Errorf("received as %+v", f)
		}
		if _, err := h.Open(t.Context(), h.ann, f.ID); problem.KindOf(err) != problem.NotFound {
			t.Errorf("served while it is processed: %v", err)
		}
		for range 2 { // a job can run twice
			if err := h.ProcessImage(t.Context(), models.ProcessImage{FileID: f.ID, Blob: f.Blob}); err != nil {
				t.Fatal(err)
			}
		}
		if n := h.blobs(); n != 4 {
			t.Errorf("%d blobs; want the original, the copy and two thumbnails", n)
		}
		shown := read(t, h.open(f.ID))
		if bytes.Contains(shown, []byte(canary)) {
			t.Error("what others get holds the metadata")
		}
		opened, err := h.OpenOriginal(t.Context(), h.ann, f.ID)
		if err != nil || !bytes.Equal(read(t, opened), original) {
			t.Errorf("the owner's original differs: %v", err)
		}
		if _, err := h.OpenOriginal(t.Context(), h.bob, f.ID); problem.KindOf(err) != problem.NotFound {
			t.Errorf("another user gets the original: %v", err)
		}
		for width, want := range map[int]int{models.ThumbnailSmall: 320, models.ThumbnailLarge: 900} {
			opened, err := h.OpenThumbnail(t.Context(), h.ann, f.ID, width)
			if err != nil {
				t.Fatal(err)
			}
			if config, _, err := image.DecodeConfig(bytes.NewReader(read(t, opened))); err != nil || config.Width != want {
				t.Errorf("thumbnail of %d is %d wide, %v; want %d", width, config.Width, err, want)
			}
		}
	})
}

func TestProcessImage_AsksWhatCannotBeCleaned(t *testing.T) {
	h := newFixture(t, databasetest.New(t))
	f, err := h.receive(h.ann, "a.jpg", bytes.NewReader(photo(t, 100, 100)[:25])) // before its size
	if err != nil {
		t.Fatal(err)
	}
	if err := h.ProcessImage(t.Context(), models.ProcessImage{FileID: f.ID, Blob: f.Blob}); err != nil {
		t.Fatal(err)
	}
	f, err = h.Find(t.Context(), h.ann, f.ID)
	if err != nil || f.State != models.Ready || f.Metadata != models.MetadataKept || f.Served().Blob != "" || h.blobs() != 1 {
		t.Errorf("file = %+v, %v; %d blobs", f, err, h.blobs())
	}
	if _, err := h.Find(t.Context(), h.bob, f.ID); problem.KindOf(err) != problem.NotFound {
		t.Errorf("another user finds it: %v", err)
	}
	if _, err := h.AllowMetadata(t.Context(), h.bob, f.ID); problem.KindOf(err) != problem.NotFound {
		t.Errorf("another user says yes: %v", err)
	}
	for range 2 {
		if f, err = h.AllowMetadata(t.Context(), h.ann, f.ID); err != nil || f.Metadata != models.MetadataAllowed || f.Served().Blob != f.Blob {
			t.Errorf("file = %+v, %v; want it as it is", f, err)
		}
	}
}

// What cannot be decoded, or is larger than its owner's limits, is taken and cleaned, and has no
// thumbnail.
func TestProcessImage_KeepsWhatCannotBeDecoded(t *testing.T) {
	h := newFixture(t, databasetest.New(t))
	const canary = "GPS 52.5200 N 13.4050 E"
	for name, c := range map[string]struct {
		src           []byte
		width, height int
	}{
		"cut":                {photo(t, 100, 80)[:900], 100, 80},
		"one pixel too wide": {photo(t, 1001, 10), 1001, 10},
		"too many pixels":    {photo(t, 1000, 1001), 1000, 1001},
	} {
		f, err := h.receive(h.ann, "a.jpg", bytes.NewReader(withExif(c.src, canary)))
		if err != nil {
			t.Fatal(err)
		}
		if err := h.ProcessImage(t.Context(), models.ProcessImage{FileID: f.ID, Blob: f.Blob}); err != nil {
			t.Fatal(err)
		}
		f, err = h.Find(t.Context(), h.ann, f.ID)
		if err != nil || f.State != models.Ready || f.HasThumbnail() || f.Metadata != models.MetadataNone || f.Width != c.width ||
			f.Height != c.height {
			t.Errorf("%s: %+v, %v", name, f, err)
		}
		if got := read(t, h.open(f.ID)); bytes.Contains(got, []byte(canary)) || len(got) < len(c.src)-100 {
			t.Errorf("%s: others get %d of %d bytes", name, len(got), len(c.src))
		}
	}
	// At their limits they have one.
	f, err := h.receive(h.ann, "a.jpg", bytes.NewReader(photo(t, 1000, 1000)))
	if err != nil {
		t.Fatal(err)
	}
	if err := h.ProcessImage(t.Context(), models.ProcessImage{FileID: f.ID, Blob: f.Blob}); err != nil {
		t.Fatal(err)
	}
	if f, err = h.Find(t.Context(), h.ann, f.ID); err != nil || !f.HasThumbnail() {
		t.Errorf("%+v, %v", f, err)
	}
}

// A fullStore is a store without free space.
type fullStore struct{ storage.Store }

func (fullStore) Put(context.Context, models.BlobKey, io.Reader) (int64, error) {
	return 0, problem.New(problem.Unavailable, "The server has no room left.")
}

func TestProcessImage_RetriesWhenStoreIsFull(t *testing.T) {
	h := newFixture(t, databasetest.New(t))
	f, err := h.receive(h.ann, "a.jpg", bytes.NewReader(photo(t, 100, 100)))
	if err != nil {
		t.Fatal(err)
	}
	disk := h.Blobs
	h.Blobs = fullStore{disk}
	if err := h.ProcessImage(t.Context(), models.ProcessImage{FileID: f.ID, Blob: f.Blob}); err == nil {
		t.Error("a job on a full disk is done, and not tried again")
	}
	h.Blobs = disk
	if err := h.ProcessImage(t.Context(), models.ProcessImage{FileID: f.ID, Blob: f.Blob}); err != nil {
		t.Fatal(err)
	}
	if f, err = h.Find(t.Context(), h.ann, f.ID); err != nil || f.State != models.Ready {
		t.Errorf("file = %+v, %v; want it ready once there is room", f, err)
	}
}

func TestDelete_FreesRowQuotaAndBytes(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		h := newFixture(t, db)
		f, err := h.receive(h.ann, "a.txt", strings.NewReader("hello"))
		if err != nil {
			t.Fatal(err)
		}
		if err := h.Delete(t.Context(), h.bob, f.ID); problem.KindOf(err) != problem.NotFound {
			t.Errorf("another user deletes it: %v", err)
		}
		if err := h.Delete(t.Context(), h.ann, f.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := h.Find(t.Context(), h.ann, f.ID); problem.KindOf(err) != problem.NotFound {
			t.Errorf("deleted and found: %v", err)
		}
		for range 2 {
			if err := h.DeleteBlobs(t.Context(), models.DeleteBlobs{Keys: f.Blobs()}); err != nil {
				t.Fatal(err)
			}
		}
		if user, err := db.UserByID(t.Context(), h.ann.ID); err != nil || user.StorageUsed != 0 || h.blobs() != 0 {
			t.Errorf("storage used %d, %v; %d blobs", user.StorageUsed, err, h.blobs())
		}
	})
}

func TestSweepBlobs_KeepsBlobsWithRecord(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		h := newFixture(t, db)
		f, err := h.receive(h.ann, "a.txt", strings.NewReader("hello"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.Blobs.Put(t.Context(), models.NewBlobKey(), strings.NewReader("stray")); err != nil {
			t.Fatal(err)
		}
		sweep := func(want int) {
			t.Helper()
			if err := h.SweepBlobs(t.Context(), models.SweepBlobs{}); err != nil {
				t.Fatal(err)
			}
			if n := h.blobs(); n != want {
				t.Errorf("%d blobs are left, want %d", n, want)
			}
		}
		sweep(2) // too recent: its record may follow
		h.now = h.now.Add(2 * time.Hour)
		sweep(1)
		if got := read(t, h.open(f.ID)); string(got) != "hello" {
			t.Errorf("the file that has a record: %q", got)
		}
	})
}

func (h *fixture) open(id models.FileID) files.OpenFile {
	h.t.Helper()
	opened, err := h.Open(h.t.Context(), h.ann, id)
	if err != nil {
		h.t.Fatal(err)
	}
	return opened
}

func read(t *testing.T, opened files.OpenFile) []byte {
	t.Helper()
	defer opened.Blob.Close()
	got, err := io.ReadAll(opened.Blob)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// photo returns a JPEG of this size.
func photo(t *testing.T, width, height int) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			img.Set(x, y, color.RGBA{uint8(x), uint8(y), uint8(x * y), 255})
		}
	}
	var out bytes.Buffer
	if err := jpeg.Encode(&out, img, nil); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// withExif inserts an APP1 segment with this text into a JPEG.
func withExif(picture []byte, text string) []byte {
	payload := "Exif\x00\x00II*\x00\x08\x00\x00\x00\x00\x00\x00\x00\x00\x00" + text
	n := len(payload) + 2
	segment := append([]byte{0xff, 0xe1, byte(n >> 8), byte(n)}, payload...)
	return append(append(bytes.Clone(picture[:2]), segment...), picture[2:]...)
}
