package gate

import (
	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/limits"
)

// A Route is a row of the route table. Handlers are registered in no other way, so
// no route lacks its guards.
type Route struct {
	Method  string
	Path    string
	Handler echo.HandlerFunc
	Access  Access
	Act     limits.Act // what limits count; every route has one
	Body    Body
}

// A Body says how much of the body of a request a route reads.
type Body struct {
	Max   int64        // bytes; negative: files, which have their own limits
	Saves []SavedField // the fields of the form that survive a refusal by the gate
}

// The bodies that routes accept.
var (
	NoBody    = Body{Max: 0, Saves: nil}
	SmallBody = Body{Max: 64 << 10, Saves: nil}  // forms and JSON without long texts
	TextBody  = Body{Max: 256 << 10, Saves: nil} // 10,000 characters, each escaped as JSON may
	// FileBody streams: the handler limits each part, and files.Service each file.
	FileBody = Body{Max: -1, Saves: nil}
)

// Saving returns a copy of b for a form whose given fields survive a refusal by the gate.
func (b Body) Saving(fields ...SavedField) Body {
	b.Saves = fields
	return b
}

// Files reports whether the body can have files.
func (b Body) Files() bool { return b.Max < 0 }
