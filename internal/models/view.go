package models

// A PostView is a post with what is shown beside it.
type PostView struct {
	Post
	Author User // only ID, Username, Avatar and AvatarType
	Tags   []Tag
	Files  []File // in their order
}

// A CommentView is a comment with who wrote it.
type CommentView struct {
	Comment
	Author User // only ID, Username, Avatar and AvatarType
}

// A TagCount is a tag and the number of public posts that carry it.
type TagCount struct {
	Tag   Tag
	Posts int
}

// Cursor returns the place of the post in a list.
func (v PostView) Cursor() Cursor { return Cursor{At: v.CreatedAt, ID: string(v.ID)} }

// Cursor returns the place of the comment in a list.
func (v CommentView) Cursor() Cursor { return Cursor{At: v.CreatedAt, ID: string(v.ID)} }

// Cursor returns the place of the file in a list.
func (f File) Cursor() Cursor { return Cursor{At: f.CreatedAt, ID: string(f.ID)} }

// A FileView is a file with what is shown beside it.
type FileView struct {
	File
	PostTitle Title // of the post it is part of; empty: none, or one that was deleted
}
