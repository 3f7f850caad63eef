package handlers_test

import (
	"archive/zip"
	"bytes"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"example.org/cloakroom/internal/filetypes"
	"example.org/cloakroom/internal/models"
)

// activeContent is content that a browser or a viewer would run, by file name.
// Most of it has broken similar products.
func activeContent(t *testing.T) map[string][]byte {
	t.Helper()
	script := `<script>alert(document.domain)</script>`
	svg := `<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)">` + script + `</svg>`
	var epub bytes.Buffer
	archive := zip.NewWriter(&epub)
	for _, f := range [][2]string{{"mimetype", "application/epub+zip"},
		{"ch1.xhtml", `<html xmlns="http://www.w3.org/1999/xhtml">` + script + `</html>`}} {
		if _, err := must(archive.Create(f[0]))(t).Write([]byte(f[1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	picture := drawPNG(t, 4, 4)
	return map[string][]byte{
		"a.svg": []byte(svg), "a.svgz": {0x1f, 0x8b, 8, 0}, "a.html": []byte("<!DOCTYPE html>" + script), "a.htm": []byte(script),
		"a.shtml": []byte(script),
		"a.xhtml": []byte(`<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml">` + script + `</html>`), "a.xht": []byte(script),
		"a.xml":   []byte(`<?xml-stylesheet type="text/xsl" href="#x"?><x:script xmlns:x="http://www.w3.org/1999/xhtml">alert(1)</x:script>`),
		"a.xsl":   []byte(`<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"/>`),
		"a.mhtml": []byte("MIME-Version: 1.0\r\nContent-Type: text/html\r\n\r\n" + script), "a.mht": []byte("MIME-Version: 1.0\r\n\r\n" + script),
		"a.eml": []byte("Content-Type: text/html\r\n\r\n" + script), "a.js": []byte("alert(1)"), "a.mjs": []byte("alert(1)"),
		"a.wasm": []byte("\x00asm\x01\x00\x00\x00"),
		"a.swf":  []byte("FWS\x09"), "a.htc": []byte(script), "a.hta": []byte(script), "a.css": []byte("*{background:url(javascript:alert(1))}"),
		"a.webmanifest": []byte("{}"), "a.rss": []byte("<rss>" + script + "</rss>"), "a.appcache": []byte("CACHE MANIFEST"),
		"a.vtt":  []byte("WEBVTT\n\n" + script),
		"a.epub": epub.Bytes(), "a.jar": epub.Bytes(), "a.docm": epub.Bytes(), "a.url": []byte("[InternetShortcut]\nURL=javascript:alert(1)"),
		"a": []byte(script), "a.html.": []byte(script), "a.html ": []byte(script), "a.HTML": []byte(script), ".html": []byte(script),
		"a.png.svg": []byte(svg),
		"a.svg.png": []byte(svg), "a.html.txt": []byte("<!DOCTYPE html>" + script), "notes.json": []byte(`{"a":"` + script + `"}`),
		"b.txt": []byte(script), "c.md": []byte(svg),
		"gif.html": []byte("GIF89a/*" + script + "*/=1;"), "gif.gif": []byte("GIF89a/*" + script + "*/=1;"),
		"png.html": append(bytes.Clone(picture), script...),
		"png.png":  append(bytes.Clone(picture), script...), "pdf.html": []byte("%PDF-1.7\n" + script),
		"zip.html": append([]byte(script), epub.Bytes()...),
		"b.pdf":    []byte("%PDF-1.7\n1 0 obj<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF"),
		"utf7.txt": []byte("+ADw-script+AD4-alert(1)+ADw-/script+AD4-"), "utf16.txt": []byte("\xff\xfe<\x00s\x00c\x00r\x00i\x00p\x00t\x00>\x00"),
		"jpeg.html": append([]byte{0xff, 0xd8, 0xff, 0xe0, 0, 16, 'J', 'F', 'I', 'F', 0}, script...),
		"rar.svg":   append([]byte("Rar!\x1a\x07\x00"), svg...),
	}
}

// harmless are the types that a browser shows without running anything. All
// others are downloads.
var harmless = []string{"image/png", "image/gif", "text/plain", "text/plain; charset=utf-8", "text/plain; charset=utf-16",
	"application/pdf"}

// TestActiveContent_IsOnlyEverSaved uploads active content wherever the site
// accepts files. Every response is sandboxed, has a type that the site chose,
// and is shown in the browser only if nothing can run.
func TestActiveContent_IsOnlyEverSaved(t *testing.T) {
	s := newSite(t)
	ann, owner := s.program("ann"), s.browser()
	owner.post("/login", url.Values{"username": {"ann"}, "password": {testPassword}})
	shown := map[string]string{} // type by name of what is shown in place
	for name, content := range activeContent(t) {
		for _, declared := range []string{"", "text/html", "image/png"} {
			if len(content) == 0 {
				continue
			}
			got := ann.send(http.MethodPut, "/files/"+url.PathEscape(name), content, "Content-Type", declared)
			if name == "jpeg.html" && got.Code == http.StatusUnsupportedMediaType { // a broken image
				continue
			}
			if got.Code != http.StatusCreated {
				t.Errorf("%s as %q: %d %s", name, declared, got.Code, got.Body)
				continue
			}
			id := text(t, want(t, got, http.StatusCreated), "id")
			if f := s.settle(models.FileID(id)); f.State == models.Ready {
				owner.wantNoMarkup(t, ann.token, f, shown)
			}
			if got := ann.send(http.MethodDelete, "/files/"+id, nil); got.Code != http.StatusNoContent {
				t.Fatalf("deleting %s: %d", name, got.Code)
			}
		}
	}
	for name, mediaType := range shown {
		switch models.Filename(name).Extension() {
		case ".png", ".gif", ".pdf", ".txt", ".md", ".json", ".vtt":
		case "":
			if !strings.HasPrefix(mediaType, "text/plain") {
				t.Errorf("%s is shown in place as %s", name, mediaType)
			}
		default:
			t.Errorf("%s is shown in place as %s", name, mediaType)
		}
	}
}

// wantNoMarkup requests a file in every possible way.
func (b *browser) wantNoMarkup(t *testing.T, token string, f models.File, shown map[string]string) {
	t.Helper()
	queries := []string{"", "?inline=1", "?download=", "?download=0", "?response-content-type=text/html",
		"?response-content-disposition=inline",
		"?content-type=text/html&type=html&raw=1&disposition=inline&preview=true&format=html",
		"?filter=%3C/script%3E&mime=text%2Fhtml%0d%0aX-Canary:1"}
	paths := []string{publicURL + "/files/" + string(f.ID) + "/x.html", publicURL + "/files/" + string(f.ID) + "/" +
		url.PathEscape(string(f.Name)),
		publicURL + "/files/" + string(f.ID) + "/original", publicURL + "/api/v1/files/" + string(f.ID) + "/content"}
	for _, path := range paths {
		before := ""
		for _, query := range queries {
			request := mustRequest(t, path+query)
			request.Header.Set("Accept", "text/html,*/*")
			request.Header.Set("Range", "bytes=0-")
			if strings.Contains(path, "/api/") {
				request.Header.Set("Authorization", "Bearer "+token)
			}
			got := b.do(request)
			h := got.Header()
			mediaType, disposition := h.Get("Content-Type"), h.Get("Content-Disposition")
			answer := mediaType + " " + disposition
			if before == "" {
				before = answer
			}
			if got.Code != http.StatusPartialContent || !strings.Contains(h.Get("Content-Security-Policy"), "default-src 'none'") ||
				!strings.HasSuffix(h.Get("Content-Security-Policy"), "; sandbox") || h.Get("X-Content-Type-Options") != "nosniff" ||
				h.Get("X-Canary") != "" {
				t.Errorf("%s%s: %d %v", path, query, got.Code, h)
			}
			if strings.Contains(mediaType, "script") || strings.Contains(mediaType, "css") { // 'self' of the pages' policy would let it run
				t.Errorf("%s%s of %s may be a page's script or style: %s", path, query, f.Name, mediaType)
			}
			inline := strings.HasPrefix(disposition, "inline;")
			if inline {
				shown[string(f.Name)] = mediaType
			}
			if inline && !slices.Contains(harmless, mediaType) || !inline && !strings.HasPrefix(disposition, "attachment;") {
				t.Errorf("%s%s of %s is sent as %q", path, query, f.Name, answer)
			}
			if asked := strings.HasPrefix(query, "?download=0"); answer != before && !asked {
				t.Errorf("%s: %s makes %q of %q", path, query, answer, before)
			}
		}
	}
}

// takes sets UPLOAD_TYPES.
func (s *site) takes(list string) {
	s.t.Helper()
	policy := s.files.Policy.Get()
	policy.Types = must(filetypes.ParseSet(list))(s.t)
	s.files.Policy.Set(policy)
}

func mustRequest(t *testing.T, address string) *http.Request {
	t.Helper()
	return must(http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil))(t)
}
