package site

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/handlers/page"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// fileListPage is the page "file_list". Its fields are file, q (a part of the name), sort and
// order (of the list), and file_ids (the files that were selected).
type fileListPage struct {
	page.Frame
	Lines    []fileLine
	Next     string // URL of the next page of the list; empty: none
	Text     string // that the names contain
	Sort     models.FileSort
	Reverse  bool
	Sorts    []fileSort
	Used     int64 // bytes that count against the quota
	Quota    int64 // zero: no limit
	Limits   page.UploadLimits
	Problems page.Problems
}

// A fileSort is a link that sorts the list.
type fileSort struct {
	Words  string
	URL    string
	Chosen string // the direction, in words, if the list is sorted so; else empty
}

// Parts implements web.Cacheable.
func (p fileListPage) Parts() (name string, parts []any) {
	parts = make([]any, len(p.Lines))
	for i, line := range p.Lines {
		parts[i] = line
	}
	return "file_row", parts
}

// Shell implements web.Shelled.
func (p fileListPage) Shell() (key any, ok bool) {
	frame, ok := p.Key()
	return fileListShell{
		frame: frame, next: p.Next, text: p.Text, sort: p.Sort, reverse: p.Reverse, used: p.Used, quota: p.Quota, limits: p.Limits,
		empty: len(p.Lines) == 0,
	}, ok && len(p.Problems) == 0
}

type fileListShell struct {
	frame       any
	next, text  string
	sort        models.FileSort
	reverse     bool
	used, quota int64
	limits      page.UploadLimits
	empty       bool
}

// filesPage is the number of files on one page of the list.
const filesPage = models.MaxSelected

// FileList handles GET /files: the user's own files.
func (s *Site) FileList(c echo.Context) error {
	return s.showFileList(c, http.StatusOK, nil)
}

func (s *Site) showFileList(c echo.Context, status int, problems page.Problems) error {
	data := fileListPage{Frame: s.Frame(c, "Your files"), Limits: s.UploadLimits(c), Problems: problems}
	data.Limits.MaxFiles = 0 // which is that of a post
	err := data.read(c.QueryParams())
	if err != nil {
		return err
	}
	who := gate.Visitor(c)
	data.Used, data.Quota = who.StorageUsed, s.Files.PolicyOf(who).Storage
	filter := models.FileFilter{Sort: data.Sort, Reverse: data.Reverse, Text: data.Text}
	if filter.After, err = models.ParseFilePlace(c.QueryParam("after"), data.Sort); err != nil {
		return err
	}
	lines, err := s.Files.Lines(c.Request().Context(), who, filter, filesPage+1)
	if err != nil {
		return err
	}
	if len(lines) > filesPage {
		lines = lines[:filesPage]
		last, err := lines[filesPage-1].Row()
		if err != nil {
			return err
		}
		data.Next = data.url(data.Sort, data.Reverse, last.String(data.Sort))
	}
	data.Lines = make([]fileLine, len(lines))
	for i, line := range lines {
		data.Lines[i] = fileLine{line, s.Shares}
	}
	return s.Show(c, status, "file_list", data)
}

// read sets what the query of the page asks for, or returns a problem.
func (p *fileListPage) read(query url.Values) error {
	p.Text = strings.TrimSpace(query.Get("q"))
	if len(p.Text) > models.MaxFilename {
		return problem.OnField("q", "Search for up to %d bytes of a file name.", models.MaxFilename)
	}
	p.Sort, p.Reverse = models.ParseFileSort(query.Get("sort")), query.Get("order") == "reverse"
	for _, sort := range []struct {
		is          models.FileSort
		words       string
		there, back string
	}{
		{models.FilesByName, "Name", "A to Z", "Z to A"}, {models.FilesBySize, "Size", "largest first", "smallest first"},
		{models.FilesByDate, "Date", "newest first", "oldest first"}, {models.FilesByKind, "Kind", "A to Z", "Z to A"},
	} {
		link := fileSort{Words: sort.words, URL: p.url(sort.is, sort.is == p.Sort && !p.Reverse, "")}
		if sort.is == p.Sort {
			if link.Chosen = sort.there; p.Reverse {
				link.Chosen = sort.back
			}
		}
		p.Sorts = append(p.Sorts, link)
	}
	return nil
}

// url returns the URL of the list in another order or at another place.
func (p *fileListPage) url(sort models.FileSort, reverse bool, after string) string {
	query := url.Values{}
	if p.Text != "" {
		query.Set("q", p.Text)
	}
	if sort != models.FilesByDate {
		query.Set("sort", string(sort))
	}
	if reverse {
		query.Set("order", "reverse")
	}
	if after != "" {
		query.Set("after", after)
	}
	if len(query) == 0 {
		return "/files"
	}
	return "/files?" + query.Encode()
}

// FileAllowMetadata handles POST /files/:id/allow-metadata: others get one of the user's
// files although its metadata cannot be removed.
func (s *Site) FileAllowMetadata(c echo.Context) error {
	f, err := s.Files.AllowMetadata(c.Request().Context(), gate.Visitor(c), models.FileID(c.Param("id")))
	if err != nil {
		return err
	}
	if f.PostID != nil {
		return s.Tell(c, "/posts/"+string(*f.PostID), "allowed")
	}
	return s.Tell(c, "/files", "allowed")
}

// FileDelete handles POST /files/:id/delete: it deletes one of the user's
// files. A script gets no page and so no notice.
func (s *Site) FileDelete(c echo.Context) error {
	if err := s.Files.Delete(c.Request().Context(), gate.Visitor(c), models.FileID(c.Param("id"))); err != nil {
		return err
	}
	if gate.WantsJSON(c) {
		return c.NoContent(http.StatusNoContent)
	}
	return s.Tell(c, "/files", "file")
}
