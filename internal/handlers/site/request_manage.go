package site

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/handlers/page"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
	"example.org/cloakroom/internal/requests"
)

const requestsPath = "/requests"

// requestForm is what the owner entered about a file request.
type requestForm struct{ models.FileRequestInput }

func requestFormOf(form url.Values) requestForm {
	return requestForm{models.FileRequestInput{
		Title: form.Get("title"), Message: form.Get("message"), Name: form.Get("name"), Expires: form.Get("expires"), Files: form.Get("files"),
		Total: form.Get("total"), Each: form.Get("each"), Kinds: form["kinds"], Sender: form.Get("sender"), OneUse: form.Get("one_use") != "",
		Password: form.Get("password"), RemovePassword: form.Get("remove_password") != "",
	}}
}

// RequestFields are the fields of a file request that come back when a limit refuses it.
var RequestFields = []gate.SavedField{
	{Name: "title", Label: "Title"}, {Name: "message", Label: "Message"}, {Name: "name"}, {Name: "expires"}, {Name: "files"}, {Name: "total"},
	{Name: "each"}, {Name: "kinds"}, {Name: "sender"}, {Name: "one_use"}, {Name: "remove_password"},
	{Name: "password", Label: "Password", Secret: true},
}

// requestOptions are the fields of a file request in a form.
type requestOptions struct {
	Form        requestForm
	Problems    page.Problems
	Changes     bool // the request exists
	HasPassword bool
	longest     int // days of the longest life; 0: no limit
}

// ExpiryHint says what the field for the life of a request takes.
func (o requestOptions) ExpiryHint() string {
	return shareOptions{Longest: o.longest, Changes: o.Changes}.ExpiryHint()
}

// PasswordHint says what an empty password does.
func (o requestOptions) PasswordHint() string {
	return shareOptions{HasPassword: o.HasPassword}.PasswordHint()
}

// MoreOpen reports whether one of the options that are folded away has a value or a problem.
func (o requestOptions) MoreOpen() bool {
	f := o.Form
	entered := f.Name + f.Total + f.Each + f.Password + strings.Join(f.Kinds, "")
	asks := f.Sender != "" && f.Sender != string(models.SenderOptional)
	return entered != "" || asks || f.OneUse || f.Files != fmt.Sprint(models.DefaultRequestFiles) ||
		slices.ContainsFunc(o.Problems, func(p *problem.Error) bool { return !slices.Contains(requestMainFields, p.Field) })
}

// requestMainFields are the fields of a new file request that are never folded away.
var requestMainFields = []string{"title", "message", "expires"}

// Senders are the choices of what guests must say about themselves.
func (o requestOptions) Senders() []page.Choice {
	choices := []page.Choice{
		{Value: string(models.SenderOptional), Words: "Nothing"}, {Value: string(models.SenderName), Words: "Their name"},
		{Value: string(models.SenderEmail), Words: "Their email address"},
	}
	for i := range choices {
		choices[i].Chosen = choices[i].Value == o.Form.Sender
	}
	return choices
}

// Kinds are the choices of the kinds of files.
func (o requestOptions) Kinds() (choices []page.Choice) {
	for _, kind := range models.RequestKinds() {
		choices = append(choices, page.Choice{
			Value: string(kind), Words: kind.Name(), Chosen: slices.Contains(o.Form.Kinds, string(kind)),
		})
	}
	return choices
}

// requestNewPage is the page "request_new". Its form has the fields of a file request.
type requestNewPage struct {
	page.Frame
	requestOptions
}

// requestListPage is the page "request_list": all file requests of the user.
type requestListPage struct {
	page.Frame
	Requests []requestItem
	Older    string // URL of the next page of the list; empty: none
}

// A requestItem is a file request in a list, with its state in words.
type requestItem struct {
	models.FileRequestView
	State string
}

// requestShowPage is the page "request_show": a file request as its owner sees it. Its
// form, for changes, has the fields of a file request.
type requestShowPage struct {
	page.Frame
	Request models.FileRequestView
	State   string
	requestOptions
	Received []models.ReceivedFile
	Older    string // URL of the next page of Received; empty: none
}

// requestState returns the state of a request in words.
func (s *Site) requestState(v models.FileRequestView) string {
	return strings.ReplaceAll(string(v.State(s.Now())), "_", " ")
}

func (s *Site) requestItems(views []models.FileRequestView) []requestItem {
	items := make([]requestItem, len(views))
	for i, v := range views {
		items[i] = requestItem{v, s.requestState(v)}
	}
	return items
}

// longestRequest returns the longest life of the visitor's requests in days; 0: no limit.
func (s *Site) longestRequest(c echo.Context) int {
	const day = 24
	return int(s.Requests.LongestOf(gate.Visitor(c)).Hours()) / day
}

// RequestList handles GET /requests: the user's file requests, newest first.
func (s *Site) RequestList(c echo.Context) error {
	before, err := gate.CursorParam(c, "before")
	if err != nil {
		return err
	}
	found, err := s.Requests.List(c.Request().Context(), gate.Visitor(c), before, requests.PageSize)
	if err != nil {
		return err
	}
	return s.Show(c, http.StatusOK, "request_list", requestListPage{
		Frame: s.Frame(c, "File requests"), Requests: s.requestItems(found.Items), Older: page.NextURL(requestsPath, "before", found.Next),
	})
}

// RequestNew handles GET /requests/new: the form for a new file request.
func (s *Site) RequestNew(c echo.Context) error {
	form := requestForm{models.FileRequestInput{Files: fmt.Sprint(models.DefaultRequestFiles)}}
	return s.showRequestNew(c, http.StatusOK, form, nil)
}

func (s *Site) showRequestNew(c echo.Context, status int, form requestForm, problems page.Problems) error {
	return s.Show(c, status, "request_new", requestNewPage{
		Frame: s.Frame(c, "Request files"), requestOptions: requestOptions{Form: form, Problems: problems, longest: s.longestRequest(c)},
	})
}

// RequestCreate handles POST /requests: a new file request.
func (s *Site) RequestCreate(c echo.Context) error {
	typed, err := gate.ReadForm(c)
	if err != nil {
		return err
	}
	form := requestFormOf(typed)
	made, err := s.Requests.Create(c.Request().Context(), gate.Actor(c), form.FileRequestInput)
	if err != nil {
		return s.ShowForm(err, func(status int, problems page.Problems) error {
			return s.showRequestNew(c, status, form, enterAgain(problems, form.Password))
		})
	}
	return s.Tell(c, requestsPath+"/"+string(made.ID), "request")
}

// RequestShow handles GET /requests/:id: one of the user's file requests.
func (s *Site) RequestShow(c echo.Context) error {
	return s.showRequest(c, http.StatusOK, nil, nil)
}

func (s *Site) showRequest(c echo.Context, status int, form *requestForm, problems page.Problems) error {
	ctx, who, id := c.Request().Context(), gate.Visitor(c), models.FileRequestID(c.Param("id"))
	before, err := gate.CursorParam(c, "before")
	if err != nil {
		return err
	}
	v, err := s.Requests.Show(ctx, who, id)
	if err != nil {
		return err
	}
	received, err := s.Requests.Received(ctx, who, id, before)
	if err != nil {
		return err
	}
	data := requestShowPage{
		Frame: s.Frame(c, string(v.Title)), Request: v, State: s.requestState(v), Received: received.Items,
		Older: page.NextURL(requestsPath+"/"+string(id), "before", received.Next),
		requestOptions: requestOptions{
			Form: requestForm{v.Input()}, Problems: problems, Changes: true, HasPassword: v.Locked(), longest: s.longestRequest(c),
		},
	}
	if form != nil {
		data.Form = *form
	}
	return s.Show(c, status, "request_show", data)
}

// RequestUpdate handles POST /requests/:id: other options for one of the user's requests.
func (s *Site) RequestUpdate(c echo.Context) error {
	typed, err := gate.ReadForm(c)
	if err != nil {
		return err
	}
	form := requestFormOf(typed)
	err = s.Requests.Update(c.Request().Context(), gate.Actor(c), models.FileRequestID(c.Param("id")), form.FileRequestInput)
	if err != nil {
		return s.ShowForm(err, func(status int, problems page.Problems) error {
			return s.showRequest(c, status, &form, enterAgain(problems, form.Password))
		})
	}
	return s.Tell(c, requestsPath+"/"+c.Param("id"), "saved")
}

// RequestRevoke handles POST /requests/:id/revoke: it closes one of the user's requests.
func (s *Site) RequestRevoke(c echo.Context) error {
	if err := s.Requests.Revoke(c.Request().Context(), gate.Actor(c), models.FileRequestID(c.Param("id"))); err != nil {
		return err
	}
	return s.Tell(c, requestsPath+"/"+c.Param("id"), "closed")
}

// RequestDelete handles POST /requests/:id/delete: it deletes one of the user's requests.
// Its post stays.
func (s *Site) RequestDelete(c echo.Context) error {
	if err := s.Requests.Delete(c.Request().Context(), gate.Actor(c), models.FileRequestID(c.Param("id"))); err != nil {
		return err
	}
	return s.Tell(c, requestsPath, "norequest")
}

// RequestQR handles GET /requests/:id/qr.png: the link as a QR code.
func (s *Site) RequestQR(c echo.Context) error {
	v, err := s.Requests.Show(c.Request().Context(), gate.Visitor(c), models.FileRequestID(c.Param("id")))
	if err != nil {
		return err
	}
	return sendQR(c, v.Link)
}
