// Package web carries the templates, and the styles and scripts that esbuild
// made. It alone knows how an asset's name leads to its file; it knows nothing
// of the application that fills the pages.
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
	"maps"
	"path"
	"slices"
	"strings"
	"sync"
)

// dist is empty but for .gitkeep until the assets are built.
//
//go:embed all:dist templates
var embedded embed.FS

// StaticPrefix is where the site serves Static. The names there hold a hash of
// what is in the file, so each may be kept for ever.
const StaticPrefix = "/static/"

// Static holds the built assets. There are none if they were not built.
func Static() (fs.FS, error) { return fs.Sub(embedded, "dist") }

// Pages are the parsed templates, one set for each file in templates/pages.
type Pages struct {
	sets    map[string]*template.Template
	buffers sync.Pool
	parts   partCache
}

// Parse parses every page together with the layout and the partials. To funcs
// it adds "asset", which turns a name such as app.css into the address of the
// built file, or into nothing if it was not built: pages do without. And it
// adds "integrity", which turns the name into the hash that a browser checks,
// so that nothing on the way to it, such as a cache, can change a script.
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

// manifest reads what the build wrote: the address of each asset.
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

// integrity returns the hash of each asset as an integrity attribute has it.
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

// Names lists the pages in alphabetical order.
func (p *Pages) Names() []string { return slices.Sorted(maps.Keys(p.sets)) }

// Render fills the page called name. It returns the whole page or an error,
// never half a page.
func (p *Pages) Render(name string, data any) (page []byte, err error) {
	err = p.With(name, data, func(whole []byte) error {
		page = bytes.Clone(whole)
		return nil
	})
	return page, err
}

// largestKept is the size of the largest buffer that is kept for the next
// page: a single huge one must not stay for ever.
const largestKept = 256 << 10

// With fills the page called name and hands the whole of it to use, which may
// not keep it: the bytes serve the next page. Nothing is handed on if filling
// the page fails. It spares the copy that Render makes.
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
	list, ok := data.(HasParts)
	if !ok {
		return use(page.Bytes())
	}
	whole := p.buffer()
	defer p.release(whole)
	if err := p.insertParts(whole, page.Bytes(), set, list); err != nil {
		return fmt.Errorf("page %s: %w", name, err)
	}
	return use(whole.Bytes())
}

// buffer returns an empty buffer, perhaps one that served another page.
func (p *Pages) buffer() *bytes.Buffer {
	buffer := p.buffers.Get().(*bytes.Buffer) //nolint:forcetypeassert // New makes nothing else
	buffer.Reset()
	return buffer
}

func (p *Pages) release(buffer *bytes.Buffer) {
	if buffer.Cap() <= largestKept {
		p.buffers.Put(buffer)
	}
}
