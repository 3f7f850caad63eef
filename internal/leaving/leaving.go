// Package leaving exports the data of users and deletes their accounts. It alone
// knows which rows and bytes belong to a user.
package leaving

import (
	"context"
	"time"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/jobs"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/storage"
)

// A Service exports and deletes accounts. All fields must be set.
type Service struct {
	DB    *database.DB
	Jobs  *jobs.Queue
	Blobs storage.Store
	Grace time.Duration // time in which a requested deletion can be cancelled
	Now   func() time.Time
}

// Actions that this package writes to the audit log.
const (
	ActionExport  models.AuditAction = "user.export"
	ActionRequest models.AuditAction = "user.ask_deletion"
	ActionCancel  models.AuditAction = "user.keep"
	ActionDelete  models.AuditAction = "user.delete"
)

// audit appends e to the audit log with the current time.
func (s *Service) audit(ctx context.Context, db *database.DB, e models.AuditEvent) error {
	e.At = s.now()
	return db.AppendAuditEvent(ctx, e)
}

// now returns the current time in the precision of the database.
func (s *Service) now() time.Time { return s.Now().UTC().Truncate(time.Microsecond) }
