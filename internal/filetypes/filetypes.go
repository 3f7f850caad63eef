// Package filetypes decides which file types users can upload, and with which
// headers they are served. It holds the allow-list, and is the only package that
// knows mimetype.
//
// A file is accepted if its extension, its declared media type and its detected
// media type all match the same entry of the list. The Content-Type of downloads
// comes from this list, never from the uploader.
package filetypes

import (
	"slices"
	"strings"

	"github.com/gabriel-vasile/mimetype"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// SniffLen is the number of leading bytes that Check examines. Most types show in
// the first 4 KiB, but the entry that tells an Office file from a ZIP archive can
// come later.
const SniffLen = 16 << 10

// Opaque is the media type of files of unknown type.
const Opaque = "application/octet-stream"

// A Type is the detected type of a file.
type Type struct {
	MediaType  string
	Kind       models.FileKind
	Extensions []string // with their dots; the first is the canonical one
}

// A Set is the part of the allow-list that is enabled. The zero Set allows
// nothing.
type Set struct {
	groups   []string
	anything bool
}

// Default is the value of UPLOAD_TYPES that enables the whole list.
const Default = "images,audio,video,pdf,office,text,archives"

// ParseSet parses the setting UPLOAD_TYPES: group names separated by commas, or
// "*" to accept every file, with unlisted types as Opaque downloads. It returns
// an Invalid problem for any other text.
func ParseSet(s string) (Set, error) {
	var set Set
	for name := range strings.SplitSeq(s, ",") {
		switch name = strings.ToLower(strings.TrimSpace(name)); {
		case name == "":
			continue
		case name == "*":
			set.anything = true
		case !slices.ContainsFunc(entries, func(e entry) bool { return e.group == name }):
			return Set{}, problem.New(problem.Invalid, "%q is no group of file types; there are %s, and * for any file", name,
				strings.ReplaceAll(Default, ",", ", "))
		case !slices.Contains(set.groups, name):
			set.groups = append(set.groups, name)
		}
	}
	if set.anything {
		set.groups = strings.Split(Default, ",")
	}
	if len(set.groups) == 0 {
		return Set{}, problem.New(problem.Invalid, "no group of file types is named; there are %s, and * for any file",
			strings.ReplaceAll(Default, ",", ", "))
	}
	return set, nil
}

// Check returns the type of a file from its name, its declared media type and its
// leading bytes (SniffLen of them, or all). It returns an Unsupported problem at
// the field "file" if they do not agree on an allowed type.
func (s Set) Check(name models.Filename, declared string, head []byte) (Type, error) {
	opaque := Type{MediaType: Opaque, Kind: models.KindOther, Extensions: []string{name.Extension()}}
	e, ok := s.byExtension(name.Extension())
	switch {
	case !ok && s.anything:
		return opaque, nil
	case !ok:
		return Type{}, s.refusal("This file type isn't allowed.")
	case len(head) == 0 && e.kind == models.KindText:
		return e.Type(), nil
	case len(head) == 0 && !s.anything:
		return Type{}, s.refusal("This file is empty.")
	}
	agree := e.declares(declared) && e.holds(mimetype.Detect(head), head)
	switch {
	case agree:
		return e.Type(), nil
	case s.anything:
		return opaque, nil
	case !e.declares(declared):
		return Type{}, s.refusal("The file's declared type doesn't match its extension %s.", name.Extension())
	}
	if found := Sniff(head); found.MediaType != Opaque && found.Kind != models.KindText {
		return Type{}, s.refusal("This file is named %s, but its content is %s.", name.Extension(), extensionName(found.Extensions[0]))
	}
	return Type{}, s.refusal("This isn't a valid %s file.", extensionName(name.Extension()))
}

// refusal returns an Unsupported problem whose message ends with the allowed
// types.
func (s Set) refusal(format string, args ...any) error {
	return problem.At("file", problem.New(problem.Unsupported, format+" Allowed: %s.", append(args, s.Help())...))
}

// extensionName is an extension as people write the name of a format: JPG.
func extensionName(extension string) string {
	return strings.ToUpper(strings.TrimPrefix(extension, "."))
}

// byExtension returns the allowed entry for an extension.
func (s Set) byExtension(extension string) (entry, bool) {
	for _, e := range entries {
		if slices.Contains(s.groups, e.group) && slices.Contains(e.extensions, extension) {
			return e, true
		}
	}
	return entry{}, false
}

// Help describes the allowed types for people, such as "images (jpg, png) and
// PDF (pdf)".
func (s Set) Help() string {
	if s.anything {
		return "files of any type"
	}
	var parts []string
	for _, g := range groupTitles {
		if !slices.Contains(s.groups, g.group) {
			continue
		}
		var names []string
		for _, e := range entries {
			if e.group == g.group {
				names = append(names, e.extensions...)
			}
		}
		parts = append(parts, g.title+" ("+strings.ReplaceAll(strings.Join(names, ", "), ".", "")+")")
	}
	if last := len(parts) - 1; last > 0 {
		return strings.Join(parts[:last], ", ") + " and " + parts[last]
	}
	return strings.Join(parts, "")
}

// Inline reports whether browsers can display a file of this type instead of
// only downloading it. Types that can contain scripts (SVG, HTML, XML) are never
// inline.
func Inline(mediaType string, kind models.FileKind) bool {
	for _, e := range entries {
		if e.mediaType == mediaType && e.kind == kind {
			return e.inline
		}
	}
	return false
}

// Header returns the Content-Type header for a stored media type: Opaque if it is
// not on the list.
func Header(mediaType string) string {
	for _, e := range entries {
		if e.mediaType != mediaType {
			continue
		}
		if e.kind == models.KindText {
			return plainText + "; charset=utf-8"
		}
		return mediaType
	}
	return Opaque
}
