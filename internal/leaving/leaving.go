// Package leaving lets users take all they have with them, and go. It alone
// knows what is theirs, in rows and in bytes.
package leaving

import (
	"context"
	"time"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/jobs"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/storage"
)

// A Service gives users what is theirs, and deletes them. All fields must be set.
type Service struct {
	DB    *database.DB
	Jobs  *jobs.Queue
	Blobs storage.Store
	Grace time.Duration // to repent: then one who asked to be deleted is
	Now   func() time.Time
}

// What this package puts into the audit log.
const (
	ActionExport models.AuditAction = "user.export"
	ActionAsk    models.AuditAction = "user.ask_deletion"
	ActionKeep   models.AuditAction = "user.keep"
	ActionDelete models.AuditAction = "user.delete"
)

// audit appends e to the audit log, as of now.
func (s *Service) audit(ctx context.Context, db *database.DB, e models.AuditEvent) error {
	e.At = s.now()
	return db.AppendAuditEvent(ctx, e)
}

// now returns the time as the database keeps it: in UTC, to the microsecond.
func (s *Service) now() time.Time { return s.Now().UTC().Truncate(time.Microsecond) }
