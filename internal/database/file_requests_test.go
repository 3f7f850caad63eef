package database_test

import (
	"reflect"
	"testing"
	"time"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/database/databasetest"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// newRequest returns a stored request of owner's for that number of files and bytes.
func newRequest(t *testing.T, db *database.DB, owner models.User, files int, bytes int64) models.FileRequest {
	t.Helper()
	expires := noon.Add(time.Hour)
	q := models.FileRequest{
		ID: models.NewFileRequestID(), OwnerID: owner.ID, PostID: models.NewPostID(), Hash: models.NewSecret().Hash(), Sealed: []byte{0, 1, 255},
		Name: "photos", Title: "Photos", Message: "Two\nlines", Sender: models.SenderName, Kinds: "image pdf", MaxFiles: files, MaxBytes: bytes,
		MaxFileBytes: 1 << 40, Password: "$argon2id$", CreatedAt: noon, UpdatedAt: noon, ExpiresAt: &expires,
	}
	post := models.Post{ID: q.PostID, AuthorID: owner.ID, Title: q.Title, Visibility: models.Private, CreatedAt: noon, UpdatedAt: noon}
	made, err := db.CreateFileRequest(t.Context(), &q, &post, 2)
	must(t, err)
	wantEqual(t, "made", made, true)
	return q
}

// coming returns a file of that size that holder begins to leave.
func coming(q models.FileRequest, holder string, bytes int64) *models.ReceivedFile {
	until := noon.Add(models.ReservationLife)
	return &models.ReceivedFile{ID: models.NewReceivedFileID(), RequestID: q.ID, Holder: holder, SenderName: "Jo",
		SenderEmail: "jo@example.org", Place: "192.0.2.0/24", Name: "a.jpg", Size: bytes, CreatedAt: noon, ExpiresAt: &until}
}

func TestFileRequests_ComeBackAsTheyWere(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		mara, other := newUser(t, db, "mara"), newUser(t, db, "other")
		q := newRequest(t, db, mara, 3, 1<<40)
		same := func(got models.FileRequest) {
			t.Helper()
			got.CreatedAt, got.UpdatedAt, *got.ExpiresAt = got.CreatedAt.UTC(), got.UpdatedAt.UTC(), got.ExpiresAt.UTC()
			if !reflect.DeepEqual(got, q) {
				t.Errorf("got  %+v\nwant %+v", got, q)
			}
		}
		v, err := db.FileRequestOf(t.Context(), mara.ID, q.ID)
		must(t, err)
		same(v.FileRequest)
		if v.PostTitle != "Photos" || !v.PostOpen {
			t.Errorf("its post: %q, open %v", v.PostTitle, v.PostOpen)
		}
		found, owner, err := db.FileRequestByHash(t.Context(), q.Hash)
		must(t, err)
		same(found)
		wantEqual(t, "owner", owner.Username, "mara")
		// Others have no way to it.
		_, err = db.FileRequestOf(t.Context(), other.ID, q.ID)
		wantKind(t, "another's request", err, problem.NotFound)
		wantKind(t, "closing another's", db.RevokeFileRequest(t.Context(), other.ID, q.ID, noon), problem.NotFound)
		wantKind(t, "deleting another's", db.DeleteFileRequest(t.Context(), other.ID, q.ID), problem.NotFound)
		foreign := q
		foreign.OwnerID = other.ID
		wantKind(t, "changing another's", db.UpdateFileRequest(t.Context(), &foreign), problem.NotFound)
		page, err := db.ReceivedFilesOf(t.Context(), other.ID, q.ID, models.Cursor{}, 10)
		must(t, err)
		wantEqual(t, "received by another's", len(page.Items), 0)
		views, err := db.FileRequestsOfPost(t.Context(), other.ID, q.PostID, 10)
		must(t, err)
		wantEqual(t, "requests of another's post", len(views), 0)
	})
}

// Places and bytes are never taken twice, and an upload that fails gives back all that it
// has reserved.
func TestReceivedFiles_ReserveExactly(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		mara := newUser(t, db, "mara")
		q := newRequest(t, db, mara, 7, 1000)
		stored := func() (files int, bytes, storage int64) {
			t.Helper()
			v, err := db.FileRequestOf(t.Context(), mara.ID, q.ID)
			must(t, err)
			u, err := db.UserByID(t.Context(), mara.ID)
			must(t, err)
			return v.Files, v.Bytes, u.StorageUsed
		}
		rows := make([]*models.ReceivedFile, 20)
		has := make([]bool, len(rows))
		wins := race(t, len(rows), func(i int) bool {
			rows[i] = coming(q, "guest", 10)
			_, room, err := db.ReserveReceivedFile(t.Context(), q, rows[i], 1<<40)
			if err != nil && problem.KindOf(err) != problem.NotFound {
				t.Error(err)
			}
			has[i] = room
			return room
		})
		files, bytes, storage := stored()
		if wins != 7 || files != 7 || bytes != 70 || storage != 70 {
			t.Fatalf("%d won: %d files, %d bytes, storage %d", wins, files, bytes, storage)
		}
		var first *models.ReceivedFile
		for i, row := range rows {
			if has[i] && first == nil {
				first = row
			}
		}
		// It grows up to the bytes of the request, and up to the quota.
		for _, grow := range []struct {
			bytes, quota int64
			room         bool
		}{{931, 1 << 40, false}, {930, 999, false}, {930, 1000, true}, {1, 1 << 40, false}} {
			room, err := db.GrowReceivedFile(t.Context(), q, first.ID, grow.bytes, grow.quota, noon.Add(time.Hour))
			if err != nil || room != grow.room {
				t.Errorf("growing by %d with a quota of %d: %v (%v)", grow.bytes, grow.quota, room, err)
			}
		}
		if files, bytes, storage = stored(); files != 7 || bytes != 1000 || storage != 1000 {
			t.Errorf("grown: %d files, %d bytes, storage %d", files, bytes, storage)
		}
		// Several who give the same back at once give it back once.
		race(t, 4, func(int) bool {
			if err := db.GiveBackReceivedFile(t.Context(), *first, noon.Add(24*time.Hour)); err != nil {
				t.Error(err)
			}
			return true
		})
		if files, bytes, storage = stored(); files != 6 || bytes != 60 || storage != 60 {
			t.Errorf("given back: %d files, %d bytes, storage %d", files, bytes, storage)
		}
		_, err := db.GrowReceivedFile(t.Context(), q, first.ID, 1, 1<<40, noon)
		wantKind(t, "growing what was given back", err, problem.NotFound)
		wantKind(t, "renewing it", db.RenewReceivedFile(t.Context(), first.ID, noon), problem.NotFound)
		// The others lapse; one that is renewed does not.
		lapsed, err := db.LapsedReceivedFiles(t.Context(), noon.Add(models.ReservationLife-time.Microsecond), 10)
		must(t, err)
		wantEqual(t, "lapsed too early", len(lapsed), 0)
		lapsed, err = db.LapsedReceivedFiles(t.Context(), noon.Add(models.ReservationLife), 10)
		must(t, err)
		wantEqual(t, "lapsed", len(lapsed), 6)
		must(t, db.RenewReceivedFile(t.Context(), lapsed[0].ID, noon.Add(time.Hour)))
		for _, f := range lapsed {
			must(t, db.GiveBackReceivedFile(t.Context(), f, noon.Add(models.ReservationLife)))
		}
		if files, bytes, storage = stored(); files != 1 || bytes != 10 || storage != 10 {
			t.Errorf("lapsed: %d files, %d bytes, storage %d", files, bytes, storage)
		}
		// Deleting the request gives back what is coming in.
		must(t, db.DeleteFileRequest(t.Context(), mara.ID, q.ID))
		u, err := db.UserByID(t.Context(), mara.ID)
		must(t, err)
		wantEqual(t, "storage after the request was deleted", u.StorageUsed, 0)
	})
}

// A request for one use is for the guest who leaves the first file. One whose upload fails
// leaves it to others.
func TestReceivedFiles_OneUse(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		mara := newUser(t, db, "mara")
		q := newRequest(t, db, mara, 100, 0)
		q.OneUse = true
		must(t, db.UpdateFileRequest(t.Context(), &q))
		begin := func(holder string) (*models.ReceivedFile, bool) {
			t.Helper()
			f := coming(q, holder, 1)
			_, room, err := db.ReserveReceivedFile(t.Context(), q, f, 1<<40)
			if err != nil && problem.KindOf(err) != problem.NotFound {
				t.Error(err)
			}
			return f, room
		}
		wins := race(t, 10, func(i int) bool {
			_, room := begin(string(rune('a' + i)))
			return room
		})
		wantEqual(t, "guests who may leave a file", wins, 1)
		v, err := db.FileRequestOf(t.Context(), mara.ID, q.ID)
		must(t, err)
		again, room := begin(v.Guest)
		wantEqual(t, "room for the same guest", room, true)
		must(t, db.GiveBackReceivedFile(t.Context(), *again, noon.Add(time.Hour)))
		_, room = begin("z")
		wantEqual(t, "room for another, while the first file comes in", room, false)
		lapsed, err := db.LapsedReceivedFiles(t.Context(), noon.Add(time.Hour), 10)
		must(t, err)
		for _, f := range lapsed {
			must(t, db.GiveBackReceivedFile(t.Context(), f, noon.Add(time.Hour)))
		}
		_, room = begin("z")
		wantEqual(t, "room for another, after the first guest's upload failed", room, true)
	})
}

// What ends a request ends it in each statement of an upload.
func TestReceivedFiles_EndWithTheRequest(t *testing.T) {
	ends := map[string]func(t *testing.T, db *database.DB, owner models.User, q models.FileRequest) time.Time{
		"closed": func(t *testing.T, db *database.DB, owner models.User, q models.FileRequest) time.Time {
			t.Helper()
			must(t, db.RevokeFileRequest(t.Context(), owner.ID, q.ID, noon))
			return noon
		},
		"expired": func(*testing.T, *database.DB, models.User, models.FileRequest) time.Time { return noon.Add(time.Hour) },
		"another password": func(t *testing.T, db *database.DB, _ models.User, q models.FileRequest) time.Time {
			t.Helper()
			q.Password = "$another$"
			must(t, db.UpdateFileRequest(t.Context(), &q))
			return noon
		},
		"post deleted": func(t *testing.T, db *database.DB, owner models.User, q models.FileRequest) time.Time {
			t.Helper()
			must(t, db.DeletePost(t.Context(), owner.ID, q.PostID, noon))
			return noon
		},
		"owner leaves": func(t *testing.T, db *database.DB, owner models.User, _ models.FileRequest) time.Time {
			t.Helper()
			_, err := db.AskDeletion(t.Context(), owner.ID, noon)
			must(t, err)
			return noon
		},
	}
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			databasetest.Each(t, func(t *testing.T, db *database.DB) {
				mara := newUser(t, db, "mara")
				q := newRequest(t, db, mara, 100, 0)
				f := coming(q, "guest", 5)
				_, room, err := db.ReserveReceivedFile(t.Context(), q, f, 1<<40)
				must(t, err)
				wantEqual(t, "room while it is open", room, true)
				must(t, db.FileRequestOpens(t.Context(), q.ID, 0, noon))
				now := end(t, db, mara, q)
				next := coming(q, "guest", 5)
				next.CreatedAt = now
				_, _, err = db.ReserveReceivedFile(t.Context(), q, next, 1<<40)
				wantKind(t, "another file", err, problem.NotFound)
				wantKind(t, "asking", db.FileRequestOpens(t.Context(), q.ID, 0, now), problem.NotFound)
				f.ReceivedAt = &now
				wantKind(t, "keeping the file", db.KeepReceivedFile(t.Context(), q, *f, 5), problem.NotFound)
			})
		})
	}
}
