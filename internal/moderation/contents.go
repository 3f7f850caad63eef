package moderation

import (
	"context"
	"time"

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
	Links  []LinkView              // that open it, or opened it; newest first
}

// A LinkView is a share as an admin sees it: without its secret, and without the words
// of its owner.
type LinkView struct {
	State     models.ShareState
	Summary   string
	PickedUp  int
	CreatedAt time.Time
	UsedAt    *time.Time // of the last pickup; nil: none yet
}

// OpenLinks returns the number of links that open it now.
func (v AdminView) OpenLinks() (n int) {
	for _, link := range v.Links {
		if link.State == models.ShareOpen {
			n++
		}
	}
	return n
}

// maxLinks is the number of links that an admin sees of one post or file.
const maxLinks = 200

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
	if err == nil {
		err = s.findLinks(ctx, &seen)
	}
	return seen, err
}

// findLinks adds the shares of a post, or of a file and its post.
func (s *Service) findLinks(ctx context.Context, seen *AdminView) error {
	var all []models.ShareView
	post := models.PostID("")
	switch seen.Kind {
	case models.SubjectPost:
		post = models.PostID(seen.ID)
	case models.SubjectFile:
		of, err := s.DB.SharesOfFile(ctx, seen.OwnerID, models.FileID(seen.ID), maxLinks)
		if err != nil {
			return err
		}
		all, post = of, seen.PostID
	case models.SubjectComment, models.SubjectUser:
	}
	if post != "" {
		of, err := s.DB.SharesOfPost(ctx, seen.OwnerID, post, maxLinks)
		if err != nil {
			return err
		}
		all = append(all, of...)
	}
	for _, v := range all {
		seen.Links = append(seen.Links, LinkView{v.State(s.now()), v.Summary(), v.PickedUp, v.CreatedAt, v.UsedAt})
	}
	return nil
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
