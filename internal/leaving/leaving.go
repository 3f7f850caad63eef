// Package leaving lets users take all they have with them. It alone knows what
// is theirs, in rows and in bytes.
package leaving

import (
	"context"
	"time"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/storage"
)

// A Service gives users what is theirs. All fields must be set.
type Service struct {
	DB    *database.DB
	Blobs storage.Store
	Now   func() time.Time
}

// What this package puts into the audit log.
const (
	ActionExport models.AuditAction = "user.export"
)

// audit appends e to the audit log, as of now.
func (s *Service) audit(ctx context.Context, db *database.DB, e models.AuditEvent) error {
	e.At = s.now()
	return db.AppendAuditEvent(ctx, e)
}

// now returns the time as the database keeps it: in UTC, to the microsecond.
func (s *Service) now() time.Time { return s.Now().UTC().Truncate(time.Microsecond) }
