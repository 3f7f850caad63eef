// Package web renders pages from embedded templates, and holds the styles and
// scripts built by esbuild. It alone knows how an asset's name maps to its file. It
// knows nothing of the application that provides the data.
package web

import (
	"bytes"
	"crypto/sha512"
	"embed"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"
)

// dist only contains .gitkeep until the assets are built.
//
//go:embed all:dist templates
var embedded embed.FS

// Favicon is the icon of the site for those who ask for none by name: a PNG of 32 × 32 pixels.
//
//go:embed icons/icon-32.png
var Favicon []byte

// StaticPrefix is the URL path under which the site serves Static. File names contain
// a hash of the content, so clients can cache them for ever.
const StaticPrefix = "/static/"

// Static returns the built assets. It is empty if they have not been built.
func Static() (fs.FS, error) { return fs.Sub(embedded, "dist") }

// Pages are the templates, one set for each file in templates/pages. A set is parsed when
// it is used for the first time: few processes show every page.
type Pages struct {
	sets      map[string]func() (*template.Template, error)
	assets    map[string]string
	buffers   sync.Pool
	fragments fragmentCache
	shells    fragmentCache
}

// Parse finds every page, which has the layout, the partials and funcs. It adds two
// functions: "asset" returns the URL of an asset such as app.css, or "" if it has not
// been built, in which case pages work without it; "integrity" returns the hash for
// the integrity attribute, so that no cache in between can change a script; "sheets"
// returns the names of the page's style sheets.
func Parse(funcs template.FuncMap) (*Pages, error) {
	assets, err := manifest()
	if err != nil {
		return nil, err
	}
	hashes, err := integrity(assets)
	if err != nil {
		return nil, err
	}
	shared := sync.OnceValues(func() (*template.Template, error) {
		return template.New("").Funcs(funcs).
			Funcs(template.FuncMap{
				"asset":     func(name string) string { return assets[name] },
				"integrity": func(name string) string { return hashes[name] },
				"sheets":    func() []string { return nil }, // each page has its own
			}).
			ParseFS(embedded, "templates/layouts/*.html", "templates/partials/*.html")
	})
	files, err := fs.Glob(embedded, "templates/pages/*.html")
	if err != nil {
		return nil, fmt.Errorf("listing the pages: %w", err)
	}
	pages := &Pages{assets: assets, fragments: fragmentCache{size: generationSize}, shells: fragmentCache{size: shellsKept}}
	pages.sets = make(map[string]func() (*template.Template, error), len(files))
	pages.buffers.New = func() any { return new(bytes.Buffer) }
	for _, file := range files {
		pages.sets[strings.TrimSuffix(path.Base(file), ".html")] = sync.OnceValues(func() (*template.Template, error) {
			layout, err := shared()
			if err != nil {
				return nil, fmt.Errorf("parsing the layout: %w", err)
			}
			set, err := layout.Clone()
			if err != nil {
				return nil, fmt.Errorf("copying the layout: %w", err)
			}
			set.Funcs(template.FuncMap{"sheets": func() []string { return sheets(path.Base(file)) }})
			if set, err = set.ParseFS(embedded, file); err != nil {
				return nil, fmt.Errorf("parsing %s: %w", file, err)
			}
			return set, nil
		})
	}
	return pages, nil
}

// sheets returns the names of the style sheets of a page, by the file of its template:
// app.css for all pages, and panel.css for the panel, the settings and the pages where
// users manage what they have; preview.css for the preview of a file.
func sheets(file string) []string {
	name := strings.TrimSuffix(file, ".html")
	switch {
	case strings.HasPrefix(name, "admin_"), strings.HasPrefix(name, "settings_"),
		slices.Contains([]string{
			"access", "file_delete", "file_edit", "file_list", "file_types", "post_form", "request_list", "request_new", "request_show",
			"share_list", "share_new", "share_show",
		}, name):
		return []string{"app.css", "panel.css"}
	case name == "file_preview":
		return []string{"app.css", "preview.css"}
	}
	return []string{"app.css"}
}

// Asset returns the URL of an asset such as app.css, or "" if it has not been built.
func (p *Pages) Asset(name string) string { return p.assets[name] }

// manifest returns the URL of each asset by its name, as written by build.mjs.
func manifest() (map[string]string, error) {
	assets := map[string]string{}
	raw, err := embedded.ReadFile("dist/manifest.json")
	if errors.Is(err, fs.ErrNotExist) {
		return assets, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the list of assets: %w", err)
	}
	if err := json.Unmarshal(raw, &assets); err != nil {
		return nil, fmt.Errorf("reading the list of assets: %w", err)
	}
	for name, file := range assets {
		assets[name] = StaticPrefix + file
	}
	return assets, nil
}

// integrity returns the value of the integrity attribute for each asset.
func integrity(assets map[string]string) (map[string]string, error) {
	hashes := make(map[string]string, len(assets))
	for name, address := range assets {
		content, err := embedded.ReadFile("dist/" + strings.TrimPrefix(address, StaticPrefix))
		if err != nil {
			return nil, fmt.Errorf("reading an asset: %w", err)
		}
		sum := sha512.Sum384(content)
		hashes[name] = "sha384-" + base64.StdEncoding.EncodeToString(sum[:])
	}
	return hashes, nil
}

// Render returns the page called name, complete, or an error.
func (p *Pages) Render(name string, data any) (page []byte, err error) {
	err = p.With(name, data, func(whole []byte) error {
		page = bytes.Clone(whole)
		return nil
	})
	return page, err
}

// largestKept is the largest buffer that is reused, in bytes, so that one huge page
// does not occupy memory for ever.
const largestKept = 256 << 10

// With renders the page called name and calls use with the complete page. It avoids
// the copy that Render makes, so use must not retain the slice. If rendering fails,
// use is not called.
func (p *Pages) With(name string, data any, use func(page []byte) error) error {
	parsed, ok := p.sets[name]
	if !ok {
		return fmt.Errorf("there is no page %q", name)
	}
	set, err := parsed()
	if err != nil {
		return err
	}
	page := p.buffer()
	defer p.release(page)
	list, ok := data.(Cacheable)
	if !ok {
		if err := set.ExecuteTemplate(page, "base", data); err != nil {
			return fmt.Errorf("page %s: %w", name, err)
		}
		return use(page.Bytes())
	}
	whole := p.buffer()
	defer p.release(whole)
	shell, err := p.shell(page, name, set, list)
	if err == nil {
		err = p.insertFragments(whole, shell, set, list)
	}
	if err != nil {
		return fmt.Errorf("page %s: %w", name, err)
	}
	return use(whole.Bytes())
}

// buffer returns an empty buffer from the pool.
func (p *Pages) buffer() *bytes.Buffer {
	buffer := p.buffers.Get().(*bytes.Buffer) //nolint:forcetypeassert // New only returns this type
	buffer.Reset()
	return buffer
}

func (p *Pages) release(buffer *bytes.Buffer) {
	if buffer.Cap() <= largestKept {
		p.buffers.Put(buffer)
	}
}
