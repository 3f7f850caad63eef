package transfer

import (
	"errors"
	"fmt"
	"io"
	"mime/multipart"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/files"
	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

func ErrNotMultipart() error {
	return problem.New(problem.Malformed, "Send the file as multipart/form-data.")
}

// An upload is a form with files, read while it streamed.
type Form struct {
	proven bool // its token was judged
	Fields map[string][]string
	Files  []models.File // received
	Errs   []error       // problems with files, each at the field "file"
}

func (u Form) Get(field string) string {
	if values := u.Fields[field]; len(values) > 0 {
		return values[0]
	}
	return ""
}

// ReadForm reads the form that c brings, and receives its files as they
// stream. Files that are refused do not end it: all that can be kept is kept,
// and u.errs says what was not. An error means that the form could not be read.
func (l *Line) ReadForm(c echo.Context) (u Form, err error) {
	parts, err := c.Request().MultipartReader()
	if err != nil {
		return u, ErrNotMultipart()
	}
	u.Fields = map[string][]string{}
	for range gate.MaxParts {
		part, err := parts.NextPart()
		if err == io.EOF { // bare at the closing boundary alone; wrapped, the form broke off before it
			return u, nil
		}
		if err != nil {
			return u, gate.ErrUnreadable(err)
		}
		if err := l.readPart(c, &u, part); err != nil {
			return u, err
		}
	}
	return u, problem.New(problem.TooLarge, "This form has more than %d parts.", gate.MaxParts)
}

// readPart takes one part of a form: a file under the name "file", or a field.
func (l *Line) readPart(c echo.Context, u *Form, part *multipart.Part) error {
	name := part.FormName()
	if name == gate.TokenField {
		u.proven = true
		return l.ReadToken(c, part)
	}
	if !u.proven { // the token stands first in every form of ours
		if err := l.CheckToken(c, ""); err != nil {
			return err
		}
	}
	if name != "file" {
		value, err := io.ReadAll(io.LimitReader(part, gate.MaxField+1))
		if err != nil {
			return gate.ErrUnreadable(err)
		}
		if int64(len(value)) > gate.MaxField {
			return problem.At(name, problem.New(problem.TooLarge, "This field is too long."))
		}
		u.Fields[name] = append(u.Fields[name], string(value))
		return nil
	}
	if part.FileName() == "" { // a file input that was left empty
		return nil
	}
	f, err := l.Files.Receive(c.Request().Context(), gate.Visitor(c), files.Input{
		Name: part.FileName(), DeclaredType: part.Header.Get("Content-Type"), Size: -1, Body: part,
	})
	if found := problem.All(err); found != nil {
		u.Errs = append(u.Errs, named(part.FileName(), found[0]))
		_, err = io.CopyN(io.Discard, part, gate.MaxDrain)
		if err == nil { // there is more than anyone should wait for
			return errors.Join(u.Errs...)
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		return gate.ErrUnreadable(err)
	}
	if err != nil {
		return asBrokenUpload(err)
	}
	u.Files = append(u.Files, f)
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

// NextFile returns the first part of the form but its token, which must be a
// file in field.
func (l *Line) NextFile(c echo.Context, parts *multipart.Reader, field string) (*multipart.Part, error) {
	part, err := parts.NextPart()
	if err == nil && part.FormName() == gate.TokenField {
		if err := l.ReadToken(c, part); err != nil {
			return nil, err
		}
		part, err = parts.NextPart()
	} else if err == nil {
		err = l.CheckToken(c, "")
	}
	if found := problem.All(err); found != nil {
		return nil, err
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, gate.ErrUnreadable(err)
	}
	if err != nil || part.FormName() != field || part.FileName() == "" {
		return nil, problem.OnField(field, "Choose a file.")
	}
	return part, nil
}
