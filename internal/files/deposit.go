package files

import (
	"context"
	"io"
	"math"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/models"
)

// A Deposit is a way in which a file comes to its owner. It decides whether there is room
// for the file.
type Deposit interface {
	// Begin runs once the name is known, and before the bytes are stored. It can put f into
	// a post of its owner's.
	Begin(ctx context.Context, f *models.File) error
	// Body returns the body that is stored. It can refuse bytes for which there is no room.
	Body(ctx context.Context, body io.Reader) io.Reader
	// Takes runs once the bytes are stored, and refuses files of a kind that is not wanted.
	Takes(kind models.FileKind) error
	// Keep runs in the transaction in which f is stored, and settles what f uses.
	Keep(ctx context.Context, tx *database.DB, f models.File) error
}

// ReceiveInto is Receive for a file that somebody else leaves for owner, of at most so
// many bytes; zero: as many as owner can upload. The deposit counts what the file uses.
func (s *Service) ReceiveInto(ctx context.Context, owner models.User, in Input, most int64, d Deposit) (models.File, error) {
	tier := s.PolicyOf(owner)
	if most > 0 {
		tier.MaxFileSize = min(tier.MaxFileSize, most)
	}
	tier.Storage = math.MaxInt64 // the deposit counts it, and guests are not told of it
	owner.StorageUsed = 0
	return s.receive(ctx, owner, tier, in, d)
}

// upload is the Deposit of a user's own upload: it counts towards their quota when it is
// stored.
type upload struct {
	tier TierPolicy
}

// Begin implements Deposit.
func (upload) Begin(context.Context, *models.File) error { return nil }

// Body implements Deposit.
func (upload) Body(_ context.Context, body io.Reader) io.Reader { return body }

// Takes implements Deposit.
func (upload) Takes(models.FileKind) error { return nil }

// Keep implements Deposit. The reservation locks the user's row, so concurrent uploads of
// one user see each other in CountProcessing.
func (u upload) Keep(ctx context.Context, tx *database.DB, f models.File) error {
	room, err := tx.ReserveStorage(ctx, f.OwnerID, f.Size, u.tier.Storage)
	if err == nil && !room {
		err = errNoRoom(u.tier)
	}
	return err
}
