package handlers

import (
	"time"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/sanitize"
)

// The types below are what the API says of our nouns: each member is named
// here, so that none leaves by being added to a noun. Times are in UTC.

// An apiAuthor is a user as named beside what they wrote.
type apiAuthor struct {
	Username  string `json:"username"`
	AvatarURL string `json:"avatar_url,omitempty"`
	URL       string `json:"url"`
}

// An apiProfile is a user as everyone may see them.
type apiProfile struct {
	apiAuthor
	Role      string    `json:"role"`
	Website   string    `json:"website"`
	Bio       string    `json:"bio"`
	CreatedAt time.Time `json:"created_at"`
}

// An apiMe is a user as they see themselves.
type apiMe struct {
	apiProfile
	ID           string `json:"id"`
	Email        string `json:"email"`
	Phone        string `json:"phone"`
	Tier         string `json:"tier"`
	StorageUsed  int64  `json:"storage_used"`
	StorageQuota int64  `json:"storage_quota"`
	MaxFileSize  int64  `json:"max_file_size"`
}

// An apiPostItem is a post as lists show it.
type apiPostItem struct {
	ID           string          `json:"id"`
	Title        string          `json:"title"`
	Excerpt      string          `json:"excerpt"`
	Author       apiAuthor       `json:"author"`
	Tags         []string        `json:"tags"`
	Visibility   string          `json:"visibility"`
	CommentCount int             `json:"comment_count"`
	Files        []apiAttachment `json:"files"`
	URL          string          `json:"url"`
	CreatedAt    time.Time       `json:"created_at"`
	UpdatedAt    time.Time       `json:"updated_at"`
}

// An apiPost is a post as a whole.
type apiPost struct {
	apiPostItem
	Content string `json:"content"`
	HTML    string `json:"html"` // sanitised
}

// An apiDeletedPost is a post that can be had back.
type apiDeletedPost struct {
	ID              string    `json:"id"`
	Title           string    `json:"title"`
	Excerpt         string    `json:"excerpt"`
	Visibility      string    `json:"visibility"`
	CreatedAt       time.Time `json:"created_at"`
	DeletedAt       time.Time `json:"deleted_at"`
	RestorableUntil time.Time `json:"restorable_until"`
}

// An apiComment is a comment.
type apiComment struct {
	ID        string    `json:"id"`
	PostID    string    `json:"post_id"`
	Author    apiAuthor `json:"author"`
	Body      string    `json:"body"`
	HTML      string    `json:"html"` // sanitised
	CreatedAt time.Time `json:"created_at"`
}

// An apiTag is a tag with the number of public posts that carry it.
type apiTag struct {
	Tag   string `json:"tag"`
	Posts int    `json:"posts"`
}

// An apiAttachment is a file as shown with its post.
type apiAttachment struct {
	ID           string `json:"id"`
	Name         string `json:"name"`
	Size         int64  `json:"size"`
	MediaType    string `json:"media_type"`
	Kind         string `json:"kind"`
	State        string `json:"state"`
	Reason       string `json:"reason,omitempty"`
	Width        int    `json:"width,omitempty"`
	Height       int    `json:"height,omitempty"`
	URL          string `json:"url"`
	ContentURL   string `json:"content_url"`
	ThumbnailURL string `json:"thumbnail_url,omitempty"`
}

// An apiFile is the record of a file.
type apiFile struct {
	apiAttachment
	PostID    string    `json:"post_id,omitempty"`
	SHA256    string    `json:"sha256,omitempty"` // of the bytes as uploaded, for their owner
	CreatedAt time.Time `json:"created_at"`
}

func (s *Server) apiAuthorOf(u models.User) apiAuthor {
	a := apiAuthor{Username: string(u.Username), URL: s.Settings.PublicURL + "/users/" + string(u.Username)}
	if path := avatarURL(u); path != "" {
		a.AvatarURL = s.Settings.PublicURL + path
	}
	return a
}

func (s *Server) apiProfileOf(u models.User) apiProfile {
	return apiProfile{apiAuthor: s.apiAuthorOf(u), Role: string(u.Role), Website: string(u.Website), Bio: string(u.Bio), CreatedAt: u.CreatedAt.UTC()}
}

func (s *Server) apiMeOf(u models.User) apiMe {
	policy := s.Files.PolicyOf(u)
	return apiMe{
		apiProfile: s.apiProfileOf(u), ID: string(u.ID), Email: string(u.Email), Phone: string(u.Phone), Tier: string(u.Tier),
		StorageUsed: u.StorageUsed, StorageQuota: policy.Storage, MaxFileSize: policy.MaxFileSize,
	}
}

func (s *Server) apiPostItemOf(v models.PostView) apiPostItem {
	return apiPostItem{
		ID: string(v.ID), Title: string(v.Title), Excerpt: v.Excerpt, Author: s.apiAuthorOf(v.Author),
		Tags: itemsOf(v.Tags, func(t models.Tag) string { return string(t) }), Visibility: string(v.Visibility),
		CommentCount: v.CommentCount, Files: itemsOf(v.Files, s.apiAttachmentOf),
		URL: s.postURL(v.ID), CreatedAt: v.CreatedAt.UTC(), UpdatedAt: v.UpdatedAt.UTC(),
	}
}

func (s *Server) postURL(id models.PostID) string {
	return s.Settings.PublicURL + "/posts/" + string(id)
}

func (s *Server) apiPostOf(v models.PostView) apiPost {
	return apiPost{apiPostItem: s.apiPostItemOf(v), Content: string(v.Content), HTML: string(sanitize.Post(v.Content))}
}

func (s *Server) apiCommentOf(v models.CommentView) apiComment {
	return apiComment{
		ID: string(v.ID), PostID: string(v.PostID), Author: s.apiAuthorOf(v.Author), Body: string(v.Body),
		HTML: string(sanitize.Comment(v.Body)), CreatedAt: v.CreatedAt.UTC(),
	}
}

func (s *Server) apiAttachmentOf(f models.File) apiAttachment {
	a := apiAttachment{
		ID: string(f.ID), Name: string(f.Name), Size: f.Size, MediaType: f.MediaType, Kind: string(f.Kind),
		State: string(f.State), Reason: f.Reason, Width: f.Width, Height: f.Height,
		URL: s.Settings.PublicURL + fileURL(f), ContentURL: s.apiURL("/files/" + string(f.ID) + "/content"),
	}
	if f.HiddenAt != nil { // only its owner gets this far
		a.State = "quarantined"
	} else if f.HasThumbnail() {
		a.ThumbnailURL = s.apiURL("/files/" + string(f.ID) + "/thumbnail")
	}
	return a
}

func (s *Server) apiFileOf(who models.User, f models.File) apiFile {
	a := apiFile{apiAttachment: s.apiAttachmentOf(f), CreatedAt: f.CreatedAt.UTC()}
	if f.PostID != nil {
		a.PostID = string(*f.PostID)
	}
	if f.OwnerID == who.ID {
		a.SHA256 = f.SHA256
	}
	return a
}
