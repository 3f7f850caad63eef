package handlers

import (
	"time"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// page is what every page shows around its own content. Page types embed it.
type page struct {
	Title  string      // of the window and, on most pages, the heading
	User   models.User // the viewer; the zero User is a guest
	Path   string      // of the request: marks the place in the navigation
	Query  string      // what stands in the search box
	Notice string      // what was just done, in a sentence; may be empty
	Signup bool        // whether guests may register
	SignIn bool        // whether the viewer's settings have a page of links to a provider
	Token  string      // for its forms; empty on a guest's page without any
}

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

// uploadLimits are told beside each file picker.
type uploadLimits struct {
	MaxSize  int64 // bytes of one file
	MaxFiles int   // of one post
}

// A savedForm is a form that a limit refused, with what its partials need.
type savedForm struct {
	*SavedForm
	Limits   uploadLimits // of its files
	Problems Problems     // none
}

// problemPage is the page "problem": the friendly face of every error.
type problemPage struct {
	page
	Status    int
	Message   string
	RetryIn   time.Duration // zero: trying again at once is as good as later
	RequestID string        // what to quote when asking the people who run the site
	Again     string        // address of a page that came too often
	Kept      *savedForm    // a form that a limit refused
	Confirm   string        // where to confirm that one is there, if that was missing
}

// Advice says what to do next.
func (p problemPage) Advice() string {
	switch p.Status {
	case 401:
		return "Sign in and you will return to this page."
	case 403:
		if p.Confirm != "" {
			return "Enter your password again. We won't ask again for a while."
		}
		return "If you should have access, ask the person who sent you the link, or sign in with another account."
	case 404:
		return "The link may be mistyped, or the page was deleted. Try the feed or search."
	case 409:
		return "It was changed in the meantime. Go back, reload the page and try again."
	case 413:
		return "Go back and choose a smaller file. The size limit is shown next to the file picker."
	case 415:
		return "Go back and choose a file of another type, or put it into an archive first."
	case 400, 422:
		return "Go back, fix the problem above and send it again."
	case 429:
		return p.patience()
	case 408, 503:
		return "Wait a moment, then reload the page."
	}
	return "Reload the page in a moment. If the problem persists, contact the administrator with the request ID below."
}

func (p problemPage) patience() string {
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

// Wait is RetryIn in whole seconds, rounded up.
func (p problemPage) Wait() int { return wholeSeconds(p.RetryIn) }
