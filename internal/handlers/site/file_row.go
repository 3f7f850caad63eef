package site

import (
	"example.org/cloakroom/internal/handlers/page"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/shares"
)

// A fileLine is one of the user's files in their list. Equal lines share their rendering
// (web.Cacheable), so it has everything that the row shows, and nothing of a session.
type fileLine struct {
	Line   models.FileLine
	shares *shares.Service
}

// Row returns what the row of the file shows. The page asks once for each line that it has
// not rendered before.
func (l fileLine) Row() (fileRow, error) {
	f, err := l.Line.Row()
	if err != nil {
		return fileRow{}, err
	}
	return rowOf(f, l.shares.AccessOf(f)), nil
}

// A fileRow is what the row of a file shows.
type fileRow struct {
	models.FileRow

	URL      string
	About    string // kind and size
	DateTime string // for machines
	Date     string // for people
	Open     bool   // its owner can get it
	Badge    badge
}

func rowOf(f models.FileRow, open shares.Access) fileRow {
	named := models.File{ID: f.ID, Name: f.Name, CleanType: f.CleanType}
	return fileRow{
		FileRow: f, URL: page.FileURL(named), About: f.Kind.Name() + " · " + page.Size(f.ShownSize),
		DateTime: page.IsoTime(f.At), Date: page.Date(f.At), Open: f.State == models.Ready && !f.Hidden,
		Badge: badgeOf("/files/"+string(f.ID), open),
	}
}

// IsNews reports whether the state of the file is worth a line.
func (r fileRow) IsNews() bool {
	return r.State != models.Ready || r.Hidden || r.Metadata != models.MetadataNone
}

// HiddenAt says for the partials that show any file whether it is in quarantine.
func (r fileRow) HiddenAt() bool { return r.Hidden }
