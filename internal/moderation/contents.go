package moderation

import (
	"context"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

const (
	contentsPerPage = 50
	// mostFiles is how many files of a post are shown with it.
	mostFiles = 100
)

// Contents returns a page of the posts, comments or files that f wants, newest
// first. What is sealed is without its words.
func (s *Service) Contents(ctx context.Context, f models.ContentFilter) (models.Page[models.SubjectView], error) {
	found, err := s.DB.Contents(ctx, f, contentsPerPage)
	for i := range found.Items {
		found.Items[i] = unworded(found.Items[i])
	}
	return found, err
}

// unworded is v as it is seen without break-glass. Of a comment under a private
// post neither its words nor the title of the post are seen.
func unworded(v models.SubjectView) models.SubjectView {
	if v.Sealed() {
		v.Title, v.Words = "", ""
	}
	return v
}

// A Sight is a post, a comment or a file as an admin sees it.
type Sight struct {
	models.SubjectView
	SHA256 string                  // of a file
	Glass  *models.BreakGlassView  // the admin's own; nil: they have none
	Others []models.BreakGlassView // those of other admins
	Report models.ReportID         // the open one; empty: there is none
	Files  []models.SubjectView    // of a post
}

// Unseen reports whether the words are kept from the admin: they may break the
// glass.
func (s Sight) Unseen() bool { return s.Sealed() && s.Glass == nil }

// Look returns what an admin sees of what, or NotFound. What is sealed is
// without its words, unless they have broken the glass.
func (s *Service) Look(ctx context.Context, admin models.User, what models.Subject) (seen Sight, err error) {
	if !what.Hideable() {
		return seen, problem.New(problem.NotFound, "Not found.")
	}
	if seen.SubjectView, err = s.DB.SubjectByID(ctx, what); err != nil {
		return seen, err
	}
	if err := s.lookBroken(ctx, admin, &seen); err != nil {
		return seen, err
	}
	if seen.Glass == nil {
		seen.SubjectView = unworded(seen.SubjectView)
	} else if what.Kind == models.SubjectComment && seen.Sealed() {
		seen.Title = "" // which is the post's, and has a glass of its own
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
		err = s.lookAtFiles(ctx, &seen)
	}
	return seen, err
}

// lookBroken finds who may see it by break-glass.
func (s *Service) lookBroken(ctx context.Context, admin models.User, seen *Sight) error {
	broken, err := s.DB.BrokenGlass(ctx, seen.Object(), s.now(), mostVoices)
	for i, g := range broken {
		if g.AdminID == admin.ID {
			seen.Glass = &broken[i]
		} else {
			seen.Others = append(seen.Others, g)
		}
	}
	return err
}

// lookAtFiles finds the files of a post. Their names go with its words.
func (s *Service) lookAtFiles(ctx context.Context, seen *Sight) (err error) {
	seen.Files, err = s.DB.ContentsOf(ctx, models.PostID(seen.ID), mostFiles)
	for i := range seen.Files {
		if seen.Glass == nil {
			seen.Files[i] = unworded(seen.Files[i])
		}
	}
	return err
}
