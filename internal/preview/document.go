package preview

import (
	"bytes"
	"compress/flate"
	"context"
	"encoding/binary"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"example.org/cloakroom/internal/problem"
)

// The bounds of the preview of a document.
const (
	MaxSlides      = 200       // whose text is shown
	MaxParagraphs  = 10_000    // that are shown
	MaxUnpackedXML = 32 << 20  // bytes that are decompressed of all parts
	MaxProperties  = 64 << 10  // bytes of a part with properties
	MaxToken       = 64 << 10  // bytes of a tag, with its attributes, or of a text without tags
	MaxDepth       = 256       // of tags in one another
	mostPages      = 1_000_000 // that are believed
)

// The types of documents, and what they are in words.
const (
	ooxml = "application/vnd.openxmlformats-officedocument."
	odf   = "application/vnd.oasis.opendocument."
	docx  = ooxml + "wordprocessingml.document"
	xlsx  = ooxml + "spreadsheetml.sheet"
	pptx  = ooxml + "presentationml.presentation"
	odt   = odf + "text"
	ods   = odf + "spreadsheet"
	odp   = odf + "presentation"
)

// documentName returns a type of documents in words.
func documentName(mediaType string) string {
	switch mediaType {
	case docx, "application/msword":
		return "Word document"
	case xlsx, "application/vnd.ms-excel":
		return "Excel workbook"
	case pptx, "application/vnd.ms-powerpoint":
		return "PowerPoint presentation"
	case odt:
		return "OpenDocument text"
	case ods:
		return "OpenDocument spreadsheet"
	case odp:
		return "OpenDocument presentation"
	case "application/rtf":
		return "RTF document"
	}
	return "Document"
}

// document returns the preview of a document: its text, if it is one with text and is not damaged.
// Of its properties only the number of pages or sheets is read, never who wrote it.
func document(ctx context.Context, s Source, b bounds) (Preview, error) {
	limited, cancel := context.WithTimeout(ctx, b.listing)
	defer cancel()
	src := &source{ctx: limited, content: s.Content}
	f := &office{src: src, size: s.Size, left: b.xml, counted: b.counted, slides: map[int]zipEntry{}, parts: map[string]zipEntry{}}
	p := f.preview(s.Type)
	switch {
	case ctx.Err() != nil:
		return Preview{}, ctx.Err()
	case src.failed != nil && limited.Err() == nil:
		return Preview{}, src.failed
	}
	return p, nil
}

// An office is a document in a zip: of Office, or of OpenDocument.
type office struct {
	src     *source
	size    int64
	left    int64 // bytes that may be decompressed yet
	counted int   // entries of the zip that may be read yet
	parts   map[string]zipEntry
	slides  map[int]zipEntry // by their number, which is at most MaxSlides
	count   int              // of slides
	sheets  int
}

// The parts that are read.
const (
	partWord     = "word/document.xml"
	partContent  = "content.xml"
	partOffice   = "docProps/app.xml"
	partMeta     = "meta.xml"
	partManifest = "META-INF/manifest.xml"
)

const encryptedDocument = "This document is encrypted. Download it and open it with its password."

func (f *office) preview(mediaType string) Preview {
	card := Preview{Kind: Card, About: documentName(mediaType)}
	head := make([]byte, 8)
	n, _ := f.src.ReadAt(head, 0)
	if string(head[:n]) == "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" {
		if strings.HasPrefix(mediaType, ooxml) {
			card.Why = encryptedDocument
		}
		return card
	}
	if !strings.HasPrefix(mediaType, ooxml) && !strings.HasPrefix(mediaType, odf) {
		return card
	}
	if found, err := zipEntries(f.src, f.size, f.visit); !found || err != nil {
		return card
	}
	if strings.HasPrefix(mediaType, odf) && bytes.Contains(f.properties(partManifest), []byte(":encryption-data")) {
		card.Why = encryptedDocument
		return card
	}
	t := &prose{}
	f.read(mediaType, t)
	if facts := f.facts(mediaType, t); facts != "" {
		card.About += ", " + facts
	}
	if t.size == 0 {
		return card
	}
	return Preview{Kind: Document, About: card.About, Cut: t.cut, Paragraphs: t.paragraphs}
}

// visit notes the parts that are read, and counts slides and sheets.
func (f *office) visit(e zipEntry) error {
	if f.counted--; f.counted < 0 {
		return errEnough
	}
	name := string(e.name)
	switch name {
	case partWord, partContent, partOffice, partMeta, partManifest:
		if _, ok := f.parts[name]; !ok {
			f.parts[name] = e
		}
	}
	if _, ok := numbered(name, "xl/worksheets/sheet"); ok {
		f.sheets++
	}
	if n, ok := numbered(name, "ppt/slides/slide"); ok {
		f.count++
		if n <= MaxSlides {
			f.slides[n] = e
		}
	}
	return nil
}

// numbered returns the number in the name of a part: that between prefix and .xml.
func numbered(name, prefix string) (n int, ok bool) {
	middle, found := strings.CutPrefix(name, prefix)
	middle, xml := strings.CutSuffix(middle, ".xml")
	number, err := strconv.ParseUint(middle, 10, 31)
	return int(number), found && xml && err == nil && number > 0
}

// read adds the text of the document to t.
func (f *office) read(mediaType string, t *prose) {
	switch mediaType {
	case docx:
		f.text(f.parts[partWord], t, false)
	case odt, odp:
		f.text(f.parts[partContent], t, true)
	case pptx:
		for _, n := range slices.Sorted(maps.Keys(f.slides)) {
			if t.slide(n) != nil || !f.text(f.slides[n], t, false) {
				return
			}
		}
		if f.count > len(f.slides) {
			t.cut = "These are the first " + problem.Number(MaxSlides).String() + " slides."
		}
	}
}

// text adds the text of a part to t. It reports whether more may be added.
func (f *office) text(e zipEntry, t *prose, openDocument bool) bool {
	r := f.open(e)
	if r == nil {
		return true
	}
	err := t.read(r, openDocument)
	f.left = r.left
	if err != nil && t.cut == "" {
		t.cut = "The text ends here: the rest is damaged or too large to show."
	}
	return err == nil
}

// facts says how many pages, slides or sheets a document has, or nothing.
func (f *office) facts(mediaType string, t *prose) string {
	switch mediaType {
	case docx:
		return counted(property(f.properties(partOffice), "<Pages>"), "page", "pages")
	case xlsx:
		return counted(f.sheets, "sheet", "sheets")
	case pptx:
		return counted(f.count, "slide", "slides")
	case odt:
		return counted(property(f.properties(partMeta), ":page-count=\""), "page", "pages")
	case ods:
		return counted(property(f.properties(partMeta), ":table-count=\""), "sheet", "sheets")
	case odp:
		if t.cut == "" {
			return counted(t.slides, "slide", "slides")
		}
	}
	return ""
}

func counted(n int, one, many string) string {
	switch {
	case n < 1 || n > mostPages:
		return ""
	case n == 1:
		return "1 " + one
	}
	return problem.Number(n).String() + " " + many
}

// property returns the number after a mark in properties, or 0.
func property(properties []byte, mark string) int {
	_, after, _ := bytes.Cut(properties, []byte(mark))
	end := bytes.IndexFunc(after, func(r rune) bool { return r < '0' || r > '9' })
	if end < 1 || end > len("1000000") {
		return 0
	}
	n, _ := strconv.Atoi(string(after[:end])) // they are digits
	return n
}

// properties returns the beginning of a part.
func (f *office) properties(name string) []byte {
	r := f.open(f.parts[name])
	if r == nil {
		return nil
	}
	r.left = min(r.left, MaxProperties)
	raw, _ := io.ReadAll(r) // what is damaged says nothing
	f.left -= int64(len(raw))
	return raw
}

// open returns a reader of a part, as far as it may be decompressed, or nil.
func (f *office) open(e zipEntry) *bounded {
	const localLen = 30
	var local [localLen]byte
	if n, _ := f.src.ReadAt(local[:], e.offset); len(e.name) == 0 || n < localLen || !bytes.HasPrefix(local[:], []byte("PK\x03\x04")) {
		return nil
	}
	le := binary.LittleEndian
	at := e.offset + localLen + int64(le.Uint16(local[26:])) + int64(le.Uint16(local[28:]))
	packed := io.NewSectionReader(f.src, at, e.packed)
	switch {
	case e.flags&1 != 0: // it is encrypted
		return nil
	case e.method == 0:
		return &bounded{ctx: f.src.ctx, r: packed, left: f.left}
	case e.method == 8:
		return &bounded{ctx: f.src.ctx, r: flate.NewReader(packed), left: f.left}
	}
	return nil
}
