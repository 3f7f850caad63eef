package handlers_test

import (
	"compress/gzip"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"example.org/cloakroom/web"
)

// with asks for path with a header.
func (b *browser) with(path, header, value string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, publicURL+path, nil)
	r.Header.Set(header, value)
	return b.do(r)
}

// Large assets are sent as the build compressed them, to those who take it.
func TestAssets_AreCompressed(t *testing.T) {
	s := newSite(t)
	guest, assets := s.browser(), must(web.Static())(t)
	name := links(guest.get("/").Body.String(), web.StaticPrefix+`[A-Za-z0-9_./-]+[.]css`)[0]
	plain := guest.get(name)
	if plain.Header().Get("Content-Encoding") != "" || plain.Header().Get("Vary") != "Accept-Encoding" {
		t.Errorf("without Accept-Encoding: %v", plain.Header())
	}
	for accepted, ending := range map[string]string{"gzip, deflate, br, zstd": ".br", "gzip": ".gz", "gzip, br;q=0": ".gz", "zstd": ""} {
		want := string(must(fs.ReadFile(assets, strings.TrimPrefix(name, web.StaticPrefix)+ending))(t))
		got := guest.with(name, "Accept-Encoding", accepted)
		coding := map[string]string{".br": "br", ".gz": "gzip"}[ending]
		if got.Header().Get("Content-Encoding") != coding || got.Body.String() != want ||
			ending != "" && got.Header().Get("Content-Length") != strconv.Itoa(len(want)) || got.Header().Get("ETag") == "" ||
			got.Header().Get("Content-Type") != "text/css; charset=utf-8" {
			t.Errorf("with %q: %d bytes, %v", accepted, got.Body.Len(), got.Header())
		}
		if ending != "" && guest.get(name+ending).Code != http.StatusNotFound {
			t.Errorf("%s is an address", name+ending)
		}
	}
}

// Pages that every guest gets are compressed, and not sent again to browsers that have them. Pages
// with something secret, and those of users, are neither.
func TestPages_AreCompressedWithoutSecrets(t *testing.T) {
	s := newSite(t)
	ann, guest := s.registered("ann"), s.browser()
	post := ann.write(postFields())
	for _, path := range []string{"/", post, "/users/ann", "/tags/boats"} {
		plain, got := guest.get(path), guest.with(path, "Accept-Encoding", "gzip")
		if got.Header().Get("Content-Encoding") != "gzip" {
			t.Errorf("%s for guests is not compressed: %v", path, got.Header())
			continue
		}
		if text := must(io.ReadAll(must(gzip.NewReader(got.Body))(t)))(t); string(text) != plain.Body.String() {
			t.Errorf("%s is another page when it is compressed", path)
		}
		tag := plain.Header().Get("ETag")
		again := guest.with(path, "If-None-Match", tag)
		if tag == "" || again.Code != http.StatusNotModified || again.Body.Len() > 0 || again.Header().Get("ETag") != tag ||
			again.Header().Get("Cache-Control") != "private, no-cache" {
			t.Errorf("%s again: %d, %v", path, again.Code, again.Header())
		}
		if got := ann.with(path, "Accept-Encoding", "gzip"); got.Header().Get("Content-Encoding") != "" || got.Header().Get("ETag") != "" {
			t.Errorf("%s for a user is compressed or has an ETag: %v", path, got.Header())
		}
	}
	ann.write(postFields())
	if got := guest.with("/", "If-None-Match", guest.get(post).Header().Get("ETag")); got.Code != http.StatusOK {
		t.Errorf("a changed page: %d", got.Code)
	}
	for _, path := range []string{"/login", "/search?q=light", ann.shareTwo(nil).link, "/nowhere"} {
		if got := guest.with(path, "Accept-Encoding", "gzip"); got.Header().Get("Content-Encoding") != "" {
			t.Errorf("%s is compressed", path)
		}
	}
}
