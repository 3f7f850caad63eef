package web

import (
	"bytes"
	"fmt"
	"html/template"
	"sync"
)

// HasParts is page data with a list of parts that look the same to everyone,
// such as the posts of a feed. Each is filled into the template called name,
// apart from the page, and kept: html/template takes a microsecond for each
// value, and a feed has five hundred of them, the same again and again.
type HasParts interface {
	// Parts returns the template and its data. A part must be comparable and
	// hold everything its template shows: equal parts share one text.
	Parts() (name string, parts []any)
}

// partsPlace is where a page's template wants its parts. No visitor can write
// it: what they write is escaped.
var partsPlace = []byte("<li>parts</li>")

// partsKept is how many parts a generation holds, of about 2 kB each.
const partsKept = 1024

// A partCache holds the parts that were filled of late, in two generations:
// when the younger is full it becomes the older, and the older is dropped.
type partCache struct {
	mu             sync.Mutex
	younger, older map[any][]byte
}

func (c *partCache) get(part any) ([]byte, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if text, ok := c.younger[part]; ok {
		return text, true
	}
	text, ok := c.older[part]
	if ok {
		c.keep(part, text)
	}
	return text, ok
}

func (c *partCache) put(part any, text []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.keep(part, text)
}

func (c *partCache) keep(part any, text []byte) {
	if c.younger == nil || len(c.younger) >= partsKept {
		c.older, c.younger = c.younger, make(map[any][]byte, partsKept)
	}
	c.younger[part] = text
}

// insertParts writes page to whole, with the parts of data in their place.
func (p *Pages) insertParts(whole *bytes.Buffer, page []byte, set *template.Template, data HasParts) error {
	name, parts := data.Parts()
	before, after, found := bytes.Cut(page, partsPlace)
	if !found && len(parts) > 0 {
		return fmt.Errorf("the page has no place for its parts %q", name)
	}
	whole.Write(before)
	for _, part := range parts {
		text, ok := p.parts.get(part)
		if !ok {
			var filled bytes.Buffer
			if err := set.ExecuteTemplate(&filled, name, part); err != nil {
				return fmt.Errorf("part %s: %w", name, err)
			}
			text = filled.Bytes()
			p.parts.put(part, text)
		}
		whole.Write(text)
	}
	whole.Write(after)
	return nil
}
