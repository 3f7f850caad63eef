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
	// maxEvidence is how much of the words of what is reported is kept, in characters.
	maxEvidence = 4000
)

// Seen returns what of a subject who sees who is about to report it, or
// NotFound: what one cannot open one cannot report.
func (s *Service) Seen(ctx context.Context, who models.User, what models.Subject) (v models.SubjectView, err error) {
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

// Report says that something is wrong with what who can open. Whoever reports
// the same thing again before somebody has decided is a Conflict; a guest is
// not known again.
func (s *Service) Report(ctx context.Context, who models.User, what models.Subject, reason, text string) error {
	view, err := s.Seen(ctx, who, what)
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

// evidence is the words of what is reported, in case they are changed before
// somebody looks.
func evidence(v models.SubjectView) string {
	text := strings.TrimSpace(v.Title + "\n\n" + v.Words)
	if utf8.RuneCountInString(text) > maxEvidence {
		text = string([]rune(text)[:maxEvidence]) + " …"
	}
	return text
}

// Sent returns a page of what who reported, newest first.
func (s *Service) Sent(ctx context.Context, who models.User, before models.Cursor) (models.Page[models.SentReport], error) {
	return s.DB.SentReports(ctx, who.ID, before, reportsPerPage)
}
