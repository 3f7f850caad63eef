package preview_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/preview"
)

const (
	ooxml = "application/vnd.openxmlformats-officedocument."
	odf   = "application/vnd.oasis.opendocument."
	docx  = ooxml + "wordprocessingml.document"
	pptx  = ooxml + "presentationml.presentation"
	odt   = odf + "text"
	odp   = odf + "presentation"
)

func read(t testing.TB, mediaType, content string) preview.Preview {
	t.Helper()
	p, err := preview.NewPatientMaker(1, time.Minute).Make(t.Context(), preview.Source{
		Name: "a", Kind: models.KindDocument, Type: mediaType, Content: strings.NewReader(content), Size: int64(len(content)),
	}, false)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// parts returns a zip with files of these names and contents, by turns.
func parts(t testing.TB, of ...string) string {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := 0; i < len(of); i += 2 {
		one, err := w.Create(of[i])
		if err == nil {
			_, err = one.Write([]byte(of[i+1]))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func word(body string) string {
	return `<?xml version="1.0" encoding="UTF-8" standalone="yes"?><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/` +
		`2006/main" xmlns:mc="m"><w:body>` + body + `</w:body></w:document>`
}

func openDocument(body string) string {
	return `<?xml version="1.0" encoding="UTF-8"?><office:document-content xmlns:office="o" xmlns:text="t" xmlns:draw="d" ` +
		`xmlns:presentation="p" xmlns:svg="svg-compatible" xmlns:dc="dc"><office:body>` + body + `</office:body></office:document-content>`
}

// said returns the paragraphs, headings in brackets.
func said(p preview.Preview) string {
	var all []string
	for _, one := range p.Paragraphs {
		if one.Heading {
			one.Text = "[" + one.Text + "]"
		}
		all = append(all, one.Text)
	}
	return strings.Join(all, "|")
}

const (
	app = `<Properties><Template>Normal.dotm</Template><Pages>1200</Pages><Words>12</Words><Company>Secret Ltd</Company></Properties>`
	who = `<cp:coreProperties><dc:creator>Secret Author</dc:creator></cp:coreProperties>`
)

var documents = []struct {
	name, mediaType string
	parts           []string
	about, text     string
}{
	{"docx", docx, []string{
		"docProps/app.xml", app, "docProps/core.xml", who, "word/comments.xml", word("<w:p><w:r><w:t>Secret</w:t></w:r></w:p>"),
		"word/document.xml", word(`<w:p><w:pPr><w:tabs><w:tab w:val="left"/></w:tabs></w:pPr><w:r><w:t>Dear </w:t></w:r><w:r><w:t>all &lt;b&gt;</w:t>` +
			`</w:r></w:p><w:p/><w:tbl><w:tr><w:tc><w:p><w:r><w:t>a</w:t><w:tab/><w:t>b</w:t><w:br/><w:t>c` + "\u202e" + `</w:t></w:r></w:p></w:tc></w:tr></w:tbl>` +
			`<w:p><w:del w:author="Secret"><w:r><w:delText>Secret</w:delText><w:t>Secret</w:t></w:r></w:del><w:moveFrom><w:r><w:t>Secret</w:t></w:r></w:moveFrom>` +
			`<w:ins w:author="Secret"><w:r><w:instrText>Secret</w:instrText><w:t>new</w:t></w:r></w:ins><mc:AlternateContent><mc:Choice><w:t>one</w:t>` +
			`</mc:Choice><mc:Fallback><w:t>Secret</w:t></mc:Fallback></mc:AlternateContent></w:p>`)},
		"Word document, 1,200 pages", "Dear all <b>|a\tb|c\uFFFD|newone"},
	{"docx with hidden text", docx, []string{"word/document.xml", word(`<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>Secret</w:t></w:r>` +
		`<w:r><w:t>a</w:t></w:r><w:r><w:rPr><w:vanish w:val="false"/></w:rPr><w:t>b</w:t></w:r></w:p>`)}, "Word document", "ab"},
	{"pptx with a hidden slide", pptx, []string{
		"ppt/slides/slide1.xml", `<p:sld xmlns:p="p" xmlns:a="a" show="0"><a:p><a:r><a:t>Secret</a:t></a:r></a:p></p:sld>`,
		"ppt/slides/slide2.xml", `<p:sld xmlns:p="p" xmlns:a="a" show="1"><a:p><a:r><a:t>two</a:t></a:r></a:p></p:sld>`},
		"PowerPoint presentation, 2 slides", "[Slide 1]|[Slide 2]|two"},
	{"odt with hidden text", odt, []string{"content.xml", openDocument(
		`<text:p>a<text:hidden-text text:string-value="x">Secret</text:hidden-text><text:hidden-paragraph>Secret</text:hidden-paragraph>b</text:p>`)},
		"OpenDocument text", "ab"},
	{"docx without properties", docx, []string{"word/document.xml", word("<w:p><w:r><w:t>a</w:t></w:r></w:p>")}, "Word document", "a"},
	{"pptx", pptx, []string{
		"ppt/slides/slide10.xml", word("<a:p><a:r><a:t>ten</a:t></a:r></a:p>"), "ppt/slides/slide2.xml", word("<a:p><a:r><a:t>two</a:t></a:r></a:p>"),
		"ppt/notesSlides/notesSlide1.xml", word("<a:p><a:t>Secret</a:t></a:p>"), "ppt/slides/_rels/slide2.xml.rels", "<x/>", "docProps/app.xml", app},
		"PowerPoint presentation, 2 slides", "[Slide 2]|two|[Slide 10]|ten"},
	{"xlsx", ooxml + "spreadsheetml.sheet", []string{"xl/worksheets/sheet1.xml", "<x/>", "xl/worksheets/sheet2.xml", "<x/>", "docProps/app.xml", app},
		"Excel workbook, 2 sheets", ""},
	{"odt", odt, []string{"mimetype", odt, "content.xml", openDocument(
		`<text:tracked-changes><text:changed-region><text:deletion><dc:creator>Secret</dc:creator><text:p>Secret</text:p></text:deletion></text:changed-region>` +
			`</text:tracked-changes><text:h>Title</text:h><text:p>one<text:s text:c="3"/>two<text:tab/>three<office:annotation><dc:creator>Secret</dc:creator>` +
			`<text:p>Secret</text:p></office:annotation><text:line-break/>four</text:p>between<text:p><text:span>five</text:span><text:note><text:p>Secret</text:p>` +
			`</text:note><draw:frame><svg:title>Secret</svg:title><svg:desc>Secret</svg:desc></draw:frame></text:p>`),
		"meta.xml", `<m><meta:initial-creator>Secret</meta:initial-creator><meta:document-statistic meta:table-count="0" meta:page-count="1"/></m>`},
		"OpenDocument text, 1 page", "Title|one two\tthree|four|five"},
	{"odp", odp, []string{"content.xml", openDocument(`<draw:page draw:name="Secret"><text:p>one</text:p><presentation:notes><text:p>Secret</text:p>` +
		`</presentation:notes></draw:page><draw:page/>`)}, "OpenDocument presentation, 2 slides", "[Slide 1]|one|[Slide 2]"},
	{"ods", odf + "spreadsheet", []string{"content.xml", openDocument("<text:p>cell</text:p>"), "meta.xml", `<x meta:table-count="3"/>`},
		"OpenDocument spreadsheet, 3 sheets", ""},
	{"pages of no number", docx, []string{"word/document.xml", word(""), "docProps/app.xml", "<Pages>99999999</Pages>"}, "Word document", ""},
	{"no pages", docx, []string{"word/document.xml", word(""), "docProps/app.xml", "<Pages>x</Pages>"}, "Word document", ""},
	{"no document", docx, []string{"a", "b"}, "Word document", ""},
}

// A document shows what its pages show, and of its properties only how long it is.
func TestDocument(t *testing.T) {
	for _, one := range documents {
		content := parts(t, one.parts...)
		p := read(t, one.mediaType, content)
		if p.About != one.about || said(p) != one.text || (p.Kind == preview.Document) != (one.text != "") || p.Cut != "" || p.Why != "" {
			t.Errorf("%s is %+v", one.name, p)
		}
		if all := fmt.Sprint(p); strings.Contains(all, "Secret") {
			t.Errorf("%s says %s", one.name, all)
		}
		for n := 0; n < len(content); n += 7 {
			read(t, one.mediaType, content[:n])
		}
	}
	for mediaType, about := range map[string]string{
		"application/msword": "Word document", "application/vnd.ms-excel": "Excel workbook", "application/rtf": "RTF document",
		"application/vnd.ms-powerpoint": "PowerPoint presentation",
	} {
		if p := read(t, mediaType, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"); p.Kind != preview.Card || p.About != about || p.Why != "" {
			t.Errorf("%s is %+v", mediaType, p)
		}
	}
}

// A document with a password says so.
func TestDocument_Encrypted(t *testing.T) {
	for mediaType, content := range map[string]string{
		docx: "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
		odt:  parts(t, "content.xml", "\x01\x02", "META-INF/manifest.xml", `<manifest:file-entry><manifest:encryption-data/>`),
	} {
		if p := read(t, mediaType, content); p.Kind != preview.Card || !strings.Contains(p.Why, "encrypted") {
			t.Errorf("%s is %+v", mediaType, p)
		}
	}
}

func TestDocument_Bounds(t *testing.T) {
	paragraph := func(text string) string { return "<w:p><w:t>" + text + "</w:t></w:p>" }
	line := strings.Repeat("x", 1<<10-1) + "y"
	tag := func(n int) string { return `<w:x y="` + strings.Repeat("z", n-len(`<w:x y=""/>`)) + `"/>` }
	deep := func(n int) string { return strings.Repeat("<x>", n) + strings.Repeat("</x>", n) }
	slides := func(n int) string {
		var all []string
		for i := range n {
			all = append(all, fmt.Sprintf("ppt/slides/slide%d.xml", i+1), word(paragraph("a")))
		}
		return parts(t, all...)
	}
	for name, one := range map[string]struct {
		mediaType string
		content   func(more int) string
	}{
		"text": {docx, func(more int) string {
			return parts(t, "word/document.xml", word(strings.Repeat(paragraph(line), preview.MaxText>>10)+strings.Repeat(paragraph("z"), more)))
		}},
		"paragraphs": {docx, func(more int) string {
			return parts(t, "word/document.xml", word(strings.Repeat(paragraph("a"), preview.MaxParagraphs+more)))
		}},
		"a tag": {docx, func(more int) string {
			return parts(t, "word/document.xml", word(paragraph("a")+tag(preview.MaxToken+more)))
		}},
		"depth": {docx, func(more int) string {
			return parts(t, "word/document.xml", word(paragraph("a")+deep(preview.MaxDepth-2+more)))
		}},
		"unpacked": {docx, func(more int) string {
			whole := word(paragraph("a") + strings.Repeat("<x></x>", 1000))
			spare := strings.Repeat("<x>"+strings.Repeat(" ", 1<<15)+"</x>", 127)
			end := "</w:body></w:document>"
			whole = strings.TrimSuffix(whole, end) + spare
			return parts(t, "word/document.xml", whole+strings.Repeat(" ", preview.PatientXML-1-len(whole)-len(end)+more)+end)
		}},
		"slides": {pptx, func(more int) string { return slides(preview.MaxSlides + more) }},
	} {
		for more := range 2 {
			p := read(t, one.mediaType, one.content(more))
			if p.Kind != preview.Document || (p.Cut == "") != (more == 0) {
				t.Errorf("%s, %d more: %s, %d paragraphs, %q", name, more, p.Kind, len(p.Paragraphs), p.Cut)
			}
		}
	}
	// A part is cut after the bytes of properties.
	for more := range 2 {
		properties := "<Pages>5</Pages>"
		content := parts(t, "word/document.xml", word(paragraph("a")), "docProps/app.xml",
			strings.Repeat(" ", preview.MaxProperties-len(properties)+len("</Pages>")-1+more)+properties)
		if p := read(t, docx, content); (p.About == "Word document, 5 pages") != (more == 0) {
			t.Errorf("properties, %d more: %s", more, p.About)
		}
	}
}

// A small document that unpacks to a large one reserves little.
func TestDocument_Bomb(t *testing.T) {
	for name, xml := range map[string]string{
		"spaces":     word(strings.Repeat(" ", 8<<20)),
		"attributes": word("<x " + strings.Repeat(`a="" `, 1<<20) + "/>"),
		"depth":      strings.Repeat("<a>", 1<<20),
		"entities":   `<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><x><t>&b;</t></x>`,
		"one text":   word("<w:p><w:t>" + strings.Repeat("a", 6<<20) + "</w:t></w:p>"),
	} {
		content := parts(t, "word/document.xml", xml)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		p := read(t, docx, content)
		runtime.ReadMemStats(&after)
		if used := after.TotalAlloc - before.TotalAlloc; used > 64<<20 || p.Kind != preview.Card && p.Cut == "" {
			t.Errorf("%s, %d bytes: %d reserved, %s", name, len(content), used, p.Kind)
		}
	}
}

func FuzzDocument(f *testing.F) {
	for _, one := range documents {
		f.Add(one.mediaType, strings.Join(one.parts[1:2], ""))
	}
	f.Fuzz(func(t *testing.T, mediaType, content string) {
		all := []preview.Preview{read(t, mediaType, content)}
		for _, part := range []string{"word/document.xml", "content.xml", "ppt/slides/slide1.xml", "docProps/app.xml", "meta.xml"} {
			for _, mediaType := range []string{docx, odt, odp, pptx} {
				all = append(all, read(t, mediaType, parts(t, part, content)))
			}
		}
		for _, p := range all {
			size := 0
			for _, one := range p.Paragraphs {
				size += len(one.Text)
			}
			if size > 4*preview.MaxText || len(p.Paragraphs) > preview.MaxParagraphs || (p.Kind == preview.Document) != (len(p.Paragraphs) > 0) {
				t.Errorf("%s of %d bytes in %d paragraphs", p.Kind, size, len(p.Paragraphs))
			}
		}
	})
}
