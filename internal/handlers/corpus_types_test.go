package handlers_test

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"example.org/cloakroom/internal/models"
)

// A sent file is one that similar products refused, with what becomes of it here.
type sentFile struct {
	name, declared string
	content        []byte
	want           string // Content-Type of the download
	inline         bool
}

const (
	textUTF8 = "text/plain; charset=utf-8"
	opaque   = "application/octet-stream"
	office   = "application/vnd.openxmlformats-officedocument."
)

// sentFiles are the files that real people and programs send, by number in the corpus of
// public reports.
func sentFiles(t *testing.T) []sentFile {
	t.Helper()
	picture, text := drawJPEG(t, 8, 8), []byte("hello\n")
	id3 := []byte("ID3\x04\x00\x00\x00\x00\x00\x0aTIT2\x00\x00\x00\x00\x00\x00")
	mp4 := []byte("\x00\x00\x00\x14ftypisom\x00\x00\x02\x00isom\x00\x00\x00\x08free")
	docx := zipFile(t, "[Content_Types].xml", "<x/>", "word/document.xml", "<x/>")
	pdf := []byte("%PDF-1.7\n%\xe2\xe3\x00\xd3\n1 0 obj\n")
	webm := []byte("\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\xf7\x81\x01\x42\xf2\x81\x04\x42\xf3\x81\x08\x42\x82\x84webm\x42\x87\x81\x04")
	files := []sentFile{
		// 4, 5: a JPEG by whatever name is an image.
		{"a.jfif", "", picture, "image/jpeg", true}, {"a.jpe", "", picture, "image/jpeg", true}, {"gps", "", picture, "image/jpeg", true},
		{"a.JPG.bak", "", picture, "image/jpeg", false}, {"gps.png", "", picture, "image/jpeg", false},
		// 6, 46: text that begins like a page.
		{"README.md", "", []byte("<h1 align=\"center\">\n  x\n</h1>\n\n# T\n"), textUTF8, true},
		{"b.md", "", []byte("<!-- x -->\n# T"), textUTF8, true}, {"c.csv", "", []byte("<?xml version=\"1.0\"?>\n<x/>"), textUTF8, true},
		{"d.txt", "", []byte("From: a@example.org\r\nMIME-Version: 1.0\r\n\r\n<html>"), textUTF8, true},
		// 7: Office files with a password.
		{"a.docx", "", lockedOffice(), office + "wordprocessingml.document", false},
		{"a.xlsx", "", lockedOffice(), office + "spreadsheetml.sheet", false},
		{"a.pptx", "", lockedOffice(), office + "presentationml.presentation", false},
		// 8-10: the part that tells is late.
		{"b.docx", "", zipFile(t, "[Content_Types].xml", "<x/>", "docProps/thumbnail.jpeg", strings.Repeat("x", 20000),
			"word/document.xml", "<x/>"), office + "wordprocessingml.document", false},
		{"c.docx", "", zipFile(t, "[trash]/0000.dat", "x", "[Content_Types].xml", "<x/>", "word/document.xml", "<x/>"),
			office + "wordprocessingml.document", false},
		{"a.odt", "", zipFile(t, "content.xml", "<x/>", "mimetype", "application/vnd.oasis.opendocument.text"),
			"application/vnd.oasis.opendocument.text", false},
		// 11, 13, 38-41
		{"w.rtf", "", []byte("{\\rtf1\\ansi hello}\r\n\x00"), "application/rtf", false},
		{"i.aac", "", append(bytes.Clone(id3), "\xff\xf1\x50\x80\x02\x1f\xfc"...), "audio/aac", true},
		{"i.flac", "", append(bytes.Clone(id3), "fLaC\x00\x00\x00\x22"...), "audio/flac", true},
		{"r.wav", "", []byte("RF64\xff\xff\xff\xffWAVEds64\x1c\x00\x00\x00"), "audio/wav", true},
		// 43-47: text of any charset, with what terminals write, and that begins like another type.
		{"e.txt", "", []byte("Gr\xfc\xdfe\n"), "text/plain", true}, {"f.txt", "", []byte("Grüße\n"), textUTF8, true},
		{"g.txt", "", []byte("\xff\xfeG\x00\xfc\x00"), "text/plain; charset=utf-16", true}, {"h.txt", "", []byte("G\x00\xfc\x00"), opaque, false},
		{"i.txt", "", []byte("old dos text\r\n\x1a"), textUTF8, true}, {"j.log", "", []byte("10%%\b\b\b20%%\n"), textUTF8, true},
		{"k.log", "", []byte("crash\x00\x00\n"), opaque, false}, {"l.txt", "", []byte("MZ is text\n"), textUTF8, true},
		{"m.csv", "", []byte("AC1032;desk\n"), textUTF8, true}, {"n.txt", "", []byte("GIF89a is a format\n"), textUTF8, true},
		{"Makefile", "", []byte("all:\n\tgo build\n"), textUTF8, true}, {"main.go", "", []byte("package main\n"), textUTF8, true},
		// Pages are downloads, and so is what is unknown.
		{"a.html", "text/html", []byte("<script>alert(1)</script>"), textUTF8, false},
		{"a.svg", "image/svg+xml", []byte("<svg/>"), textUTF8, false}, {"a.js", "text/javascript", []byte("alert(1)"), textUTF8, false},
		{"a.exe", "", []byte("MZ\x90\x00\x03"), opaque, false}, {"a.epub", "", docx, opaque, false}, {"b.pdf", "", docx,
			office + "wordprocessingml.document", false},
		// Empty files.
		{"empty.txt", "", nil, textUTF8, true}, {"empty.jpg", "image/jpeg", nil, opaque, false}, {"empty", "", nil, textUTF8, true},
		{"empty.zip", "", nil, opaque, false},
	}
	// 3, 12-18: what is declared says nothing.
	for _, declared := range []string{"application/force-download", "application/x-download", "bad/type", "video/webm;codecs=vp9,opus", "*/*",
		"image/*", "audio/mpeg", "application/zip", "application/vnd.ms-excel", "application/x-tar", "text/csv; charset=", "text/html", ";",
		"multipart/form-data; boundary=x", "multipart/x-zip", "application/x-www-form-urlencoded", "application/json"} {
		files = append(files, sentFile{"a.pdf", declared, pdf, "application/pdf", true}, sentFile{"a.webm", declared, webm, "video/webm", true},
			sentFile{"a.jpg", declared, picture, "image/jpeg", true}, sentFile{"a.m4a", declared, mp4, "audio/mp4", true},
			sentFile{"a.docx", declared, docx, office + "wordprocessingml.document", false}, sentFile{"a.txt", declared, text, textUTF8, true},
			sentFile{"a.tar.xz", declared, []byte("\xfd7zXZ\x00\x00\x04"), "application/x-xz", false})
	}
	// 39, 40: the container tells, whatever its brand.
	for name, mediaType := range map[string]string{"q.mp4": "video/mp4", "q.mov": "video/quicktime"} {
		for _, boxes := range []string{"\x00\x00\x00\x14ftypqt  \x00\x00\x00\x00qt  ", "\x00\x00\x00\x14ftyp3g2a\x00\x00\x00\x003g2a", "",
			"\x00\x00\x00\x08wide", "\x00\x00\x00\x10mdat\x00\x00\x00\x00\x00\x00\x00\x00"} {
			files = append(files, sentFile{name, "", []byte(boxes + "\x00\x00\x00\x10moov\x00\x00\x00\x08free"), mediaType, true})
		}
	}
	return files
}

// zipFile returns an archive with these entries: a name and a content each.
func zipFile(t *testing.T, entries ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := 0; i < len(entries); i += 2 {
		must(must(w.Create(entries[i]))(t).Write([]byte(entries[i+1])))(t)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// lockedOffice returns a compound file whose directory has an entry EncryptedPackage.
func lockedOffice() []byte {
	const sector, name = 512, "EncryptedPackage"
	b := bytes.Repeat([]byte{0xff}, 3*sector) // header, table of sectors, directory
	copy(b, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
	binary.LittleEndian.PutUint16(b[30:], 9)
	binary.LittleEndian.PutUint32(b[48:], 1)
	binary.LittleEndian.PutUint32(b[76:], 0)
	entry := b[2*sector:]
	for i, r := range name + "\x00" {
		binary.LittleEndian.PutUint16(entry[2*i:], uint16(r))
	}
	binary.LittleEndian.PutUint16(entry[64:], 2*uint16(len(name)+1))
	return b
}

// Every file that people and programs send is taken, by API and by form, and others get it
// with the type of its content, in a sandbox, and as a download unless its name fits.
func TestFileTypes_ThroughTheFrontDoor(t *testing.T) {
	s := newSite(t)
	ann, owner := s.program("ann"), s.browser()
	owner.post("/login", url.Values{"username": {"ann"}, "password": {testPassword}})
	for _, f := range sentFiles(t) {
		what := fmt.Sprintf("%s as %q, %.12q", f.name, f.declared, f.content)
		byAPI := ann.send(http.MethodPut, "/files/"+f.name, f.content, "Content-Type", f.declared)
		s.wantSent(t, what+" by API", owner, byAPI, http.StatusCreated, f)
		byForm := owner.postForm("/files", nil, part{"file", f.name, f.declared, f.content})
		s.wantSent(t, what+" by form", owner, byForm, http.StatusSeeOther, f)
	}
}

// wantSent requires that the only file of owner is sent as f says, and deletes it.
func (s *site) wantSent(t *testing.T, what string, owner *browser, answer *httptest.ResponseRecorder, status int, f sentFile) {
	t.Helper()
	if answer.Code != status {
		t.Errorf("%s: %d %s", what, answer.Code, answer.Body)
		return
	}
	user := s.userNamed("ann")
	stored := s.settle(must(s.files.List(t.Context(), user, models.Cursor{}, 1))(t).Items[0].ID)
	wantShown(t, what, owner.get("/files/"+string(stored.ID)+"/x"), f)
	if err := s.files.Delete(t.Context(), user, stored.ID); err != nil {
		t.Fatal(err)
	}
}

// wantShown requires the headers and the bytes of a file.
func wantShown(t *testing.T, what string, got *httptest.ResponseRecorder, f sentFile) {
	t.Helper()
	disposition := "attachment;"
	if f.inline {
		disposition = "inline;"
	}
	h := got.Header()
	if got.Code != http.StatusOK || h.Get("Content-Type") != f.want || !strings.HasPrefix(h.Get("Content-Disposition"), disposition) ||
		h.Get("X-Content-Type-Options") != "nosniff" || !strings.HasSuffix(h.Get("Content-Security-Policy"), "; sandbox") {
		t.Errorf("%s: %d %v, want %s %s", what, got.Code, h, f.want, disposition)
	}
	if f.want != "image/jpeg" && !bytes.Equal(got.Body.Bytes(), f.content) {
		t.Errorf("%s comes back as %.40q", what, got.Body)
	}
}

// With a list, what is not on it is refused by its name or its content, and the rest is
// taken as before.
func TestFileTypes_NarrowedThroughTheFrontDoor(t *testing.T) {
	s := newSite(t)
	s.takes("images,text,office")
	ann := s.program("ann")
	for _, f := range sentFiles(t) {
		extension := models.Filename(f.name).Extension()
		named := extension == "" || strings.Contains(".jfif .jpe .jpg .png .md .csv .txt .log .go .docx .xlsx .pptx .odt .rtf ", extension+" ")
		status := http.StatusUnsupportedMediaType
		if held := f.want == "image/jpeg" || strings.HasPrefix(f.want, "text/plain") || strings.HasPrefix(f.want, "application/vnd.") ||
			f.want == "application/rtf" || len(f.content) == 0; named && held {
			status = http.StatusCreated
		}
		if got := ann.send(http.MethodPut, "/files/"+f.name, f.content, "Content-Type", f.declared); got.Code != status {
			t.Errorf("%s, %.12q: %d, want %d\n%s", f.name, f.content, got.Code, status, got.Body)
		}
	}
}
