// Package page makes the pages of the site and shows errors. It is the only
// package that knows the frame of a page, how values are written for people, and
// which HTTP status tells of which kind of problem.
package page

import (
	"example.org/cloakroom/internal/files"
	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/oidc"
	"example.org/cloakroom/internal/posts"
	"example.org/cloakroom/web"
)

// A Renderer makes pages.
type Renderer struct {
	*gate.Gate
	Pages *web.Pages
	OIDC  *oidc.Service
	Files *files.Service
	Posts *posts.Service
}
