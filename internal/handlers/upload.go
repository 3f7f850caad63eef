package handlers

import (
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/files"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

const (
	// maxParts is how many parts a form with files may have: its fields, the
	// most files a post may have twice over, and some that stay empty.
	maxParts = 4*models.MaxPostFiles + 20
	// maxField is the largest field of such a form that is not a file, in bytes.
	maxField = 64 << 10
	// maxDrain is how much of a refused upload is still taken, in bytes: a
	// browser reads an answer only once it has sent its question.
	maxDrain = 64 << 20
)

// An upload is a form with files, read while it streamed.
type upload struct {
	proven bool // its token was judged
	fields map[string][]string
	files  []models.File // received
	errs   []error       // problems with files, each at the field "file"
}

func (u upload) get(field string) string {
	if values := u.fields[field]; len(values) > 0 {
		return values[0]
	}
	return ""
}

// readUpload reads the form that c brings, and receives its files as they
// stream. Files that are refused do not end it: all that can be kept is kept,
// and u.errs says what was not. An error means that the form could not be read.
func (s *Server) readUpload(c echo.Context) (u upload, err error) {
	parts, err := c.Request().MultipartReader()
	if err != nil {
		return u, errNotMultipart()
	}
	u.fields = map[string][]string{}
	for range maxParts {
		part, err := parts.NextPart()
		if err == io.EOF { // bare at the closing boundary alone; wrapped, the form broke off before it
			return u, nil
		}
		if err != nil {
			return u, errUnreadable(err)
		}
		if err := s.readPart(c, &u, part); err != nil {
			return u, err
		}
	}
	return u, problem.New(problem.TooLarge, "This form has more than %d parts.", maxParts)
}

// readPart takes one part of a form: a file under the name "file", or a field.
func (s *Server) readPart(c echo.Context, u *upload, part *multipart.Part) error {
	name := part.FormName()
	if name == tokenField {
		u.proven = true
		return s.readToken(c, part)
	}
	if !u.proven { // the token stands first in every form of ours
		if err := s.checkToken(c, ""); err != nil {
			return err
		}
	}
	if name != "file" {
		value, err := io.ReadAll(io.LimitReader(part, maxField+1))
		if err != nil {
			return errUnreadable(err)
		}
		if int64(len(value)) > maxField {
			return problem.At(name, problem.New(problem.TooLarge, "This field is too long."))
		}
		u.fields[name] = append(u.fields[name], string(value))
		return nil
	}
	if part.FileName() == "" { // a file input that was left empty
		return nil
	}
	f, err := s.Files.Receive(c.Request().Context(), visitor(c), files.Input{
		Name: part.FileName(), DeclaredType: part.Header.Get("Content-Type"), Size: -1, Body: part,
	})
	if found := problem.All(err); found != nil {
		u.errs = append(u.errs, named(part.FileName(), found[0]))
		_, err = io.CopyN(io.Discard, part, maxDrain)
		if err == nil { // there is more than anyone should wait for
			return errors.Join(u.errs...)
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		return errUnreadable(err)
	}
	if err != nil {
		return asBrokenUpload(err)
	}
	u.files = append(u.files, f)
	return nil
}

// named says which of several files a problem is about.
func named(name string, p *problem.Error) error {
	about := *p
	if filename, err := models.ParseFilename(name); err == nil {
		about.Message = fmt.Sprintf("“%s”: %s", filename, p.Message)
	}
	about.Field = "file"
	return &about
}

// asBrokenUpload says that a form broke off while a file came, where that is what
// happened: it is the visitor's line, not our fault.
func asBrokenUpload(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("reading the form: %w", err)
	}
	return err
}

// nextFile returns the first part of the form but its token, which must be a
// file in field.
func (s *Server) nextFile(c echo.Context, parts *multipart.Reader, field string) (*multipart.Part, error) {
	part, err := parts.NextPart()
	if err == nil && part.FormName() == tokenField {
		if err := s.readToken(c, part); err != nil {
			return nil, err
		}
		part, err = parts.NextPart()
	} else if err == nil {
		err = s.checkToken(c, "")
	}
	if found := problem.All(err); found != nil {
		return nil, err
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, errUnreadable(err)
	}
	if err != nil || part.FormName() != field || part.FileName() == "" {
		return nil, problem.OnField(field, "Choose a file.")
	}
	return part, nil
}

// drain takes the rest of a body that was refused, within reason, so that the
// browser comes to read the answer.
func drain(c echo.Context) { _, _ = io.CopyN(io.Discard, c.Request().Body, maxDrain) }

// fileList handles GET /files.
func (s *Server) fileList(c echo.Context) error {
	return s.showFileList(c, http.StatusOK, nil)
}

func (s *Server) showFileList(c echo.Context, status int, problems Problems) error {
	before, err := cursorParam(c, "before")
	if err != nil {
		return err
	}
	who := visitor(c)
	found, err := s.Files.List(c.Request().Context(), who, before, filesPage)
	if err != nil {
		return err
	}
	data := fileListPage{
		page: s.page(c, "Your files"), Older: nextAddress("/files", "before", found.Next),
		Used: who.StorageUsed, Quota: s.Files.PolicyOf(who).Storage, Limits: s.uploadLimits(c), Problems: problems,
	}
	for _, f := range found.Items {
		data.Files = append(data.Files, fileRow{File: f.File, PostTitle: string(f.PostTitle)})
	}
	return s.show(c, status, "file_list", data)
}

// filesPage is how many files one page of the list has.
const filesPage = 50

func (s *Server) uploadLimits(c echo.Context) uploadLimits {
	return uploadLimits{MaxSize: s.Files.PolicyOf(visitor(c)).MaxFileSize, MaxFiles: s.Posts.MaxFilesOf(visitor(c))}
}

// A fileJSON is a file just received, for the script of the upload form.
type fileJSON struct {
	ID    models.FileID    `json:"id"`
	Name  models.Filename  `json:"name"`
	Size  int64            `json:"size"`
	State models.FileState `json:"state"`
	URL   string           `json:"url"`
}

// fileCreate handles POST /files: a form of the page, or one file from its script.
func (s *Server) fileCreate(c echo.Context) error {
	u, err := s.readUpload(c)
	if err == nil && len(u.files)+len(u.errs) == 0 {
		err = problem.OnField("file", "Choose a file.")
	}
	if err = errors.Join(err, errors.Join(u.errs...)); err != nil {
		drain(c)
		if wantsJSON(c) {
			return err
		}
		return s.showForm(err, func(status int, problems Problems) error {
			return s.showFileList(c, status, problems)
		})
	}
	if wantsJSON(c) {
		f := u.files[0]
		return c.JSON(http.StatusCreated, fileJSON{f.ID, f.Name, f.Size, f.State, fileURL(f)})
	}
	return c.Redirect(http.StatusSeeOther, "/files?notice=uploaded")
}

// fileDelete handles POST /files/:id/delete.
func (s *Server) fileDelete(c echo.Context) error {
	if err := s.Files.Delete(c.Request().Context(), visitor(c), models.FileID(c.Param("id"))); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/files?notice=file")
}

// fileState handles GET /files/:id/state, for the script that waits until a
// picture is ready.
func (s *Server) fileState(c echo.Context) error {
	f, err := s.Files.Find(c.Request().Context(), visitor(c), models.FileID(c.Param("id")))
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, map[string]string{"state": string(f.State), "reason": f.Reason})
}
