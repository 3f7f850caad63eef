package handlers

import "example.org/cloakroom/internal/models"

// fileRow is a file of the viewer, and where it is attached.
type fileRow struct {
	models.File
	PostTitle string // empty: attached to no post
}

// fileListPage is the page "file_list". Its field is file.
type fileListPage struct {
	page
	Files    []fileRow
	Older    string // address of the next stretch of the list; empty: its end
	Used     int64  // bytes that count against the quota
	Quota    int64  // zero: no limit
	Limits   uploadLimits
	Problems Problems
}
