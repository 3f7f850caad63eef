package handlers_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"example.org/cloakroom/web"
)

// Pages for guests are not stored for others, and not shown again unasked after
// signing in; those of users are not stored at all. Only what is the same for everyone
// is public.
func TestCaching(t *testing.T) {
	s := newSite(t)
	ann := s.registered("ann")
	fields := postFields()
	fields.Set("tags", "coats")
	post := ann.write(fields, part{"file", "a.txt", "", []byte("text")})
	shared := ann.shareTwo(nil)
	file := links(ann.get(post).Body.String(), `/files/[A-Z2-7]+/a.txt`)[0]
	asset := links(ann.get("/").Body.String(), web.StaticPrefix+`[A-Za-z0-9_./-]+[.]css`)[0]
	varies := func(h http.Header, header string) bool {
		return slices.Contains(strings.Split(strings.ReplaceAll(strings.Join(h.Values("Vary"), ","), " ", ""), ","), header)
	}
	for _, path := range []string{"/", post, "/tags/coats", "/users/ann", "/search?q=text", file} {
		h := s.browser().get(path).Header()
		if h.Get("Cache-Control") != "private, no-cache" || !varies(h, "Cookie") {
			t.Errorf("%s for guests: Cache-Control %q, Vary %q", path, h.Get("Cache-Control"), h.Values("Vary"))
		}
		if path != file {
			if h := ann.get(path).Header(); h.Get("Cache-Control") != "no-store" || !varies(h, "Cookie") {
				t.Errorf("%s for users: Cache-Control %q, Vary %q", path, h.Get("Cache-Control"), h.Values("Vary"))
			}
		}
	}
	for _, path := range []string{"/login", "/nowhere", shared.link, "/api/v1/posts"} {
		if h := s.browser().get(path).Header(); !strings.Contains("no-store private, no-cache", h.Get("Cache-Control")) ||
			h.Get("Cache-Control") == "" {
			t.Errorf("%s for guests: Cache-Control %q", path, h.Get("Cache-Control"))
		}
	}
	if h := s.browser().get(asset).Header(); h.Get("Cache-Control") != "public, max-age=31536000, immutable" ||
		h.Get("Vary") != "Accept-Encoding" {
		t.Errorf("%s: Cache-Control %q, Vary %q", asset, h.Get("Cache-Control"), h.Values("Vary"))
	}
}
