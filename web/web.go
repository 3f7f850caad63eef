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
	"strings"
	"sync"
)

// dist only contains .gitkeep until the assets are built.
//
//go:embed all:dist templates
var embedded embed.FS

// StaticPrefix is the URL path under which the site serves Static. File names contain
// a hash of the content, so clients can cache them for ever.
const StaticPrefix = "/static/"

// Static returns the built assets. It is empty if they have not been built.
func Static() (fs.FS, error) { return fs.Sub(embedded, "dist") }

// Pages are the parsed templates, one set for each file in templates/pages.
type Pages struct {
	sets      map[string]*template.Template
	buffers   sync.Pool
	fragments fragmentCache
}

// Parse parses every page with the layout, the partials and funcs. It adds two
// functions: "asset" returns the URL of an asset such as app.css, or "" if it has not
// been built, in which case pages work without it; "integrity" returns the hash for
// the integrity attribute, so that no cache in between can change a script.
func Parse(funcs template.FuncMap) (*Pages, error) {
	assets, err := manifest()
	if err != nil {
		return nil, err
	}
	hashes, err := integrity(assets)
	if err != nil {
		return nil, err
	}
	shared, err := template.New("").Funcs(funcs).
		Funcs(template.FuncMap{
			"asset":     func(name string) string { return assets[name] },
			"integrity": func(name string) string { return hashes[name] },
		}).
		ParseFS(embedded, "templates/layouts/*.html", "templates/partials/*.html")
	if err != nil {
		return nil, fmt.Errorf("parsing the layout: %w", err)
	}
	files, err := fs.Glob(embedded, "templates/pages/*.html")
	if err != nil {
		return nil, fmt.Errorf("listing the pages: %w", err)
	}
	pages := &Pages{sets: make(map[string]*template.Template, len(files))}
	pages.buffers.New = func() any { return new(bytes.Buffer) }
	for _, file := range files {
		set, err := shared.Clone()
		if err != nil {
			return nil, fmt.Errorf("copying the layout: %w", err)
		}
		if set, err = set.ParseFS(embedded, file); err != nil {
			return nil, fmt.Errorf("parsing %s: %w", file, err)
		}
		pages.sets[strings.TrimSuffix(path.Base(file), ".html")] = set
	}
	return pages, nil
}

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
	set, ok := p.sets[name]
	if !ok {
		return fmt.Errorf("there is no page %q", name)
	}
	page := p.buffer()
	defer p.release(page)
	if err := set.ExecuteTemplate(page, "base", data); err != nil {
		return fmt.Errorf("page %s: %w", name, err)
	}
	list, ok := data.(Cacheable)
	if !ok {
		return use(page.Bytes())
	}
	whole := p.buffer()
	defer p.release(whole)
	if err := p.insertFragments(whole, page.Bytes(), set, list); err != nil {
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
