// Package page renders pages and errors. It is the only package that knows the frame
// of a page, how values are formatted for people, and the HTTP status of each kind of
// problem.
package page

import (
	"example.org/cloakroom/internal/files"
	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/oidc"
	"example.org/cloakroom/internal/posts"
	"example.org/cloakroom/web"
)

// A Renderer renders pages. All exported fields must be set.
type Renderer struct {
	*gate.Gate
	Pages *web.Pages
	OIDC  *oidc.Service
	Files *files.Service
	Posts *posts.Service
	About func() SiteInfo // what the admin says about the site now

	squeezed squeezedPages
}
