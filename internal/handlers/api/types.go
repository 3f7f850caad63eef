package api

import (
	"time"

	"example.org/cloakroom/internal/handlers/page"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/sanitize"
)

// The types below are what the API says of our nouns: each member is named
// here, so that none leaves by being added to a noun. Times are in UTC.

// An authorJSON is a user as named beside what they wrote.
type authorJSON struct {
	Username  string `json:"username"`
	AvatarURL string `json:"avatar_url,omitempty"`
	URL       string `json:"url"`
}

// An profileJSON is a user as everyone may see them.
type profileJSON struct {
	authorJSON
	Role      string    `json:"role"`
	Website   string    `json:"website"`
	Bio       string    `json:"bio"`
	CreatedAt time.Time `json:"created_at"`
}

// An meJSON is a user as they see themselves.
type meJSON struct {
	profileJSON
	ID           string `json:"id"`
	Email        string `json:"email"`
	Phone        string `json:"phone"`
	Tier         string `json:"tier"`
	StorageUsed  int64  `json:"storage_used"`
	StorageQuota int64  `json:"storage_quota"`
	MaxFileSize  int64  `json:"max_file_size"`
}

// An postItemJSON is a post as lists show it.
type postItemJSON struct {
	ID           string           `json:"id"`
	Title        string           `json:"title"`
	Excerpt      string           `json:"excerpt"`
	Author       authorJSON       `json:"author"`
	Tags         []string         `json:"tags"`
	Visibility   string           `json:"visibility"`
	CommentCount int              `json:"comment_count"`
	Files        []attachmentJSON `json:"files"`
	URL          string           `json:"url"`
	CreatedAt    time.Time        `json:"created_at"`
	UpdatedAt    time.Time        `json:"updated_at"`
}

// An postJSON is a post as a whole.
type postJSON struct {
	postItemJSON
	Content string `json:"content"`
	HTML    string `json:"html"` // sanitised
}

// An deletedPostJSON is a post that can be had back.
type deletedPostJSON struct {
	ID              string    `json:"id"`
	Title           string    `json:"title"`
	Excerpt         string    `json:"excerpt"`
	Visibility      string    `json:"visibility"`
	CreatedAt       time.Time `json:"created_at"`
	DeletedAt       time.Time `json:"deleted_at"`
	RestorableUntil time.Time `json:"restorable_until"`
}

// An commentJSON is a comment.
type commentJSON struct {
	ID        string     `json:"id"`
	PostID    string     `json:"post_id"`
	Author    authorJSON `json:"author"`
	Body      string     `json:"body"`
	HTML      string     `json:"html"` // sanitised
	CreatedAt time.Time  `json:"created_at"`
}

// An tagJSON is a tag with the number of public posts that carry it.
type tagJSON struct {
	Tag   string `json:"tag"`
	Posts int    `json:"posts"`
}

// An attachmentJSON is a file as shown with its post.
type attachmentJSON struct {
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

// An fileJSON is the record of a file.
type fileJSON struct {
	attachmentJSON
	PostID    string    `json:"post_id,omitempty"`
	SHA256    string    `json:"sha256,omitempty"` // of the bytes as uploaded, for their owner
	CreatedAt time.Time `json:"created_at"`
}

func (a *API) authorOf(u models.User) authorJSON {
	out := authorJSON{Username: string(u.Username), URL: a.Options.PublicURL + "/users/" + string(u.Username)}
	if path := page.AvatarURL(u); path != "" {
		out.AvatarURL = a.Options.PublicURL + path
	}
	return out
}

func (a *API) profileOf(u models.User) profileJSON {
	return profileJSON{authorJSON: a.authorOf(u), Role: string(u.Role), Website: string(u.Website), Bio: string(u.Bio), CreatedAt: u.CreatedAt.UTC()}
}

func (a *API) meOf(u models.User) meJSON {
	policy := a.Files.PolicyOf(u)
	return meJSON{
		profileJSON: a.profileOf(u), ID: string(u.ID), Email: string(u.Email), Phone: string(u.Phone), Tier: string(u.Tier),
		StorageUsed: u.StorageUsed, StorageQuota: policy.Storage, MaxFileSize: policy.MaxFileSize,
	}
}

func (a *API) postItemOf(v models.PostView) postItemJSON {
	return postItemJSON{
		ID: string(v.ID), Title: string(v.Title), Excerpt: v.Excerpt, Author: a.authorOf(v.Author),
		Tags: itemsOf(v.Tags, func(t models.Tag) string { return string(t) }), Visibility: string(v.Visibility),
		CommentCount: v.CommentCount, Files: itemsOf(v.Files, a.attachmentOf),
		URL: a.postURL(v.ID), CreatedAt: v.CreatedAt.UTC(), UpdatedAt: v.UpdatedAt.UTC(),
	}
}

func (a *API) postURL(id models.PostID) string {
	return a.Options.PublicURL + "/posts/" + string(id)
}

func (a *API) postOf(v models.PostView) postJSON {
	return postJSON{postItemJSON: a.postItemOf(v), Content: string(v.Content), HTML: string(sanitize.Post(v.Content))}
}

func (a *API) commentOf(v models.CommentView) commentJSON {
	return commentJSON{
		ID: string(v.ID), PostID: string(v.PostID), Author: a.authorOf(v.Author), Body: string(v.Body),
		HTML: string(sanitize.Comment(v.Body)), CreatedAt: v.CreatedAt.UTC(),
	}
}

func (a *API) attachmentOf(f models.File) attachmentJSON {
	out := attachmentJSON{
		ID: string(f.ID), Name: string(f.Name), Size: f.Size, MediaType: f.MediaType, Kind: string(f.Kind),
		State: string(f.State), Reason: f.Reason, Width: f.Width, Height: f.Height,
		URL: a.Options.PublicURL + page.FileURL(f), ContentURL: a.uRL("/files/" + string(f.ID) + "/content"),
	}
	if f.HiddenAt != nil { // only its owner gets this far
		out.State = "quarantined"
	} else if f.HasThumbnail() {
		out.ThumbnailURL = a.uRL("/files/" + string(f.ID) + "/thumbnail")
	}
	return out
}

func (a *API) fileOf(who models.User, f models.File) fileJSON {
	out := fileJSON{attachmentJSON: a.attachmentOf(f), CreatedAt: f.CreatedAt.UTC()}
	if f.PostID != nil {
		out.PostID = string(*f.PostID)
	}
	if f.OwnerID == who.ID {
		out.SHA256 = f.SHA256
	}
	return out
}
