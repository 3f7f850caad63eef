package moderation

import (
	"context"
	"errors"
	"strings"
	"unicode/utf8"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

const (
	reportsPerPage = 50
	// maxEvidence is the length up to which reported text is stored, in characters.
	maxEvidence = 4000
)

// Reportable returns a subject that the visitor can report. It fails with
// NotFound if the visitor cannot open it, and with Conflict if it is their own.
func (s *Service) Reportable(ctx context.Context, who models.User, what models.Subject) (v models.SubjectView, err error) {
	switch what.Kind {
	case models.SubjectPost:
		_, err = s.DB.PostFor(ctx, who.ID, models.PostID(what.ID))
	case models.SubjectComment:
		_, err = s.DB.CommentByID(ctx, who.ID, models.CommentID(what.ID))
	case models.SubjectFile:
		_, err = s.DB.FileFor(ctx, who.ID, models.FileID(what.ID))
	case models.SubjectUser:
	default:
		err = problem.New(problem.NotFound, "Not found, so it can't be reported.")
	}
	if err == nil {
		v, err = s.DB.SubjectByID(ctx, what)
	}
	if err == nil && what.Kind == models.SubjectUser && (v.HiddenAt != nil || v.OwnerHidden) {
		err = problem.New(problem.NotFound, "User not found.")
	}
	if err == nil && who.SignedIn() && v.OwnerID == who.ID {
		err = problem.New(problem.Conflict, "This is your own content. You can delete it.")
	}
	return v, err
}

// Report records a visitor's report of a subject that they can open. It fails
// with Conflict if the user has already reported it and the report is still open;
// guests are not recognised.
func (s *Service) Report(ctx context.Context, who models.User, what models.Subject, reason, text string) error {
	view, err := s.Reportable(ctx, who, what)
	if err != nil {
		return err
	}
	why, errs := models.ParseReportReason(reason)
	said, err := models.ParseReportWords(why, text)
	if err := errors.Join(errs, err); err != nil {
		return err
	}
	now := s.now()
	r := models.Report{ID: models.NewReportID(), Object: what.Object(), OwnerID: view.OwnerID, Evidence: evidence(view), CreatedAt: now}
	return s.DB.SendReport(ctx, r, who.ID, models.ReportVoice{Reason: why, Words: said, CreatedAt: now})
}

// evidence returns the reported text, which is stored in case the author changes
// it before a moderator looks.
func evidence(v models.SubjectView) string {
	text := strings.TrimSpace(v.Title + "\n\n" + v.Words)
	if utf8.RuneCountInString(text) > maxEvidence {
		text = string([]rune(text)[:maxEvidence]) + " …"
	}
	return text
}

// SentReports returns a page of the reports that the user sent, newest first.
func (s *Service) SentReports(ctx context.Context, who models.User, before models.Cursor) (models.Page[models.SentReport], error) {
	return s.DB.SentReports(ctx, who.ID, before, reportsPerPage)
}
