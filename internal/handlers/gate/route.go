package gate

import (
	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/limits"
)

// A Route is a row of the map of the site. There is no other way to register a
// handler, so no guard can be forgotten.
type Route struct {
	Method  string
	Path    string
	Handler echo.HandlerFunc
	Access  Access
	Act     limits.Act // what it costs its visitor; every route has one
	Body    Body
}

// A Body says how much of a request's body a route reads.
type Body struct {
	Max   int64        // bytes; negative: files, which their own limits bound
	Saves []SavedField // the fields of the form that survive a limit
}

// The bodies that routes take.
var (
	NoBody    = Body{Max: 0, Saves: nil}
	SmallBody = Body{Max: 64 << 10, Saves: nil}  // forms and JSON without long texts
	TextBody  = Body{Max: 256 << 10, Saves: nil} // 10,000 characters, each escaped as JSON may
	// FileBody streams: its handler bounds each part, and files.Service each file.
	FileBody = Body{Max: -1, Saves: nil}
)

// Saving returns b for a form of which these fields survive a limit.
func (b Body) Saving(fields ...SavedField) Body {
	b.Saves = fields
	return b
}

// Files reports whether the body may have files.
func (b Body) Files() bool { return b.Max < 0 }
