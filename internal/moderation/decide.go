package moderation

import (
	"context"
	"errors"
	"time"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// mostVoices is how many of those who reported are shown.
const mostVoices = 100

// Waiting returns a page of the reports that nobody has decided, oldest first.
func (s *Service) Waiting(ctx context.Context, after models.Cursor) (models.Page[models.ReportView], error) {
	return s.DB.OpenReports(ctx, after, reportsPerPage)
}

// Decided returns a page of the reports that were decided, the last one first.
func (s *Service) Decided(ctx context.Context, before models.Cursor) (models.Page[models.ReportView], error) {
	return s.DB.DecidedReports(ctx, before, reportsPerPage)
}

// A Detail is a report with what it is judged by.
type Detail struct {
	models.ReportView
	Now     models.SubjectView // as it is today; the zero view: it is gone
	Voices  []models.ReportVoice
	Claimed bool // and the claim still holds
}

// Gone reports whether there is nothing left to judge.
func (d Detail) Gone() bool { return d.Now.OwnerID == "" }

// Detail returns a report, or NotFound.
func (s *Service) Detail(ctx context.Context, id models.ReportID) (d Detail, err error) {
	if d.ReportView, err = s.DB.ReportByID(ctx, id); err != nil {
		return d, err
	}
	d.Claimed = d.Open() && d.ClaimedSince(s.claimsSince())
	if d.Voices, err = s.DB.ReportVoices(ctx, id, mostVoices); err != nil {
		return d, err
	}
	d.Now, err = s.Show(ctx, d.Subject())
	if problem.KindOf(err) == problem.NotFound {
		d.Now, err = models.SubjectView{}, nil
	}
	return d, err
}

// claimsSince is when claims that hold were made at the earliest.
func (s *Service) claimsSince() time.Time { return s.now().Add(-s.ClaimFor) }

// Claim gives an open report to by, who alone may decide it until ClaimFor is
// over. One that another has, or that was decided, is a Conflict, and what is
// by's own to judge is Forbidden.
func (s *Service) Claim(ctx context.Context, by models.Actor, id models.ReportID) error {
	return s.onReport(ctx, by, id, ActionClaim, "", func(tx *database.DB, _ models.ReportView) (bool, error) {
		return tx.ClaimReport(ctx, id, by.User.ID, s.now(), s.claimsSince())
	})
}

// Release gives back a report that by has claimed.
func (s *Service) Release(ctx context.Context, by models.Actor, id models.ReportID) error {
	return s.onReport(ctx, by, id, ActionRelease, "", func(tx *database.DB, _ models.ReportView) (bool, error) {
		return tx.ReleaseReport(ctx, id, by.User.ID)
	})
}

// onReport does one thing to a report that by may judge, and writes it into the
// audit log.
func (s *Service) onReport(ctx context.Context, by models.Actor, id models.ReportID, action models.AuditAction, detail string, do func(tx *database.DB, r models.ReportView) (bool, error)) error {
	return s.DB.Tx(ctx, func(tx *database.DB) error {
		r, err := tx.ReportByID(ctx, id)
		if err != nil {
			return err
		}
		if mine(by.User, r.OwnerID) {
			return errOwn()
		}
		done, err := do(tx, r)
		if err != nil {
			return err
		}
		if !done {
			return s.whyNot(r)
		}
		return s.audit(ctx, tx, by.Did(action, reportObject(id), detail))
	})
}

// whyNot says why by could not do what they wanted with r.
func (s *Service) whyNot(r models.ReportView) error {
	switch {
	case !r.Open():
		return problem.New(problem.Conflict, "This report has already been decided.")
	case r.ClaimedSince(s.claimsSince()):
		return problem.New(problem.Conflict, "%s has claimed this report. Choose another one.", r.Claimer)
	}
	return problem.New(problem.Conflict, "Claim this report first.")
}

// A Verdict is what a moderator typed.
type Verdict struct {
	Decision string
	Why      string // for the owner and the audit log
	Note     string // to those who reported it; may be empty
}

// Decide closes a report that by has claimed, does what was decided, and tells
// those who reported it, and the owner. Its error joins the problems of all
// fields.
func (s *Service) Decide(ctx context.Context, by models.Actor, id models.ReportID, v Verdict) error {
	r, err := s.DB.ReportByID(ctx, id)
	if err != nil {
		return err
	}
	if mine(by.User, r.OwnerID) {
		return errOwn()
	}
	decision, err := models.ParseDecision(r.Subject().Kind, v.Decision)
	note, noteErr := models.ParseDecisionWords("note", v.Note)
	why, whyErr := models.ParseDecisionWords("why", v.Why)
	if whyErr == nil && why == "" && decision != models.DecisionDismiss {
		_, whyErr = needWords("why", "")
	}
	if err := errors.Join(err, whyErr, noteErr); err != nil {
		return err
	}
	return s.DB.Tx(ctx, func(tx *database.DB) error {
		done, err := tx.DecideReport(ctx, id, by.User.ID, decision, note, s.now())
		if err == nil && !done {
			err = s.whyNot(r)
		}
		if err != nil {
			return err
		}
		events, err := s.carryOut(ctx, tx, by, r.Subject(), decision, why)
		if err != nil {
			return err
		}
		if err := s.tellReporters(ctx, tx, r, decisionWords(r.Subject().Kind, decision, note)); err != nil {
			return err
		}
		return s.audit(ctx, tx, append(events, by.Did(ActionDecide, reportObject(id), string(decision)+": "+why))...)
	})
}

func (s *Service) tellReporters(ctx context.Context, tx *database.DB, r models.ReportView, text string) error {
	users, err := tx.ReportersOf(ctx, r.ID)
	for i := 0; err == nil && i < len(users); i++ {
		err = s.tell(ctx, tx, users[i], models.NotificationReport, r.Subject(), text)
	}
	return err
}

// carryOut does what was decided. What is done already is no error.
func (s *Service) carryOut(ctx context.Context, tx *database.DB, by models.Actor, what models.Subject, d models.Decision, why string) ([]models.AuditEvent, error) {
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
		view, look := tx.SubjectByID(ctx, what)
		if look == nil && (view.RemovedAt != nil || view.HiddenAt != nil && d != models.DecisionRemove) {
			return nil, nil
		}
	}
	return events, err
}

// suspend keeps a user out. A moderator may do that to users, and not to those
// who look after the site.
func (s *Service) suspend(ctx context.Context, tx *database.DB, by models.Actor, id models.UserID, why string) ([]models.AuditEvent, error) {
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

// Undo takes a decision back, with what it did, and gives the report to by. A
// moderator undoes their own decisions, an admin all. Those who reported it are
// told nothing: they will be when it is decided again.
func (s *Service) Undo(ctx context.Context, by models.Actor, id models.ReportID) error {
	return s.DB.Tx(ctx, func(tx *database.DB) error {
		r, err := tx.ReportByID(ctx, id)
		if err != nil {
			return err
		}
		if mine(by.User, r.OwnerID) {
			return errOwn()
		}
		done, err := tx.ReopenReport(ctx, r.Report, by.User.ID, by.User.IsAdmin(), s.now())
		if err != nil {
			return err
		}
		if !done {
			return problem.New(problem.Conflict, "There is no decision of yours to undo.")
		}
		events, err := s.takeBack(ctx, tx, by, r)
		if err != nil {
			return err
		}
		return s.audit(ctx, tx, append(events, by.Did(ActionUndo, reportObject(id), string(r.Decision)))...)
	})
}

// takeBack undoes what a decision did, if nobody has yet. What was hidden before
// it stays so: that was not its doing.
func (s *Service) takeBack(ctx context.Context, tx *database.DB, by models.Actor, r models.ReportView) (events []models.AuditEvent, err error) {
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
