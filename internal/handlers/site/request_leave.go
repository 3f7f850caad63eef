package site

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/files"
	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/handlers/page"
	"example.org/cloakroom/internal/handlers/transfer"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
	"example.org/cloakroom/internal/requests"
)

// RequestLeave handles POST /r/:secret/files: the files of a form, or one file from the
// script of the page.
func (s *Site) RequestLeave(c echo.Context) error {
	v, err := s.findRequest(c)
	if err != nil {
		gate.Drain(c)
		return s.refuseGuest(c, err)
	}
	_, stop := s.CutUpload(c, func(ctx context.Context) error { return s.Requests.StillOpen(ctx, v) })
	defer stop()
	var receipts []models.ReceivedFile
	var senderErrs []error
	form, err := s.ReadFormInto(c, func(form transfer.Form, in files.Input) (models.File, error) {
		from, errs := models.ParseSender(v.Request.Sender, form.Get("name"), form.Get("email"))
		if senderErrs = errs; len(errs) > 0 {
			return models.File{}, errors.Join(errs...)
		}
		f, receipt, err := s.leave(c, v, from, in)
		if err == nil {
			receipts = append(receipts, receipt)
		}
		return f, err
	})
	switch {
	case len(senderErrs) > 0:
		err = errors.Join(senderErrs...)
	case err == nil && len(form.Files)+len(form.Errs) == 0:
		err = problem.OnField("file", "Choose a file.")
	default:
		err = errors.Join(err, errors.Join(form.Errs...))
	}
	if err != nil {
		return s.showLeaveAgain(c, v, err, form)
	}
	if gate.WantsJSON(c) {
		f := receipts[0]
		return c.JSON(http.StatusCreated, fileJSON{models.FileID(f.ID), f.Name, f.Size, models.Ready, requestPath(c) + "/receipt"})
	}
	return s.Tell(c, requestPath(c)+"/receipt", "left")
}

// showLeaveAgain shows the form of a guest that err refused, or a part of it.
func (s *Site) showLeaveAgain(c echo.Context, v requests.Visit, err error, form transfer.Form) error {
	gate.Drain(c)
	if gate.WantsJSON(c) {
		return err
	}
	v, gone := s.Requests.Find(c.Request().Context(), c.Param("secret"), v.Guest)
	if gone != nil {
		return gone
	}
	if len(form.Files) > 0 && problem.KindOf(err) == problem.Gone {
		return s.Tell(c, requestPath(c)+"/receipt", "leftsome")
	}
	return s.ShowForm(err, func(status int, problems page.Problems) error {
		return s.showGuest(c, status, v, guestForm{Name: form.Get("name"), Email: form.Get("email")}, problems)
	})
}

// leave stores a file that a guest leaves.
func (s *Site) leave(
	c echo.Context, v requests.Visit, from models.Sender, in files.Input,
) (models.File, models.ReceivedFile, error) {
	ctx := c.Request().Context()
	up := s.Requests.Upload(v, from, in.Size, s.Files.PolicyOf(v.Owner).Storage)
	f, err := s.Files.ReceiveInto(ctx, v.Owner, in, v.Request.MaxFileBytes, up)
	if err = up.Done(ctx, err); err != nil && len(problem.All(err)) == 0 {
		// The upload may have been cut because the request was closed.
		if gone := s.Requests.StillOpen(context.WithoutCancel(ctx), v); gone != nil {
			err = gone
		}
	}
	return f, up.Receipt(), err
}

// RequestPut handles PUT /r/:secret/:name: a file from a program, such as curl -T. The
// program says a name or an email address as the user name of Authorization: Basic. The
// response is the receipt.
func (s *Site) RequestPut(c echo.Context) error {
	body := gate.NewBareBody(c)
	receipt, err := s.leaveBare(c, body)
	if err != nil {
		body.Drain()
		return err
	}
	return c.String(http.StatusCreated, receiptText(receipt))
}

func (s *Site) leaveBare(c echo.Context, body *gate.BareBody) (receipt models.ReceivedFile, err error) {
	v, err := s.findRequest(c)
	if err != nil {
		return receipt, s.refuseGuest(c, err)
	}
	name, email := "", ""
	if user, _, ok := c.Request().BasicAuth(); ok && strings.Contains(user, "@") {
		email = user
	} else if ok {
		name = user
	}
	from, errs := models.ParseSender(v.Request.Sender, name, email)
	if len(errs) > 0 {
		return receipt, errors.Join(errs...)
	}
	_, stop := s.CutUpload(c, func(ctx context.Context) error { return s.Requests.StillOpen(ctx, v) })
	defer stop()
	r := c.Request()
	_, receipt, err = s.leave(c, v, from, files.Input{
		Name: c.Param("name"), Size: r.ContentLength, Body: body,
	})
	return receipt, err
}
