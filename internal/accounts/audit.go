package accounts

import (
	"context"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/models"
)

// Actions that this package writes to the audit log.
const (
	ActionLogIn          models.AuditAction = "session.log_in"
	ActionConfirm        models.AuditAction = "session.confirm"
	ActionChangePassword models.AuditAction = "user.change_password"
	ActionSetTier        models.AuditAction = "user.set_tier"
	ActionSetRole        models.AuditAction = "user.set_role"
	ActionSetQuota       models.AuditAction = "user.set_quota"
	ActionEndSessions    models.AuditAction = "user.end_sessions"
	ActionResetLink      models.AuditAction = "user.reset_link"
	ActionResetPassword  models.AuditAction = "user.reset_password"
	ActionAddFactor      models.AuditAction = "user.add_factor"
	ActionRemoveFactor   models.AuditAction = "user.remove_factor"
	ActionNewCodes       models.AuditAction = "user.new_recovery_codes"
	ActionGuessing       models.AuditAction = "user.guessing"
	ActionCreateAdmin    models.AuditAction = "admin.create"
	ActionCreateToken    models.AuditAction = "token.create"
	ActionDeleteToken    models.AuditAction = "token.delete"
)

// audit appends e to the audit log with the current time, and emails the user if
// the event concerns the security of their account.
func (s *Service) audit(ctx context.Context, db *database.DB, e models.AuditEvent) error {
	if err := s.notify(ctx, db, e); err != nil {
		return err
	}
	e.At = s.now()
	return db.AppendAuditEvent(ctx, e)
}
