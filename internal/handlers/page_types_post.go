package handlers

import (
	"html/template"
	"slices"

	"example.org/cloakroom/internal/models"
)

// postList is a stretch of a list of posts; postListOf makes it.
type postList struct {
	Cards []postCard
	Older string // address of the next stretch; empty: the list's end
}

// feedPage is the page "feed".
type feedPage struct {
	page
	List postList
}

// Parts implements web.Cacheable.
func (p feedPage) Parts() (name string, parts []any) { return p.List.Parts() }

// tagShowPage is the page "tag_show".
type tagShowPage struct {
	page
	Tag  models.Tag
	List postList
}

// Parts implements web.Cacheable.
func (p tagShowPage) Parts() (name string, parts []any) { return p.List.Parts() }

// userShowPage is the page "user_show".
type userShowPage struct {
	page
	Profile models.User // whose page it is
	List    postList
}

// Parts implements web.Cacheable.
func (p userShowPage) Parts() (name string, parts []any) { return p.List.Parts() }

// Own reports whether the viewer looks at their own page.
func (p userShowPage) Own() bool { return p.User.ID == p.Profile.ID }

// searchPage is the page "search"; what was asked for is page.Query.
type searchPage struct {
	page
	List     postList
	Problems Problems // at the field q
}

// Parts implements web.Cacheable.
func (p searchPage) Parts() (name string, parts []any) { return p.List.Parts() }

// commentItem is a comment under a post.
type commentItem struct {
	models.CommentView
	HTML      template.HTML // from package sanitize
	CanDelete bool
}

// commentForm is what someone typed below a post.
type commentForm struct {
	Body string
}

// postShowPage is the page "post_show". The field of its form is body.
type postShowPage struct {
	page
	Post     models.PostView // its files in order; not ready ones only for the author
	HTML     template.HTML   // the content, from package sanitize
	CanEdit  bool
	Comments []commentItem // oldest first
	First    string        // address of the first comments; empty: these are they
	More     string        // address of the next stretch of comments; empty: their end
	Form     commentForm
	Problems Problems
}

// Gallery lists the pictures that can be shown.
func (p postShowPage) Gallery() []models.File {
	return p.filesWhere(func(f models.File) bool { return isOpen(f) && f.IsImage() && f.HasThumbnail() })
}

// Players lists what can be listened to or watched.
func (p postShowPage) Players() []models.File {
	return p.filesWhere(func(f models.File) bool { return isOpen(f) && isPlayable(f) })
}

// Downloads lists every file that can be had.
func (p postShowPage) Downloads() []models.File {
	return p.filesWhere(isOpen)
}

// Waiting lists the files that only the author knows of: being processed,
// rejected, or in quarantine.
func (p postShowPage) Waiting() []models.File {
	return p.filesWhere(func(f models.File) bool { return !isOpen(f) })
}

func (p postShowPage) filesWhere(keep func(models.File) bool) (files []models.File) {
	for _, f := range p.Post.Files {
		if keep(f) {
			files = append(files, f)
		}
	}
	return files
}

// isOpen reports whether the bytes of f can be had by who sees it.
func isOpen(f models.File) bool { return f.State == models.Ready && f.HiddenAt == nil }

func isPlayable(f models.File) bool {
	return f.Kind == models.KindAudio || f.Kind == models.KindVideo
}

// postForm is what an author typed.
type postForm struct {
	Title       string
	Content     string
	Tags        string // separated by spaces or commas
	Visibility  string
	RemoveFiles []string // identifiers of files to be taken off the post
}

// Removes reports whether the file is to be taken off the post.
func (f postForm) Removes(id models.FileID) bool { return slices.Contains(f.RemoveFiles, string(id)) }

// postFormPage is the page "post_form", for a new post and for an old one. Its
// fields are title, content, tags, visibility, file (several), file_ids (those
// received already) and remove_files.
type postFormPage struct {
	page
	PostID   models.PostID // empty: the post is new
	Form     postForm
	Files    []models.File // attached, or received and waiting to be
	Limits   uploadLimits
	Problems Problems
}

// Action is the address the form is sent to.
func (p postFormPage) Action() string {
	if p.PostID == "" {
		return "/posts"
	}
	return "/posts/" + string(p.PostID) + "/edit"
}

// deletedPost is a post that can still be had back.
type deletedPost struct {
	models.Post
	DaysLeft int // until it is gone, rounded up
}

// postDeletedPage is the page "post_deleted".
type postDeletedPage struct {
	page
	Posts []deletedPost
	Older string // address of the next stretch of the list; empty: its end
}
