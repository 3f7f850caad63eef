package certificates

import (
	"context"
	"time"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// ActionRetry is what this package puts into the audit log.
const ActionRetry models.AuditAction = "certificate.retry"

// MayRetry reports whether TryAgain would do anything: it waits after a failure,
// and not because the authority said so.
func (s State) MayRetry(now time.Time) bool { return s.NextAt.After(now) && !s.Ordered }

// TryAgain ends the wait of a certificate after a failure: the node that sees it
// first tries again, within seconds. Who fails again waits again, and longer. A
// wait that the authority ordered stays: it would only refuse, and for longer.
func (s *Service) TryAgain(ctx context.Context, by models.Actor, name string) error {
	if s.cache == nil || !s.names(name) {
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

// names reports whether one of the certificates is called so.
func (s *Service) names(name string) bool {
	for _, state := range s.Known() {
		if state.Name == name {
			return true
		}
	}
	return false
}
