package page

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/problem"
)

// Problems are the problems of a form, in the order of its fields, from problem.All.
type Problems []*problem.Error

// For returns the message of the first problem at field, or "".
func (ps Problems) For(field string) string {
	for _, p := range ps {
		if p.Field == field {
			return p.Message
		}
	}
	return ""
}

// Named returns the problems with the title of their field before each message, for the list above
// a form of many fields.
func (ps Problems) Named(title func(field string) string) Problems {
	named := make(Problems, len(ps))
	for i, p := range ps {
		one := *p
		if words := title(p.Field); words != "" {
			one.Message = words + ": " + p.Message
		}
		named[i] = &one
	}
	return named
}

// UploadLimits are the limits that pages show beside a file picker.
type UploadLimits struct {
	MaxSize  int64 // bytes of one file
	MaxFiles int   // of one post or link
	AnyType  bool  // every type of file is allowed
}

// A Choice is an option of a select or a radio button.
type Choice struct {
	Value  string
	Words  string
	Chosen bool
}

// ShowWait calls render for a form that a limit refused, with the number of seconds
// to wait. It returns err if err is not exactly one TooMany problem.
func (re *Renderer) ShowWait(c echo.Context, err error, render func(problems Problems, wait int) error) error {
	found := problem.All(err)
	if len(found) != 1 || found[0].Kind != problem.TooMany {
		return err
	}
	c.Response().Header().Set("Cache-Control", noStore)
	c.Response().Header().Set(gate.RetryAfter, gate.Seconds(found[0].RetryIn))
	return render(found, gate.WholeSeconds(found[0].RetryIn))
}

// ShowForm calls render for a form with problems, with the status of the first one.
// It returns err if err holds no problem that the form can show.
func (re *Renderer) ShowForm(err error, render func(status int, problems Problems) error) error {
	found := problem.All(err)
	if len(found) == 0 {
		return err
	}
	switch status := statuses[found[0].Kind]; status {
	case http.StatusUnprocessableEntity, http.StatusConflict, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType:
		return render(status, found)
	}
	return err
}

// AnyType reports whether every type of file is allowed.
func (re *Renderer) AnyType() bool { return re.Files.Policy.Get().Types.Anything() }

// UploadLimits returns the upload limits of the visitor.
func (re *Renderer) UploadLimits(c echo.Context) UploadLimits {
	who := gate.Visitor(c)
	return UploadLimits{MaxSize: re.Files.PolicyOf(who).MaxFileSize, MaxFiles: re.Posts.MaxFilesOf(who), AnyType: re.AnyType()}
}
