package models

// A PostView is a post with the data of its page.
type PostView struct {
	Post
	Author User // only ID, Username, Avatar and AvatarType
	Tags   []Tag
	Files  []File // in display order
}

// A CommentView is a comment with its author.
type CommentView struct {
	Comment
	Author User // only ID, Username, Avatar and AvatarType
}

// A TagCount is a tag and its number of public posts.
type TagCount struct {
	Tag   Tag
	Posts int
}

// Cursor returns the position of the post in a list.
func (v PostView) Cursor() Cursor { return Cursor{At: v.CreatedAt, ID: string(v.ID)} }

// Cursor returns the position of the comment in a list.
func (v CommentView) Cursor() Cursor { return Cursor{At: v.CreatedAt, ID: string(v.ID)} }

// Cursor returns the position of the file in a list.
func (f File) Cursor() Cursor { return Cursor{At: f.CreatedAt, ID: string(f.ID)} }

// A FileView is a file with the title of its post.
type FileView struct {
	File
	PostTitle Title // empty: attached to no post, or to a deleted one
	// PostVisibility is that of the post; empty: no post, or a deleted one.
	PostVisibility Visibility
}

// A ShareView is a share with what its owner sees of it.
type ShareView struct {
	Share
	Title string // of its post, or the name of its file
	Link  string // the whole URL; set by package shares
}

// OpenShares are the open shares of one post or file.
type OpenShares struct {
	Latest Share
	Count  int
}
