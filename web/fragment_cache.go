package web

import (
	"bytes"
	"fmt"
	"html/template"
	"sync"
)

// Cacheable is page data with a list of parts that look the same to every visitor,
// such as the posts of a feed. Each part is rendered once, as a fragment of its own,
// and cached: html/template takes a microsecond per value, and a feed shows the same
// five hundred values again and again.
type Cacheable interface {
	// Parts returns the name of the template for one part, and the data of each
	// part. The data must be comparable and contain everything that the template
	// shows, because equal data shares one fragment.
	Parts() (name string, parts []any)
}

// Shelled is Cacheable page data whose page outside of the parts is cached too. A page
// with a value of its own in each rendering, such as a form key, must not be.
type Shelled interface {
	Cacheable

	// Shell returns a comparable value that is equal for pages that are equal outside of
	// their parts, or false if the page is shown once.
	Shell() (key any, ok bool)
}

// placeholder marks the position of the fragments in a page's template. Visitors
// cannot write it, because their text is escaped.
var placeholder = []byte("<li>parts</li>")

const (
	// generationSize is the number of fragments in a generation, of about 2 KiB each.
	generationSize = 1024
	// shellsKept is the same for the shells of pages, of about 10 KiB each: every session has
	// its own.
	shellsKept = 128
)

// A fragmentCache holds recently used fragments in two generations: when the younger
// is full it becomes the older, and the older is dropped.
type fragmentCache struct {
	size           int // of a generation
	mu             sync.Mutex
	younger, older map[any][]byte
}

func (c *fragmentCache) get(part any) ([]byte, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if text, ok := c.younger[part]; ok {
		return text, true
	}
	text, ok := c.older[part]
	if ok {
		c.add(part, text)
	}
	return text, ok
}

func (c *fragmentCache) put(part any, text []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.add(part, text)
}

func (c *fragmentCache) add(part any, text []byte) {
	if c.younger == nil || len(c.younger) >= c.size {
		c.older, c.younger = c.younger, make(map[any][]byte)
	}
	c.younger[part] = text
}

// A shellKey is the key of the shell of a page.
type shellKey struct {
	name string
	key  any
}

// shell writes the page of data with placeholder in place of its parts to page, or returns it
// from the cache.
func (p *Pages) shell(page *bytes.Buffer, name string, set *template.Template, data Cacheable) ([]byte, error) {
	shelled, ok := data.(Shelled)
	key := shellKey{name: name}
	if ok {
		if key.key, ok = shelled.Shell(); ok {
			if text, found := p.shells.get(key); found {
				return text, nil
			}
		}
	}
	if err := set.ExecuteTemplate(page, "base", data); err != nil {
		return nil, err
	}
	if ok {
		p.shells.put(key, bytes.Clone(page.Bytes()))
	}
	return page.Bytes(), nil
}

// insertFragments writes page to whole, with the fragments of data in place of
// placeholder.
func (p *Pages) insertFragments(whole *bytes.Buffer, page []byte, set *template.Template, data Cacheable) error {
	name, parts := data.Parts()
	before, after, found := bytes.Cut(page, placeholder)
	if !found && len(parts) > 0 {
		return fmt.Errorf("the page has no place for its parts %q", name)
	}
	whole.Write(before)
	for _, part := range parts {
		text, ok := p.fragments.get(part)
		if !ok {
			var filled bytes.Buffer
			if err := set.ExecuteTemplate(&filled, name, part); err != nil {
				return fmt.Errorf("part %s: %w", name, err)
			}
			text = filled.Bytes()
			p.fragments.put(part, text)
		}
		whole.Write(text)
	}
	whole.Write(after)
	return nil
}
