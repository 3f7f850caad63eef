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
		return "Log in, and you will come back to where you were."
	case 403:
		if p.Confirm != "" {
			return "It takes your password, and then there is peace for a while."
		}
		return "If you think you should be let in, ask whoever gave you the address, or log in as someone else."
	case 404:
		return "The address may be mistyped, or what was here has been deleted. Try the feed or the search."
	case 409:
		return "Someone changed it in the meantime. Go back, load the page again and repeat the change."
	case 413:
		return "Go back and choose a smaller file. The limits stand beside each file picker."
	case 415:
		return "Go back and choose a file of another type, or pack it into an archive first."
	case 400, 422:
		return "Go back, correct what is named above and send it again."
	case 429:
		return p.patience()
	case 408, 503:
		return "Wait a moment, then load the page again."
	}
	return "Load the page again in a moment. If it stays like this, tell the people who run the site, with the number below."
}

func (p problemPage) patience() string {
	switch {
	case p.Kept != nil && p.Kept.Files:
		return "What you wrote is kept below. Your files are not, so choose them again."
	case p.Kept != nil:
		return "What you wrote is kept below."
	case p.Again != "":
		return "Wait a little, then load the page again."
	}
	return "Nothing was done. Wait a little, then go back and try again."
}

// Wait is RetryIn in whole seconds, rounded up.
func (p problemPage) Wait() int { return wholeSeconds(p.RetryIn) }
