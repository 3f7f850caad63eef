package moderation

import (
	"context"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

const (
	contentsPerPage = 50
	// maxFiles is the number of files shown with a post.
	maxFiles = 100
)

// Contents returns a page of the posts, comments or files that match f, newest
// first. Sealed ones come without their content.
func (s *Service) Contents(ctx context.Context, f models.ContentFilter) (models.Page[models.SubjectView], error) {
	found, err := s.DB.Contents(ctx, f, contentsPerPage)
	for i := range found.Items {
		found.Items[i] = withoutContent(found.Items[i])
	}
	return found, err
}

// withoutContent returns v as seen without break-glass: a sealed subject loses
// its text and its title, which for a comment is that of the post above it.
func withoutContent(v models.SubjectView) models.SubjectView {
	if v.Sealed() {
		v.Title, v.Words = "", ""
	}
	return v
}

// An AdminView is a post, comment or file as an admin sees it.
type AdminView struct {
	models.SubjectView
	SHA256 string                  // of a file
	Glass  *models.BreakGlassView  // this admin's access; nil: none
	Others []models.BreakGlassView // access of other admins
	Report models.ReportID         // the open report; empty: none
	Files  []models.SubjectView    // of a post
}

// AdminView returns what an admin sees of a subject, or NotFound. Sealed content
// is only included if the admin has broken the glass.
func (s *Service) AdminView(ctx context.Context, admin models.User, what models.Subject) (seen AdminView, err error) {
	if !what.Hideable() {
		return seen, problem.New(problem.NotFound, "Not found.")
	}
	if seen.SubjectView, err = s.DB.SubjectByID(ctx, what); err != nil {
		return seen, err
	}
	if err := s.findGlass(ctx, admin, &seen); err != nil {
		return seen, err
	}
	if seen.Glass == nil {
		seen.SubjectView = withoutContent(seen.SubjectView)
	} else if what.Kind == models.SubjectComment && seen.Sealed() {
		seen.Title = "" // of the post, which has a glass of its own
	}
	if seen.Report, err = s.DB.OpenReportOn(ctx, what.Object()); problem.KindOf(err) == problem.NotFound {
		err = nil
	}
	if err == nil && what.Kind == models.SubjectFile {
		var f models.File
		f, err = s.DB.FileByID(ctx, models.FileID(what.ID))
		seen.SHA256 = f.SHA256
	}
	if err == nil && what.Kind == models.SubjectPost {
		err = s.findFiles(ctx, &seen)
	}
	return seen, err
}

// findGlass adds the admins who currently have break-glass access.
func (s *Service) findGlass(ctx context.Context, admin models.User, seen *AdminView) error {
	broken, err := s.DB.BrokenGlass(ctx, seen.Object(), s.now(), maxReporters)
	for i, g := range broken {
		if g.AdminID == admin.ID {
			seen.Glass = &broken[i]
		} else {
			seen.Others = append(seen.Others, g)
		}
	}
	return err
}

// findFiles adds the files of a post. Their names are sealed with its text.
func (s *Service) findFiles(ctx context.Context, seen *AdminView) (err error) {
	seen.Files, err = s.DB.ContentsOf(ctx, models.PostID(seen.ID), maxFiles)
	for i := range seen.Files {
		if seen.Glass == nil {
			seen.Files[i] = withoutContent(seen.Files[i])
		}
	}
	return err
}
