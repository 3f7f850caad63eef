package transfer

import (
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"strings"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/files"
	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// ErrNotMultipart returns the problem of an upload that is not a multipart form.
func ErrNotMultipart() error {
	return problem.New(problem.Malformed, "Send the file as multipart/form-data.")
}

// A Form is a form with files, whose files are stored while it is read.
type Form struct {
	tokenChecked bool
	size         int64 // bytes of all fields and their names
	Fields       map[string][]string
	Files        []models.File // that are stored
	Errs         []error       // problems of the other files, each at the field "file"
}

// Get returns the first value of a field, or "".
func (u Form) Get(field string) string {
	if values := u.Fields[field]; len(values) > 0 {
		return values[0]
	}
	return ""
}

// A Receiver stores a file of a form, whose fields before the file are in form.
type Receiver func(form Form, in files.Input) (models.File, error)

// ReadForm is ReadFormInto for files of the visitor's own.
func (l *Line) ReadForm(c echo.Context) (Form, error) {
	return l.ReadFormInto(c, func(_ Form, in files.Input) (models.File, error) {
		return l.Files.Receive(c.Request().Context(), gate.Visitor(c), in)
	})
}

// ReadFormInto reads the form of the request and stores its files as they stream. It goes
// on after a file that is refused, and puts the problem into u.Errs. It returns an
// error if the form cannot be read.
func (l *Line) ReadFormInto(c echo.Context, receive Receiver) (u Form, err error) {
	parts, err := c.Request().MultipartReader()
	if err != nil {
		return u, ErrNotMultipart()
	}
	u.Fields = map[string][]string{}
	for range gate.MaxParts {
		part, err := parts.NextPart()
		if err == io.EOF { // a wrapped io.EOF means an interrupted form
			return u, nil
		}
		if err != nil {
			return u, gate.ErrUnreadable(err)
		}
		if err := l.readPart(c, &u, part, parts, receive); err != nil {
			return u, err
		}
	}
	return u, problem.New(problem.TooLarge, "This form has more than %d parts.", gate.MaxParts)
}

// readPart reads one part of a form into u: a file in the field "file", or a value.
func (l *Line) readPart(c echo.Context, u *Form, part *multipart.Part, parts *multipart.Reader, receive Receiver) error {
	name := part.FormName()
	if name == gate.TokenField {
		u.tokenChecked = true
		return l.ReadToken(c, part, parts)
	}
	if !u.tokenChecked { // the token is the first field of every form of this site
		if err := l.CheckToken(c, ""); err != nil {
			return err
		}
	}
	if name != "file" {
		u.size += int64(len(name))
		value, err := io.ReadAll(io.LimitReader(part, gate.MaxFields-u.size+1))
		if err != nil {
			return gate.ErrUnreadable(err)
		}
		if u.size += int64(len(value)); u.size > gate.MaxFields {
			return problem.At(name, problem.New(problem.TooLarge, "The fields of this form are too long."))
		}
		u.Fields[name] = append(u.Fields[name], string(value))
		return nil
	}
	if part.FileName() == "" { // a file input that was left empty
		return nil
	}
	filename := formFilename(part)
	f, err := receive(*u, files.Input{Name: filename, Size: -1, Body: part})
	if found := problem.All(err); found != nil {
		u.Errs = append(u.Errs, forFile(filename, found[0]))
		_, err = io.CopyN(io.Discard, part, gate.MaxDrain)
		if err == nil { // the file has more than MaxDrain bytes left
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

// formFilename returns the name of a file in a form. Browsers write three characters in it as
// an escape, and nothing else (WHATWG HTML, "multipart/form-data encoding algorithm").
func formFilename(part *multipart.Part) string {
	return strings.NewReplacer("%22", `"`, "%0D", "\r", "%0A", "\n").Replace(part.FileName())
}

// forFile returns p at the field "file", with the name of the file in its message.
func forFile(name string, p *problem.Error) error {
	about := *p
	if filename, err := models.ParseFilename(name); err == nil {
		about.Message = fmt.Sprintf("“%s”: %s", filename, p.Message)
	}
	about.Field = "file"
	return &about
}

// asBrokenUpload wraps err if the form was interrupted during a file, so that the log
// shows a problem of the connection and not of the site.
func asBrokenUpload(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("reading the form: %w", err)
	}
	return err
}

// NextFile checks the form token and returns the part after it, which must be a file
// in the named field. Otherwise it returns a problem.
func (l *Line) NextFile(c echo.Context, parts *multipart.Reader, field string) (*multipart.Part, error) {
	part, err := parts.NextPart()
	if err == nil && part.FormName() == gate.TokenField {
		if err := l.ReadToken(c, part, parts); err != nil {
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
