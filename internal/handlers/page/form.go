package page

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/problem"
)

// Problems are what was wrong with a form just sent, in the order of its
// fields; problem.All makes them. None: the form is fresh, or was right.
type Problems []*problem.Error

// For returns the message at the named field, or "".
func (ps Problems) For(field string) string {
	for _, p := range ps {
		if p.Field == field {
			return p.Message
		}
	}
	return ""
}

// UploadLimits are told beside each file picker.
type UploadLimits struct {
	MaxSize  int64 // bytes of one file
	MaxFiles int   // of one post
}

// A Choice is one of what a form lets its sender choose from.
type Choice struct {
	Value  string
	Words  string
	Chosen bool
}

// ShowWait renders a form that a limit refused, by render, which gets the number
// of seconds to wait. An err that is not one TooMany problem is returned.
func (re *Renderer) ShowWait(c echo.Context, err error, render func(problems Problems, wait int) error) error {
	found := problem.All(err)
	if len(found) != 1 || found[0].Kind != problem.TooMany {
		return err
	}
	c.Response().Header().Set("Cache-Control", "no-store")
	c.Response().Header().Set(gate.RetryAfter, gate.Seconds(found[0].RetryIn))
	return render(found, gate.WholeSeconds(found[0].RetryIn))
}

// ShowForm renders a form that was just sent with what is wrong with it: err
// must hold problems, or is returned for ShowProblem.
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

func (re *Renderer) UploadLimits(c echo.Context) UploadLimits {
	return UploadLimits{MaxSize: re.Files.PolicyOf(gate.Visitor(c)).MaxFileSize, MaxFiles: re.Posts.MaxFilesOf(gate.Visitor(c))}
}
