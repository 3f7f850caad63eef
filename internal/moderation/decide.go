package moderation

import (
	"context"
	"errors"
	"time"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// maxReporters is the number of reporters shown for a report.
const maxReporters = 100

// OpenReports returns a page of the undecided reports, oldest first.
func (s *Service) OpenReports(ctx context.Context, after models.Cursor) (models.Page[models.ReportView], error) {
	return s.DB.OpenReports(ctx, after, reportsPerPage)
}

// CountOpen counts the reports that wait for a decision, up to most.
func (s *Service) CountOpen(ctx context.Context, most int) (int64, error) {
	return s.DB.CountOpenReports(ctx, most)
}

// DecidedReports returns a page of the decided reports, latest decision first.
func (s *Service) DecidedReports(ctx context.Context, before models.Cursor) (models.Page[models.ReportView], error) {
	return s.DB.DecidedReports(ctx, before, reportsPerPage)
}

// A Detail is a report with what a moderator needs to decide it.
type Detail struct {
	models.ReportView
	Now       models.SubjectView // as it is now; the zero view: deleted
	Reporters []models.ReportVoice
	Claimed   bool // by a claim that has not expired
}

// Gone reports whether the reported subject no longer exists.
func (d Detail) Gone() bool { return d.Now.OwnerID == "" }

// Detail returns a report with its details, or NotFound.
func (s *Service) Detail(ctx context.Context, id models.ReportID) (d Detail, err error) {
	if d.ReportView, err = s.DB.ReportByID(ctx, id); err != nil {
		return d, err
	}
	d.Claimed = d.Open() && d.ClaimedSince(s.claimsSince())
	if d.Reporters, err = s.DB.ReportVoices(ctx, id, maxReporters); err != nil {
		return d, err
	}
	d.Now, err = s.Show(ctx, d.Subject())
	if problem.KindOf(err) == problem.NotFound {
		d.Now, err = models.SubjectView{}, nil
	}
	return d, err
}

// claimsSince returns the time after which a claim must have been made to be valid.
func (s *Service) claimsSince() time.Time { return s.now().Add(-s.ClaimFor) }

// Claim assigns an open report to a moderator: only they can decide it during
// ClaimFor. It fails with Conflict if another moderator has claimed the report or
// it is decided, and with Forbidden if the content belongs to the moderator.
func (s *Service) Claim(ctx context.Context, by models.Actor, id models.ReportID) error {
	return s.onReport(ctx, by, id, ActionClaim, "", func(tx *database.DB, _ models.ReportView) (bool, error) {
		return tx.ClaimReport(ctx, id, by.User.ID, s.now(), s.claimsSince())
	})
}

// Release ends the moderator's claim of a report.
func (s *Service) Release(ctx context.Context, by models.Actor, id models.ReportID) error {
	return s.onReport(ctx, by, id, ActionRelease, "", func(tx *database.DB, _ models.ReportView) (bool, error) {
		return tx.ReleaseReport(ctx, id, by.User.ID)
	})
}

// onReport applies do to a report in a transaction and writes an audit event. It
// fails if the content belongs to the moderator, or if do changes nothing.
func (s *Service) onReport(
	ctx context.Context, by models.Actor, id models.ReportID, action models.AuditAction, detail string,
	do func(tx *database.DB, r models.ReportView) (changed bool, err error),
) error {
	return s.DB.Tx(ctx, func(tx *database.DB) error {
		r, err := tx.ReportByID(ctx, id)
		if err != nil {
			return err
		}
		if isOwn(by.User, r.OwnerID) {
			return errOwn()
		}
		changed, err := do(tx, r)
		if err != nil {
			return err
		}
		if !changed {
			return s.conflict(r)
		}
		return s.audit(ctx, tx, by.Did(action, reportObject(id), detail))
	})
}

// conflict returns the Conflict that kept a moderator from changing r.
func (s *Service) conflict(r models.ReportView) error {
	switch {
	case !r.Open():
		return problem.New(problem.Conflict, "This report has already been decided.")
	case r.ClaimedSince(s.claimsSince()):
		return problem.New(problem.Conflict, "%s has claimed this report. Choose another one.", r.Claimer)
	}
	return problem.New(problem.Conflict, "Claim this report first.")
}

// A DecisionInput is a decision as a moderator typed it.
type DecisionInput struct {
	Decision string
	Why      string // reason, for the owner and the audit log
	Note     string // to the reporters; optional
}

// Decide closes a report that the moderator has claimed, carries out the decision,
// and notifies the reporters and the owner. Its error joins the problems of all
// fields.
func (s *Service) Decide(ctx context.Context, by models.Actor, id models.ReportID, in DecisionInput) error {
	r, err := s.DB.ReportByID(ctx, id)
	if err != nil {
		return err
	}
	if isOwn(by.User, r.OwnerID) {
		return errOwn()
	}
	decision, err := models.ParseDecision(r.Subject().Kind, in.Decision)
	note, noteErr := models.ParseDecisionWords("note", in.Note)
	why, whyErr := models.ParseReason("why", in.Why)
	if whyErr == nil && why == "" && decision != models.DecisionDismiss {
		_, whyErr = requireReason("why", "")
	}
	if err := errors.Join(err, whyErr, noteErr); err != nil {
		return err
	}
	return s.DB.Tx(ctx, func(tx *database.DB) error {
		done, err := tx.DecideReport(ctx, id, by.User.ID, decision, note, s.now())
		if err == nil && !done {
			err = s.conflict(r)
		}
		if err != nil {
			return err
		}
		events, err := s.carryOut(ctx, tx, by, r.Subject(), decision, why)
		if err != nil {
			return err
		}
		if err := s.notifyReporters(ctx, tx, r, decisionNotice(r.Subject().Kind, decision, note)); err != nil {
			return err
		}
		return s.audit(ctx, tx, append(events, by.Did(ActionDecide, reportObject(id), string(decision)+": "+why))...)
	})
}

// notifyReporters notifies everyone with an account who reported r.
func (s *Service) notifyReporters(ctx context.Context, tx *database.DB, r models.ReportView, text string) error {
	users, err := tx.ReportersOf(ctx, r.ID)
	for i := 0; err == nil && i < len(users); i++ {
		err = s.notify(ctx, tx, users[i], models.NotificationReport, r.Subject(), text)
	}
	return err
}

// carryOut applies the decision to the subject and returns the audit events. It
// is no error if the subject is already hidden or removed.
func (s *Service) carryOut(
	ctx context.Context, tx *database.DB, by models.Actor, what models.Subject, d models.Decision, why string,
) ([]models.AuditEvent, error) {
	var events []models.AuditEvent
	var err error
	switch d {
	case models.DecisionHide:
		events, err = s.do(ctx, tx, by, what, verbHide, why)
	case models.DecisionRemove:
		events, err = s.do(ctx, tx, by, what, verbRemove, why)
	case models.DecisionSuspend:
		events, err = s.suspend(ctx, tx, by, models.UserID(what.ID), why)
	case models.DecisionDismiss:
	}
	switch problem.KindOf(err) {
	case problem.NotFound:
		return nil, problem.New(problem.Conflict, "The content is gone. Dismiss the report.")
	case problem.Conflict:
		view, viewErr := tx.SubjectByID(ctx, what)
		if viewErr == nil && (view.RemovedAt != nil || view.HiddenAt != nil && d != models.DecisionRemove) {
			return nil, nil
		}
	}
	return events, err
}

// suspend suspends a user. Moderators can suspend users; only admins can suspend
// moderators and admins.
func (s *Service) suspend(
	ctx context.Context, tx *database.DB, by models.Actor, id models.UserID, why string,
) ([]models.AuditEvent, error) {
	role, err := tx.RoleForUpdate(ctx, id)
	if err != nil {
		return nil, err
	}
	if role != models.RoleUser && !by.User.IsAdmin() || id == by.User.ID {
		return nil, problem.New(problem.Forbidden, "Only an admin can decide about this account.")
	}
	if err := tx.SuspendUser(ctx, id, s.now()); err != nil {
		return nil, err
	}
	return []models.AuditEvent{by.Did(models.ActionSuspend, models.UserObject(id), why)}, nil
}

// Undo reopens a decided report, reverts what the decision did, and assigns the
// report to the moderator. Moderators can undo their own decisions, admins all.
// Reporters are only notified of the next decision.
func (s *Service) Undo(ctx context.Context, by models.Actor, id models.ReportID) error {
	return s.DB.Tx(ctx, func(tx *database.DB) error {
		r, err := tx.ReportByID(ctx, id)
		if err != nil {
			return err
		}
		if isOwn(by.User, r.OwnerID) {
			return errOwn()
		}
		done, err := tx.ReopenReport(ctx, r.Report, by.User.ID, by.User.IsAdmin(), s.now())
		if err != nil {
			return err
		}
		if !done {
			return problem.New(problem.Conflict, "There is no decision of yours to undo.")
		}
		events, err := s.revert(ctx, tx, by, r)
		if err != nil {
			return err
		}
		return s.audit(ctx, tx, append(events, by.Did(ActionUndo, reportObject(id), string(r.Decision)))...)
	})
}

// revert undoes what the decision on r did, unless that is already undone. A
// subject that was hidden before the decision stays hidden.
func (s *Service) revert(
	ctx context.Context, tx *database.DB, by models.Actor, r models.ReportView,
) (events []models.AuditEvent, err error) {
	const why = "The decision was reversed."
	what := r.Subject()
	view, err := tx.SubjectByID(ctx, what)
	since := view.HiddenAt
	if r.Decision == models.DecisionRemove {
		since = view.RemovedAt
	}
	if err == nil && (since == nil || since.Before(*r.DecidedAt)) || problem.KindOf(err) == problem.NotFound {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	switch r.Decision {
	case models.DecisionHide, models.DecisionRemove:
		events, err = s.do(ctx, tx, by, what, verbRestore, why)
	case models.DecisionSuspend:
		if err = tx.ReinstateUser(ctx, models.UserID(what.ID)); err == nil {
			events = []models.AuditEvent{by.Did(models.ActionReinstate, what.Object(), why)}
		}
	case models.DecisionDismiss:
	}
	if kind := problem.KindOf(err); kind == problem.NotFound || kind == problem.Conflict {
		return nil, nil
	}
	return events, err
}
