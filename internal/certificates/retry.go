package certificates

import (
	"context"
	"time"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// ActionRetry is the action that this package writes to the audit log.
const ActionRetry models.AuditAction = "certificate.retry"

// MayRetry reports whether Retry has an effect: the certificate waits after a
// failure, and the wait was not set by the authority.
func (s State) MayRetry(now time.Time) bool { return s.NextAt.After(now) && !s.Ordered }

// Retry ends the wait of a certificate after a failure, so that one of the nodes
// tries again within seconds. Another failure starts a longer wait. Retry fails
// with Conflict if nothing waits, or if the authority set the wait: it would only
// refuse again.
func (s *Service) Retry(ctx context.Context, by models.Actor, name string) error {
	if s.cache == nil || !s.exists(name) {
		return problem.New(problem.NotFound, "Certificate not found.")
	}
	now := s.now().UTC().Truncate(time.Microsecond)
	return s.cache.db.Tx(ctx, func(tx *database.DB) error {
		err := tx.EndCertificateWait(ctx, s.cache.authority, name, now)
		if problem.KindOf(err) == problem.NotFound {
			return problem.New(problem.Conflict, "There is nothing to retry now, or the certificate authority has set the time of the next attempt.")
		}
		if err != nil {
			return err
		}
		event := by.Did(ActionRetry, "certificate:"+name, "")
		event.At = now
		return tx.AppendAuditEvent(ctx, event)
	})
}

// exists reports whether there is a certificate with this name.
func (s *Service) exists(name string) bool {
	for _, state := range s.CachedStates() {
		if state.Name == name {
			return true
		}
	}
	return false
}
