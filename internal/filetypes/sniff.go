package filetypes

import (
	"bytes"
	"encoding/binary"
	"mime"
	"slices"
	"strings"

	"github.com/gabriel-vasile/mimetype"

	"example.org/cloakroom/internal/models"
)

const (
	zipType    = "application/zip"
	oleStorage = "application/x-ole-storage" // a legacy Office file whose directory comes later
	ooxml      = "application/vnd.openxmlformats-officedocument."
)

// undeclared holds the declared types that carry no information: the defaults of
// clients (the last is that of curl --data-binary).
var undeclared = []string{"", Opaque, "binary/octet-stream", "application/x-www-form-urlencoded"}

// markup holds text types in which a browser could run scripts. Such content is
// refused under the name of any other text type.
var markup = []string{"text/html", "image/svg+xml", "text/xml", "application/xhtml+xml", "message/rfc822"}

// Sniff returns the type of the list that the leading bytes of a file show,
// whatever its name, or Opaque.
func Sniff(head []byte) Type {
	found := mimetype.Detect(head)
	for _, e := range entries {
		if e.holds(found, head) {
			return e.Type()
		}
	}
	return Type{MediaType: Opaque, Kind: models.KindOther}
}

// Type returns the public part of the entry.
func (e entry) Type() Type {
	return Type{MediaType: e.mediaType, Kind: e.kind, Extensions: slices.Clone(e.extensions)}
}

// declares reports whether the declared media type is compatible with e.
func (e entry) declares(declared string) bool {
	mediaType, _, err := mime.ParseMediaType(declared)
	if err != nil {
		return strings.TrimSpace(declared) == ""
	}
	return slices.Contains(undeclared, mediaType) || mediaType == e.mediaType || slices.Contains(e.declared, mediaType)
}

// holds reports whether a file is of type e, judged by its leading bytes and by
// what mimetype has found in them.
func (e entry) holds(found *mimetype.MIME, head []byte) bool {
	switch {
	case e.kind == models.KindText:
		return len(head) > 0 && isPlain(found)
	case e.mediaType == zipType: // also all formats based on ZIP
		return within(found, zipType)
	case strings.HasPrefix(e.mediaType, ooxml) && found.Is(zipType):
		return officeType(head) == e.mediaType
	}
	return found.Is(e.mediaType) || slices.ContainsFunc(e.sniffed, found.Is)
}

// isPlain reports whether found is text, but neither markup nor a document.
func isPlain(found *mimetype.MIME) bool {
	return within(found, plainText) && !within(found, markup...) && !found.Is("text/rtf")
}

// within reports whether found is one of types, or derived from one.
func within(found *mimetype.MIME, types ...string) bool {
	for ; found != nil; found = found.Parent() {
		if slices.ContainsFunc(types, found.Is) {
			return true
		}
	}
	return false
}

// officeType returns the Office media type of a ZIP file with these leading
// bytes, or "". It requires the same first entry as mimetype, which only examines
// 4 KiB.
func officeType(head []byte) string {
	folders := []struct{ name, mediaType string }{
		{"word/", ooxml + "wordprocessingml.document"},
		{"xl/", ooxml + "spreadsheetml.sheet"},
		{"ppt/", ooxml + "presentationml.presentation"},
	}
	const nameAt = 30 // length of a local file header
	for first := true; ; first = false {
		i := bytes.Index(head, []byte("PK\x03\x04"))
		if i < 0 || len(head) < i+nameAt {
			return ""
		}
		length := int(binary.LittleEndian.Uint16(head[i+26:]))
		name := string(head[i+nameAt : min(i+nameAt+length, len(head))])
		if first && !strings.HasPrefix(name, "[Content_Types].xml") && !strings.HasPrefix(name, "_rels/") &&
			!strings.HasPrefix(name, "docProps/") && !strings.HasPrefix(name, "customXml/") {
			return ""
		}
		for _, folder := range folders {
			if strings.HasPrefix(name, folder.name) {
				return folder.mediaType
			}
		}
		head = head[i+nameAt:]
	}
}
