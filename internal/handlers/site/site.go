// Package site has the pages for guests and users. It is the only package that
// knows what each of these pages shows and which form leads to which.
package site

import (
	"sync"

	"example.org/cloakroom/internal/files"
	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/handlers/page"
	"example.org/cloakroom/internal/handlers/transfer"
	"example.org/cloakroom/internal/leaving"
	"example.org/cloakroom/internal/moderation"
	"example.org/cloakroom/internal/notifications"
	"example.org/cloakroom/internal/oidc"
	"example.org/cloakroom/internal/posts"
	"example.org/cloakroom/internal/preview"
	"example.org/cloakroom/internal/requests"
	"example.org/cloakroom/internal/shares"
)

// A Site has the handlers of the pages, and what they need.
type Site struct {
	*gate.Gate
	*page.Renderer
	*transfer.Line
	Posts      *posts.Service
	Files      *files.Service
	Leaving    *leaving.Service
	OIDC       *oidc.Service
	Moderation *moderation.Service
	Shares     *shares.Service
	Requests   *requests.Service
	Previews   *preview.Maker

	Notifications *notifications.Service

	feeds     sharedReads[string, postList] // by cursor
	atoms     sharedReads[struct{}, []byte] // feeds for programs
	exporting sync.Map                      // users with a running export
}
