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

// placeholder marks the position of the fragments in a page's template. Visitors
// cannot write it, because their text is escaped.
var placeholder = []byte("<li>parts</li>")

// generationSize is the number of fragments in a generation, of about 2 KiB each.
const generationSize = 1024

// A fragmentCache holds recently used fragments in two generations: when the younger
// is full it becomes the older, and the older is dropped.
type fragmentCache struct {
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
	if c.younger == nil || len(c.younger) >= generationSize {
		c.older, c.younger = c.younger, make(map[any][]byte, generationSize)
	}
	c.younger[part] = text
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
