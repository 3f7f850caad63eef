package site

import (
	"example.org/cloakroom/internal/handlers/page"
	"example.org/cloakroom/internal/models"
)

// previewOf returns what other sites show of a link to a post: of a public one its
// title, text and first image; of an unlisted one only how many files there are, and
// how large they are; of a private or moderated one nothing.
func (s *Site) previewOf(post models.PostView) page.Preview {
	var size int64
	var open, pictures []models.File
	for _, f := range post.Files {
		if !isOpen(f) {
			continue
		}
		size += f.ShownSize()
		open = append(open, f)
		if f.IsImage() && f.HasThumbnail() {
			pictures = append(pictures, f)
		}
	}
	amount := page.Count(len(open), "file", "files") + ", " + page.Size(size)
	switch {
	case post.HiddenAt != nil || post.Visibility == models.Private:
		return page.Preview{}
	case post.Visibility == models.Unlisted && len(open) == 0:
		return page.Preview{Title: "A post was shared with you", Description: "Open the link to read it."}
	case post.Visibility == models.Unlisted:
		title := "A file was shared with you"
		if len(open) > 1 {
			title = "Files were shared with you"
		}
		return page.Preview{Title: title, Description: amount}
	}
	preview := page.Preview{Title: string(post.Title), Description: post.Excerpt}
	if preview.Description == "" {
		preview.Description = amount
	}
	if len(pictures) > 0 {
		preview.Image = s.Options.PublicURL + "/files/" + string(pictures[0].ID) + "/thumbnail/1280"
	}
	return preview
}

// previewOfShare returns what chat apps show of the link of a share that asks for no
// password: how many files there are, and an image only if the owner allows it.
func (s *Site) previewOfShare(p shareVisitPage) page.Preview {
	if p.Share.Locked() || len(p.Files) == 0 {
		return page.Preview{}
	}
	preview := page.Preview{
		Title: "A file was shared with you", Description: page.Count(len(p.Files), "file", "files") + ", " + page.Size(p.Size()),
	}
	if len(p.Files) > 1 {
		preview.Title = "Files were shared with you"
	}
	for _, f := range p.Files {
		if p.Share.Preview && f.IsImage() && f.HasThumbnail() {
			preview.Image = s.Options.PublicURL + p.Thumb(f, 1280)
			break
		}
	}
	return preview
}
