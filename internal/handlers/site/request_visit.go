package site

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/handlers/page"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
	"example.org/cloakroom/internal/requests"
	"example.org/cloakroom/internal/unlock"
)

// guestForm is what a guest entered about themselves.
type guestForm struct{ Name, Email string }

// requestVisitPage is the page "request_visit": what the link of a file request opens.
// Its form has the fields name, email and file (several).
type requestVisitPage struct {
	page.Frame
	Link     string // path of the request
	Request  models.FileRequest
	From     models.Username
	Owned    bool // the visitor is the owner
	Open     bool // it takes files from the guest
	Left     []models.ReceivedFile
	MaxSize  int64  // bytes of one file
	AnyType  bool   // every type of file is allowed
	Upload   string // the URL for programs
	Form     guestForm
	Problems page.Problems
}

// KindNames are the names of the kinds of files that the request takes; empty: all.
func (p requestVisitPage) KindNames() string {
	var names []string
	for _, kind := range p.Request.KindList() {
		names = append(names, kind.Name())
	}
	return strings.Join(names, ", ")
}

// requestReceiptPage is the page "request_receipt": what a guest has left.
type requestReceiptPage struct {
	page.Frame
	Link         string
	RequestTitle models.Title
	From         models.Username // of the owner
	Open         bool            // it takes more files from the guest
	Left         []models.ReceivedFile
}

// requestPath returns the path of the file request, as it was asked for.
func requestPath(c echo.Context) string { return "/r/" + url.PathEscape(c.Param("secret")) }

// requestCookie returns the cookie of the file request. Only its own paths get it.
func (s *Site) requestCookie(c echo.Context) gate.Cookie {
	return gate.Cookie{Name: "request", Path: requestPath(c), Life: models.GuestLife, Secure: s.Options.Secure}
}

// guest returns the visitor of a file request. One without a cookie has a new one, which
// the browser does not know yet.
func (s *Site) guest(c echo.Context) requests.Guest {
	who := requests.Guest{
		User: gate.Visitor(c), Client: gate.Client(c), Cookie: s.requestCookie(c).Get(c), Program: c.Request().Method == http.MethodPut,
	}
	if unlock.Holder(who.Cookie) == "" {
		who.Cookie = unlock.NewCookie()
	}
	return who
}

// findRequest returns the file request of the link, if it is open for the guest. On error
// it has decided the answer: pass the error to refuseGuest.
func (s *Site) findRequest(c echo.Context) (requests.Visit, error) {
	hideShare(c)
	ctx, link, who := c.Request().Context(), c.Param("secret"), s.guest(c)
	v, err := s.Requests.Find(ctx, link, who)
	if _, password, ok := c.Request().BasicAuth(); ok && unlock.IsLocked(err) {
		if err := s.TakeUnlock(c, string(models.ParseShareLink(link))); err != nil {
			return v, err
		}
		if who.Cookie, err = s.Requests.Unlock(ctx, link, who, password); err == nil {
			v, err = s.Requests.Find(ctx, link, who)
		}
	}
	switch {
	case problem.KindOf(err) == problem.Gone:
		return v, s.TakeShareMiss(c, err)
	case err != nil:
		return v, err
	}
	if !who.Program && c.Request().Method != http.MethodHead {
		s.requestCookie(c).Set(c, who.Cookie)
	}
	return v, nil
}

// refuseGuest answers with what kept findRequest from opening a request: the form for its
// password, or the problem itself.
func (s *Site) refuseGuest(c echo.Context, err error) error {
	if !unlock.IsLocked(err) {
		return err
	}
	r := c.Request()
	if r.Method != http.MethodPut && strings.Contains(r.Header.Get("Accept"), "text/html") && !gate.WantsJSON(c) {
		return s.showLocked(c, requestPath(c), http.StatusUnauthorized, nil, 0)
	}
	c.Response().Header().Set("WWW-Authenticate", `Basic realm="request", charset="UTF-8"`)
	return err
}

// RequestVisit handles GET /r/:secret: the page that the link of a file request opens.
func (s *Site) RequestVisit(c echo.Context) error {
	v, err := s.findRequest(c)
	if err != nil {
		return s.refuseGuest(c, err)
	}
	return s.showGuest(c, http.StatusOK, v, guestForm{}, nil)
}

func (s *Site) showGuest(c echo.Context, status int, v requests.Visit, form guestForm, problems page.Problems) error {
	most := s.Files.PolicyOf(v.Owner).MaxFileSize
	if each := v.Request.MaxFileBytes; each > 0 {
		most = min(most, each)
	}
	return s.Show(c, status, "request_visit", requestVisitPage{
		Frame: s.GuestFrame(c, string(v.Request.Title)), Link: requestPath(c), Request: v.Request, From: v.Owner.Username, Owned: v.Own(),
		Open: v.Open, Left: v.Left, MaxSize: most, AnyType: s.AnyType(),
		Upload: s.Options.PublicURL + requestPath(c) + "/", Form: form, Problems: problems,
	})
}

// RequestUnlock handles POST /r/:secret: the password of a file request.
func (s *Site) RequestUnlock(c echo.Context) error {
	hideShare(c)
	link := c.Param("secret")
	form, err := gate.ReadForm(c)
	if err != nil {
		return err
	}
	// Attempts count for the link as it was sent, whether or not there is such a request.
	if err := s.TakeUnlock(c, string(models.ParseShareLink(link))); err != nil {
		return s.ShowWait(c, err, func(problems page.Problems, wait int) error {
			return s.showLocked(c, requestPath(c), http.StatusTooManyRequests, problems, wait)
		})
	}
	cookie, err := s.Requests.Unlock(c.Request().Context(), link, s.guest(c), form.Get("password"))
	switch {
	case unlock.IsLocked(err):
		return s.showLocked(c, requestPath(c), http.StatusUnauthorized, problem.All(err), 0)
	case problem.KindOf(err) == problem.Gone:
		return s.TakeShareMiss(c, err)
	case err != nil:
		return err
	}
	s.requestCookie(c).Set(c, cookie)
	return c.Redirect(http.StatusSeeOther, requestPath(c))
}

// RequestReceipt handles GET /r/:secret/receipt: what the guest has left, for browsers as
// a page and for programs as text.
func (s *Site) RequestReceipt(c echo.Context) error {
	v, err := s.findRequest(c)
	if err != nil {
		return s.refuseGuest(c, err)
	}
	if !strings.Contains(c.Request().Header.Get("Accept"), "text/html") {
		var text strings.Builder
		for _, f := range v.Left {
			text.WriteString(receiptText(f))
		}
		return c.String(http.StatusOK, text.String())
	}
	return s.Show(c, http.StatusOK, "request_receipt", requestReceiptPage{
		Frame: s.GuestFrame(c, "Your receipt"), Link: requestPath(c), RequestTitle: v.Request.Title, From: v.Owner.Username,
		Open: v.Open, Left: v.Left,
	})
}

// receiptText returns the receipt of one file.
func receiptText(f models.ReceivedFile) string {
	at := f.ReceivedAt.UTC().Format(time.RFC3339)
	return fmt.Sprintf("File: %s\nSize: %d bytes\nSHA-256: %s\nReceived: %s\n\n", f.Name, f.Size, f.SHA256, at)
}
