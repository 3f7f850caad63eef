package handlers

import (
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/handlers/page"
	"example.org/cloakroom/internal/problem"
	"example.org/cloakroom/web"
)

// staticTypes are the media types of the assets by the ending of their names. The list of the
// assets is no asset: its name has no hash.
var staticTypes = map[string]string{
	".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml; charset=utf-8",
	".png": "image/png",
}

// staticCodings are the content codings in which the build also writes the large assets,
// best first, and the endings of those files.
var staticCodings = [...]struct{ name, ending string }{{"br", ".br"}, {"gzip", ".gz"}}

// staticFiles returns the handler of the built assets. Their names have a hash of their
// content, so browsers can cache them for ever.
func staticFiles() (echo.HandlerFunc, error) {
	assets, err := web.Static()
	if err != nil {
		return nil, fmt.Errorf("finding the assets: %w", err)
	}
	return func(c echo.Context) error {
		r, h := c.Request(), c.Response().Header()
		name := strings.TrimPrefix(r.URL.Path, web.StaticPrefix)
		mediaType, known := staticTypes[path.Ext(name)]
		content, err := openAsset(assets, name)
		tag := name
		if !known || err != nil {
			return problem.New(problem.NotFound, "Page not found.")
		}
		for _, coding := range staticCodings {
			coded, err := openAsset(assets, name+coding.ending)
			if err != nil {
				continue
			}
			h.Set("Vary", echo.HeaderAcceptEncoding)
			if page.AcceptsCoding(r.Header.Values(echo.HeaderAcceptEncoding), coding.name) {
				h.Set(echo.HeaderContentEncoding, coding.name)
				content, tag = coded, name+coding.ending
				break
			}
		}
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
		h.Set(echo.HeaderContentType, mediaType)
		if tag != name && r.Header.Get("Range") == "" { // http.ServeContent leaves it out of coded content
			if size, err := content.Seek(0, io.SeekEnd); err == nil {
				h.Set(echo.HeaderContentLength, strconv.FormatInt(size, 10))
			}
		}
		h.Set("ETag", `"`+tag+`"`)
		http.ServeContent(c.Response(), r, name, time.Time{}, content)
		return nil
	}, nil
}

// openAsset opens an embedded file, which holds nothing that needs closing.
func openAsset(assets fs.FS, name string) (io.ReadSeeker, error) {
	file, err := assets.Open(name)
	if err != nil {
		return nil, err
	}
	content, ok := file.(io.ReadSeeker)
	if !ok {
		return nil, fs.ErrNotExist // a directory
	}
	return content, nil
}
