package page

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/problem"
)

// A savedForm is a form that the gate refused, with the data of its partials.
type savedForm struct {
	*gate.SavedForm
	Text     string       // the form, for the sign-in form
	Limits   UploadLimits // of its files
	Problems Problems     // always empty
}

// A problemPage is the data of the page "problem", which shows every error.
type problemPage struct {
	Frame
	Status    int
	Message   string
	RetryIn   time.Duration // zero: waiting does not help
	RequestID string        // to quote to the administrator
	Again     string        // link to a page that a limit refused
	Kept      *savedForm    // a form that the gate refused
	Confirm   string        // link to re-authenticate, if the visitor must
	Help      string        // path of a page that says more
}

// problemTitles are the headings of error pages.
var problemTitles = map[int]string{
	400: "Bad request", 401: "Sign in to continue", 403: "Access denied", 404: "Nothing here", 405: "Not allowed", 408: "Timed out",
	409: "This did not work", 410: "This link doesn't work any more", 413: "Too large", 415: "Type not supported",
	421: "This site has another address",
	422: "Check your input",
	429: "Too many requests", 500: "Something went wrong", 503: "Temporarily unavailable",
}

// problemTitle returns the heading of the error page of a status.
func problemTitle(status int) string {
	if title, ok := problemTitles[status]; ok {
		return title
	}
	return http.StatusText(status)
}

// Advice says what the visitor can do next.
func (p problemPage) Advice() string {
	switch p.Status {
	case 401:
		if p.Kept != nil {
			return "Your text is kept. Sign in, and you can send it."
		}
		return "Sign in and you will return to this page."
	case 403:
		return p.forbiddenAdvice()
	case 404:
		return "The link may be mistyped, or the page was deleted. Try the feed or search."
	case 405:
		return "Go back and try again."
	case 410:
		return "Ask the person who sent it for a new one."
	case 409:
		return "It was changed in the meantime. Go back, reload the page and try again."
	case 413:
		return "Go back and choose a smaller file. The size limit is shown next to the file picker."
	case 415:
		return "Go back and choose a file of another type, or put it into an archive first."
	case 400, 422:
		return "Go back, fix the problem above and send it again."
	case 429:
		return p.limitAdvice()
	case 421:
		return "Is this your server? Set PUBLIC_URL to the address that you opened, or add its host name to ALLOWED_HOSTS, and restart it."
	case 408, 503:
		return "Wait a moment, then reload the page."
	}
	return "Reload the page in a moment. If the problem persists, contact the administrator with the request ID below."
}

// forbiddenAdvice is the Advice for status 403.
func (p problemPage) forbiddenAdvice() string {
	if p.Kept != nil && p.Confirm == "" {
		return "Nothing was sent yet. Check your text below, then send it."
	}
	if p.Confirm != "" {
		if p.Kept != nil {
			return "First enter your password in the tab that opens. Then come back here and send the form again: it is kept below."
		}
		return "Enter your password again. We won't ask again for a while."
	}
	return "If you should have access, ask the person who sent you the link, or sign in with another account."
}

// limitAdvice is the Advice for a request over a limit.
func (p problemPage) limitAdvice() string {
	switch {
	case p.Kept != nil && p.Kept.Files:
		return "Your text is kept below. Choose your files again."
	case p.Kept != nil:
		return "Your text is kept below."
	case p.Again != "":
		return "Wait a moment, then reload the page."
	}
	return "Nothing has changed. Wait a moment, then go back and try again."
}

// Wait returns RetryIn in seconds, rounded up.
func (p problemPage) Wait() int { return gate.WholeSeconds(p.RetryIn) }

// statuses maps kinds of problems to HTTP statuses.
var statuses = map[problem.Kind]int{
	problem.Internal:        http.StatusInternalServerError,
	problem.Malformed:       http.StatusBadRequest,
	problem.Invalid:         http.StatusUnprocessableEntity,
	problem.Unauthenticated: http.StatusUnauthorized,
	problem.Forbidden:       http.StatusForbidden,
	problem.NotFound:        http.StatusNotFound,
	problem.Gone:            http.StatusGone,
	problem.Conflict:        http.StatusConflict,
	problem.TooLarge:        http.StatusRequestEntityTooLarge,
	problem.Unsupported:     http.StatusUnsupportedMediaType,
	problem.TooMany:         http.StatusTooManyRequests,
	problem.Unavailable:     http.StatusServiceUnavailable,
	problem.Misdirected:     http.StatusMisdirectedRequest,
	problem.Timeout:         http.StatusRequestTimeout,
}

// statusClosed is logged for a request whose visitor closed the connection, as nginx
// does. It is no error of ours, and nobody receives it.
const statusClosed = 499

// ShowProblem answers with the error of a handler; every error ends here. It shows
// the messages of problems. It logs other errors, and shows them as internal errors
// without details.
func (re *Renderer) ShowProblem(err error, c echo.Context) {
	found := classify(err)
	if errors.Is(err, context.Canceled) && c.Request().Context().Err() != nil && !c.Response().Committed {
		c.Response().WriteHeader(statusClosed)
		return
	}
	if found[0].Kind == problem.Internal {
		re.Log.LogAttrs(c.Request().Context(), slog.LevelError, "error",
			slog.String("id", gate.RequestID(c)), slog.String("route", c.Path()), slog.Any("err", err))
	}
	if c.Response().Committed {
		return
	}
	h := c.Response().Header()
	h.Set("Cache-Control", noStore)
	h.Del("ETag")
	if wait := found[0].RetryIn; wait > 0 {
		h.Set(gate.RetryAfter, gate.Seconds(wait))
	}
	status := statusOf(err, found)
	if gate.WantsJSON(c) {
		err = re.sendProblem(c, status, found)
	} else if gate.WantsProblemText(c) {
		err = c.String(status, re.problemLines(found))
	} else if re.OnContentHost(c) { // that host has no styles and no sessions
		err = c.String(status, found[0].Message+"\n")
	} else {
		if _, stray := errors.AsType[*echo.HTTPError](err); stray {
			if err := re.RecogniseStray(c); err != nil { // then they see the page as a guest does
				re.Log.LogAttrs(c.Request().Context(), slog.LevelWarn, "session of a stray", slog.Any("err", err))
			}
		}
		err = re.Show(c, status, "problem", re.problemPage(c, status, found[0]))
	}
	if err != nil {
		re.Log.LogAttrs(c.Request().Context(), slog.LevelError, "problem page", slog.Any("err", err))
	}
}

// problemLines returns a line of text for each problem, with the name of its field.
func (re *Renderer) problemLines(found []*problem.Error) string {
	var lines strings.Builder
	for _, p := range found {
		if p.Field != "" {
			lines.WriteString(p.Field + ": ")
		}
		lines.WriteString(p.Message)
		if p.Help != "" {
			lines.WriteString(" " + re.Options.PublicURL + p.Help)
		}
		lines.WriteString("\n")
	}
	return lines.String()
}

// problemPage returns the page for a problem.
func (re *Renderer) problemPage(c echo.Context, status int, found *problem.Error) problemPage {
	data := problemPage{
		Frame: re.Frame(c, problemTitle(status)), Status: status, Message: found.Message, RetryIn: found.RetryIn, RequestID: gate.RequestID(c),
		Help: found.Help,
	}
	v := gate.VisitOf(c)
	if data.Confirm = v.Confirm; data.Confirm != "" {
		data.Title = "Confirm it's you"
	}
	if v.Saved != nil {
		data.Frame = re.GuestFrame(c, data.Title)
		data.Kept = re.savedForm(c, v.Saved)
	}
	if found.Kind == problem.TooMany {
		if r := c.Request(); r.Method == http.MethodGet {
			data.Again = gate.OwnPath(gate.Target(r.URL))
		}
	}
	return data
}

// savedForm returns f as a page shows it.
func (re *Renderer) savedForm(c echo.Context, f *gate.SavedForm) *savedForm {
	text, err := f.Text()
	if err != nil { // never happens: it holds only text
		return nil
	}
	return &savedForm{SavedForm: f, Text: text, Limits: re.UploadLimits(c)}
}

// A keptPage is the data of the page "kept": a form that waited for a sign-in.
type keptPage struct {
	Frame
	Kept *savedForm
}

// ShowKept shows the form that the gate refused before the visitor signed in, for them to
// send.
func (re *Renderer) ShowKept(c echo.Context, f *gate.SavedForm) error {
	frame := re.Frame(c, "Welcome back")
	return re.Show(c, http.StatusOK, "kept", keptPage{Frame: frame, Kept: re.savedForm(c, f)})
}

// classify returns the problems in err, at least one. It turns errors of net/http and
// Echo that a visitor causes into problems, and others into an Internal problem.
func classify(err error) []*problem.Error {
	if all := problem.All(err); len(all) > 0 {
		return all
	}
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return problem.All(gate.ErrBodyTooLarge())
	}
	if h, ok := errors.AsType[*echo.HTTPError](err); ok && h.Code < http.StatusInternalServerError {
		if h.Code == http.StatusNotFound {
			return problem.All(gate.ErrNotFound())
		}
		if h.Code == http.StatusMethodNotAllowed {
			return problem.All(problem.New(problem.Malformed, "This address can't be opened like this."))
		}
		return []*problem.Error{problem.New(problem.Malformed, "%s.", http.StatusText(h.Code))}
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return []*problem.Error{problem.New(problem.Timeout, "The request timed out because no data arrived.")}
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return []*problem.Error{problem.New(problem.Malformed, "The request was interrupted. Send it again.")}
	}
	return []*problem.Error{problem.New(problem.Internal, "Something went wrong on our side.")}
}

// statusOf returns the status of a response for found, or the status of Echo's error
// for a Malformed problem.
func statusOf(err error, found []*problem.Error) int {
	if h, ok := errors.AsType[*echo.HTTPError](err); ok && found[0].Kind == problem.Malformed {
		return h.Code
	}
	return statuses[found[0].Kind]
}
