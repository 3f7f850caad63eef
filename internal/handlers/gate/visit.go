package gate

import (
	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/limits"
	"example.org/cloakroom/internal/models"
)

// A Visit is what is known of a request's visitor. The guards fill it in, in
// the order in which they run; handlers read it.
type Visit struct {
	Origin  Origin
	User    models.User       // the zero User is a guest
	Session models.SecretHash // of the session cookie, if that is how they came
	Token   models.SecretHash // of the API token, if that is how they came
	Scopes  models.Scopes     // of that token
	Fresh   bool              // they re-authenticated recently
	Ticket  ContentTicket     // on the content host
	Confirm string            // the page at which to re-authenticate, where a route refused them for that
	Saved   *SavedForm        // what they typed in a form that a limit refused

	refusal   error           // why their credential was not accepted
	windows   []limits.Window // the windows they were counted in
	saves     []SavedField    // the fields of this form that survive a limit
	needToken bool            // their form must prove by its token that it is from a page of ours
}

const visitKey = "visit" // where a request keeps its *Visit, and the only key that is used

// VisitOf returns the visit that c is part of.
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

// SessionOf returns the hash of the session the request came with.
func SessionOf(c echo.Context) models.SecretHash { return VisitOf(c).Session }

// Client returns the address and browser that the request comes from.
func Client(c echo.Context) models.Client {
	return models.Client{Addr: originOf(c).Addr, UserAgent: c.Request().UserAgent()}
}

// Actor returns the user who makes the request, and their client.
func Actor(c echo.Context) models.Actor { return models.Actor{User: Visitor(c), Client: Client(c)} }

// CredentialOf returns the hash of the session or API token that the visitor came
// with; a guest has none.
func CredentialOf(c echo.Context) models.SecretHash {
	if v := VisitOf(c); v.Token != "" {
		return v.Token
	}
	return SessionOf(c)
}

// Caller returns to whom limits count the request.
func Caller(c echo.Context) limits.Caller { return limits.CallerOf(Visitor(c), originOf(c).Addr) }
