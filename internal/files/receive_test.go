package files_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"testing"
	"time"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/database/databasetest"
	"example.org/cloakroom/internal/files"
	"example.org/cloakroom/internal/jobs"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

func TestProcessImage_TakesTurnsBetweenUsers(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		h := newFixture(t, db)
		picture := photo(t, 8, 8)
		upload := func(who models.User) models.FileID {
			t.Helper()
			f, err := h.receive(who, "a.jpg", bytes.NewReader(picture))
			if err != nil {
				t.Fatal(err)
			}
			return f.ID
		}
		for range 50 {
			upload(h.ann)
		}
		bobs := upload(h.bob)
		done := make(chan models.FileID, 100)
		runner := &jobs.Runner{DB: db, Log: slog.New(slog.DiscardHandler), Now: time.Now, ImageWorkers: 1}
		jobs.Handle(runner, func(ctx context.Context, job models.ProcessImage) error {
			err := h.ProcessImage(ctx, job)
			done <- job.FileID
			return err
		})
		if err := runner.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		defer func() {
			ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), time.Minute)
			defer cancel()
			if err := runner.Stop(ctx); err != nil {
				t.Error(err)
			}
		}()
		late := time.After(time.Minute)
		for before := 0; ; before++ {
			select {
			case id := <-done:
				if id == bobs {
					return
				}
			case <-late:
				t.Fatal("Bob's picture was never done")
			}
			if before >= 5 {
				t.Fatalf("%d of Ann's 50 pictures were done before Bob's one", before)
			}
		}
	})
}

func TestReceive_StopsReadingWithoutRoom(t *testing.T) {
	h := newFixture(t, databasetest.New(t))
	const room = 100
	h.ann.StorageUsed = quota - room
	sent := &countingReader{Reader: zeros(maxSize)}
	_, err := h.receive(h.ann, "a.gz", sent)
	if problem.KindOf(err) != problem.TooLarge || sent.n > 1<<20 {
		t.Errorf("%d bytes were read to find that %d have room: %v", sent.n, room, err)
	}
	_, err = h.Receive(t.Context(), h.ann, files.Input{Name: "a.gz", Size: room + 1, Body: sent})
	if problem.KindOf(err) != problem.TooLarge || sent.n > 1<<20 {
		t.Errorf("said to be too large, and read all the same: %v", err)
	}
	if h.blobs() != 0 {
		t.Errorf("%d blobs are left behind", h.blobs())
	}
}

// A countingReader counts the bytes read from it.
type countingReader struct {
	io.Reader
	n int
}

func (r *countingReader) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	r.n += n
	return n, err
}
