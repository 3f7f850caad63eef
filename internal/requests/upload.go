package requests

import (
	"context"
	"io"
	"strings"
	"time"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// The pieces in which an upload of unknown length reserves bytes.
const (
	firstPiece = 1 << 20
	lastPiece  = 64 << 20
)

// forever is after the end of every reservation.
var forever = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC) //nolint:gochecknoglobals // a constant

// An Upload is a file that a guest leaves. It is a files.Deposit: it reserves a place of
// the request, and bytes of the request and of its owner's storage before they are
// stored. The caller must call Done at the end.
type Upload struct {
	service  *Service
	visit    Visit
	quota    int64
	row      models.ReceivedFile
	begun    bool
	reserved int64 // bytes
	read     int64 // bytes
	piece    int64
	renewed  time.Time
}

// Upload returns the upload of one file. The size is that of the whole file if it is
// known, or else negative; quota is that of the owner.
func (s *Service) Upload(v Visit, from models.Sender, size, quota int64) *Upload {
	return &Upload{
		service: s, visit: v, quota: quota, piece: firstPiece,
		row: models.ReceivedFile{
			ID: models.NewReceivedFileID(), RequestID: v.Request.ID, Holder: v.holder, SenderName: from.Name, SenderEmail: from.Email,
			Place: v.Guest.Client.Place(), Size: max(size, 0),
		},
	}
}

// Begin implements files.Deposit: it reserves a place, and the bytes of a file whose size
// is known.
func (u *Upload) Begin(ctx context.Context, f *models.File) error {
	q := u.visit.Request
	now := u.service.now()
	until := now.Add(models.ReservationLife)
	u.row.Name, u.row.CreatedAt, u.row.ExpiresAt = f.Name, now, &until
	place, room, err := u.service.DB.ReserveReceivedFile(ctx, q, &u.row, u.quota)
	if err != nil {
		return orGone(err)
	}
	if !room {
		return errNoRoom()
	}
	u.begun, u.reserved, u.renewed = true, u.row.Size, now
	f.PostID, f.Position = &q.PostID, place
	return nil
}

func errNoRoom() error {
	return problem.At("file", problem.New(problem.TooLarge, "There is no room left for this file."))
}

// Takes implements files.Deposit: it refuses a kind of file that the request does not ask for.
func (u *Upload) Takes(kind models.FileKind) error {
	q := u.visit.Request
	if q.Takes(kind) {
		return nil
	}
	var names []string
	for _, kind := range q.KindList() {
		names = append(names, kind.Name())
	}
	return problem.At("file", problem.New(problem.Unsupported, "Only these kinds of files are requested: %s.", strings.Join(names, ", ")))
}

// Body implements files.Deposit: it reserves the bytes of a file whose size is not known
// before it passes them on, and keeps the reservation alive.
func (u *Upload) Body(ctx context.Context, body io.Reader) io.Reader {
	return readerFunc(func(p []byte) (int, error) {
		n, err := body.Read(p)
		u.read += int64(n)
		if refused := u.cover(ctx); refused != nil {
			return 0, refused
		}
		return n, err
	})
}

type readerFunc func(p []byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// cover reserves bytes for all that was read.
func (u *Upload) cover(ctx context.Context) error {
	db, now := u.service.DB, u.service.now()
	until := now.Add(models.ReservationLife)
	missing := u.read - u.reserved
	if missing <= 0 {
		if now.Sub(u.renewed) < models.ReservationRenewal {
			return nil
		}
		u.renewed = now
		return orGone(db.RenewReceivedFile(ctx, u.row.ID, until))
	}
	// Near the limit a piece may be too much, and the bytes that are there may not.
	for want := max(u.piece, missing); ; want = max(want/2, missing) {
		room, err := db.GrowReceivedFile(ctx, u.visit.Request, u.row.ID, want, u.quota, until)
		if err != nil {
			return orGone(err)
		}
		if room {
			u.reserved, u.renewed, u.piece = u.reserved+want, now, min(2*u.piece, lastPiece)
			return nil
		}
		if want == missing {
			return errNoRoom()
		}
	}
}

// Keep implements files.Deposit: it turns the reservation into the receipt, gives back
// the bytes that did not come, and notifies the owner.
func (u *Upload) Keep(ctx context.Context, tx *database.DB, f models.File) error {
	now := u.service.now()
	kept := u.row
	kept.FileID, kept.Name, kept.Size, kept.SHA256, kept.ReceivedAt, kept.ExpiresAt = &f.ID, f.Name, f.Size, f.SHA256, &now, nil
	if err := tx.KeepReceivedFile(ctx, u.visit.Request, kept, u.reserved); err != nil {
		return orGone(err)
	}
	if err := tx.ReindexPost(ctx, u.visit.Request.PostID); err != nil {
		return err
	}
	u.row = kept
	if u.visit.Own() {
		return nil
	}
	return u.service.Jobs.Add(ctx, tx, models.NotifyOfReceived{File: kept.ID})
}

// Done ends an upload that failed with err, or that did not: then err is nil. It gives
// back what a failed upload reserved, even if ctx has been cancelled, and returns err.
func (u *Upload) Done(ctx context.Context, err error) error {
	if err == nil || !u.begun {
		return err
	}
	if failed := u.service.DB.GiveBackReceivedFile(context.WithoutCancel(ctx), u.row, forever); failed != nil {
		return failed // the reservation lapses later
	}
	return err
}

// Receipt returns the receipt of an upload that is done.
func (u *Upload) Receipt() models.ReceivedFile { return u.row }
