package gate

import (
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
	Token   models.SecretHash // of the API token that identified them
	Scopes  models.Scopes     // of that token
	Fresh   bool              // they re-authenticated recently
	Ticket  ContentTicket     // on the content host
	Confirm string            // link to re-authenticate, if they must
	Saved   *SavedForm        // a form that a limit refused

	refusal   error           // why their credential is invalid
	windows   []limits.Window // the windows that counted this request
	saves     []SavedField    // the fields of this form that survive a limit
	needToken bool            // the form must have a form token
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

// Visitor returns the user who makes the request: the zero User is a guest.
func Visitor(c echo.Context) models.User { return VisitOf(c).User }

// SessionOf returns the hash of the visitor's session, or "" if a session did not
// identify them.
func SessionOf(c echo.Context) models.SecretHash { return VisitOf(c).Session }

// Client returns the IP address and browser of the visitor.
func Client(c echo.Context) models.Client {
	return models.Client{Addr: originOf(c).Addr, UserAgent: c.Request().UserAgent()}
}

// Actor returns the user who makes the request, and their client, for the audit log.
func Actor(c echo.Context) models.Actor { return models.Actor{User: Visitor(c), Client: Client(c)} }

// CredentialOf returns the hash of the session or API token that identified the
// visitor, or "" for a guest.
func CredentialOf(c echo.Context) models.SecretHash {
	if v := VisitOf(c); v.Token != "" {
		return v.Token
	}
	return SessionOf(c)
}

// Caller returns the visitor as limits count them.
func Caller(c echo.Context) limits.Caller { return limits.CallerOf(Visitor(c), originOf(c).Addr) }
