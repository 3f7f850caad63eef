package gate

import (
	"cmp"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/limits"
	"example.org/cloakroom/internal/models"
)

// A Visit is what the site knows about the visitor of a request. The guards fill it
// in, in the order in which they run; handlers read it.
type Visit struct {
	Origin  Origin
	User    models.User       // the zero User is a guest
	Session models.SecretHash // of the session cookie that identified them
	First   models.SecretHash // of the first secret of that session, which its renewal keeps
	Token   models.SecretHash // of the API token that identified them
	Scopes  models.Scopes     // of that token
	Fresh   bool              // they re-authenticated recently
	Ticket  ContentTicket     // on the content host
	File    *models.File      // of a route with Access.File: found for the User, with no more than sending it takes; nil: look it up
	Confirm string            // link to re-authenticate, if they must
	Saved   *SavedForm        // a form that the gate refused

	refusal   error           // why their credential is invalid
	windows   []limits.Window // the windows that counted this request
	saves     []SavedField    // the fields of this form that survive a refusal
	secret    models.Secret   // of the session that this request began
	counted   bool            // a limit counted this request
	needToken bool            // the form must have a form token
	public    bool            // search engines can list the page
	gaveToken bool            // the page has a form token
	route     *RouteTraffic   // counts this request; nil: no route was reached
	received  int64           // bytes of the body that were read; of a short body, its length
}

// visitKey is the only key of an echo.Context that handlers use.
const visitKey = "visit"

// VisitOf returns the visit of the request.
func VisitOf(c echo.Context) *Visit {
	v, ok := c.Get(visitKey).(*Visit)
	if !ok {
		v = &Visit{}
		c.Set(visitKey, v)
	}
	return v
}

// CountReceived adds to the bytes that the metrics say the request had.
func (v *Visit) CountReceived(n int) { v.received += int64(n) }

// Visitor returns the user who makes the request: the zero User is a guest.
func Visitor(c echo.Context) models.User { return VisitOf(c).User }

// SessionOf returns the hash of the visitor's session, or "" if a session did not
// identify them.
func SessionOf(c echo.Context) models.SecretHash { return VisitOf(c).Session }

// Client returns the IP address and browser of the visitor.
func Client(c echo.Context) models.Client {
	return models.Client{Addr: originOf(c).Addr, UserAgent: c.Request().UserAgent()}
}

// ListPage records that search engines can list the page of the response.
func ListPage(c echo.Context) { VisitOf(c).public = true }

// HasNoSecret reports whether the page of the response is one that every guest gets: it
// can be listed, and has no form token.
func HasNoSecret(c echo.Context) bool {
	v := VisitOf(c)
	return v.public && !v.gaveToken && !v.User.SignedIn()
}

// Actor returns the user who makes the request, and their client, for the audit log.
func Actor(c echo.Context) models.Actor {
	v := VisitOf(c)
	return models.Actor{User: v.User, Client: Client(c), ByToken: v.Token != ""}
}

// CredentialOf returns what StillAuthenticated knows the visitor's session or API token by,
// or "" for a guest.
func CredentialOf(c echo.Context) models.SecretHash {
	v := VisitOf(c)
	return cmp.Or(v.Token, v.First)
}

// Caller returns the visitor as limits count them.
func Caller(c echo.Context) limits.Caller { return limits.CallerOf(Visitor(c), originOf(c).Addr) }
