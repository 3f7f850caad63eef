package preview

import (
	"bufio"
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"

	"example.org/cloakroom/internal/problem"
)

var (
	errToken = errors.New("a tag or a text of the XML is too long")
	errDepth = errors.New("the tags of the XML are too deep, or closed too often")
)

// prose is the text of a document that its pages show: no comments, notes, deleted or hidden text,
// hidden slides and names of authors. What a style hides is not known to be hidden.
type prose struct {
	paragraphs []Paragraph
	size       int // bytes of text
	slides     int // of an OpenDocument
	cut        string

	paragraph strings.Builder
	within    int  // elements that are open and whose characters are text
	hidden    bool // so are those of this run
}

// tokens reads bytes until a token is too long: the decoder of the standard library keeps all of one.
type tokens struct {
	*bufio.Reader
	left int
}

// ReadByte implements io.ByteReader.
func (t *tokens) ReadByte() (byte, error) {
	if t.left--; t.left < 0 {
		return 0, errToken
	}
	return t.Reader.ReadByte()
}

// read adds the text of a part. It returns an error if not all of it is added.
func (t *prose) read(r io.Reader, openDocument bool) error {
	in := &tokens{Reader: bufio.NewReader(r)}
	d := xml.NewDecoder(in)
	t.within, t.hidden = 0, false
	for depth, skipped := 0, 0; depth >= 0; { // skipped: the depth of an element that is not read, or 0
		in.left = MaxToken
		token, err := d.RawToken() // Token would keep the names and prefixes of all open tags
		if errors.Is(err, io.EOF) {
			return t.end()
		}
		if err != nil {
			return errors.Join(err, t.end())
		}
		switch token := token.(type) {
		case xml.StartElement:
			if depth++; depth > MaxDepth {
				return errors.Join(errDepth, t.end())
			}
			if skipped == 0 && isSkipped(token, openDocument) {
				skipped = depth
			}
			if skipped == 0 {
				err = t.start(token, openDocument)
			}
		case xml.EndElement:
			switch skipped {
			case 0:
				err = t.close(token.Name.Local, openDocument)
			case depth:
				skipped = 0
			}
			depth--
		case xml.CharData:
			if skipped == 0 {
				t.write(string(token))
			}
		}
		if err != nil {
			return err
		}
	}
	return errors.Join(errDepth, t.end())
}

// isSkipped reports whether an element holds no text that the pages of the document show.
func isSkipped(e xml.StartElement, openDocument bool) bool {
	if !openDocument {
		switch e.Name.Local {
		case "del", "moveFrom", "pPr", "Fallback": // the last repeats what is beside it
			return true
		case "sld":
			return isOff(e, "show")
		}
		return false
	}
	switch e.Name.Local {
	case "annotation", "tracked-changes", "note", "notes", "desc", "forms", "scripts", "automatic-styles", "hidden-text", "hidden-paragraph":
		return true
	case "title":
		return strings.Contains(e.Name.Space, "svg")
	}
	return false
}

// isOff reports whether an attribute of an element of Office turns it off.
func isOff(e xml.StartElement, attribute string) bool {
	return slices.ContainsFunc(e.Attr, func(a xml.Attr) bool {
		return a.Name.Local == attribute && (a.Value == "0" || a.Value == "false" || a.Value == "off")
	})
}

// start begins an element.
func (t *prose) start(e xml.StartElement, openDocument bool) error {
	if !openDocument {
		switch e.Name.Local {
		case "t":
			t.within++
		case "r":
			t.hidden = false
		case "vanish":
			t.hidden = !isOff(e, "val")
		case "tab":
			t.put("\t")
		case "p", "br", "cr":
			return t.end()
		}
		return nil
	}
	switch e.Name.Local {
	case "p", "h":
		t.within++
		return t.end()
	case "line-break":
		return t.end()
	case "tab":
		t.put("\t")
	case "s":
		t.put(" ")
	case "page":
		t.slides++
		return t.slide(t.slides)
	}
	return nil
}

// close ends an element.
func (t *prose) close(name string, openDocument bool) error {
	switch {
	case openDocument && (name == "p" || name == "h"):
		t.within--
		return t.end()
	case !openDocument && name == "t":
		t.within--
	case !openDocument && name == "p":
		return t.end()
	}
	return nil
}

// write adds characters to the paragraph, if they are text that is shown.
func (t *prose) write(text string) {
	if t.within > 0 && !t.hidden {
		t.put(text)
	}
}

// put adds text to the paragraph. What is over the bound of all text is left out when it ends.
func (t *prose) put(text string) {
	if t.size+t.paragraph.Len() <= MaxText {
		t.paragraph.WriteString(text)
	}
}

// end ends the paragraph. It returns errEnough if the text has reached its bound.
func (t *prose) end() error {
	text := strings.TrimSpace(strings.ToValidUTF8(t.paragraph.String(), "\uFFFD"))
	t.paragraph.Reset()
	if text == "" {
		return nil
	}
	if t.size+len(text) > MaxText {
		text = string(withoutPart([]byte(text[:MaxText-t.size])))
		t.cut = beginning(MaxText)
	}
	t.size += len(text)
	if text != "" {
		if err := t.add(Paragraph{Text: printable(strings.ReplaceAll(text, "\n", " "))}); err != nil {
			return err
		}
	}
	if t.cut != "" {
		return errEnough
	}
	return nil
}

// slide begins a slide.
func (t *prose) slide(n int) error {
	return t.add(Paragraph{Heading: true, Text: "Slide " + strconv.Itoa(n)})
}

func (t *prose) add(p Paragraph) error {
	if len(t.paragraphs) == MaxParagraphs {
		t.cut = "This is the beginning: the first " + problem.Number(MaxParagraphs).String() + " paragraphs."
		return errEnough
	}
	t.paragraphs = append(t.paragraphs, p)
	return nil
}
