// Package filetypes knows which files are welcome, and how each is sent. It
// holds the allow-list, and is the only package that knows mimetype.
//
// A file is taken if its extension, the type its sender declared and the type
// its first bytes show all name the same entry of the list. What visitors get
// as Content-Type comes from here, never from the sender.
package filetypes

import (
	"slices"
	"strings"

	"github.com/gabriel-vasile/mimetype"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// SniffLen is how many of a file's first bytes Check wants to see. Four
// kilobytes show most types; Office files tell themselves from a plain archive
// only by a name that may come later.
const SniffLen = 16 << 10

// Opaque is the media type of what we do not know.
const Opaque = "application/octet-stream"

// A Type is what a file turned out to be.
type Type struct {
	MediaType  string
	Kind       models.FileKind
	Extensions []string // with their dots; the first is the usual one
}

// A Set is the part of the list that is allowed here. The zero Set allows
// nothing.
type Set struct {
	groups   []string
	anything bool
}

// Default is the setting that allows the whole list.
const Default = "images,audio,video,pdf,office,text,archives"

// ParseSet reads the setting UPLOAD_TYPES: group names separated by commas, or
// "*" to take any file, those not on the list as opaque downloads.
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

// Check returns what the file is whose name, declared media type and first
// bytes (SniffLen of them, or all) are given, or a problem at the field "file"
// if they do not agree on a type that is allowed.
func (s Set) Check(name models.Filename, declared string, head []byte) (Type, error) {
	opaque := Type{MediaType: Opaque, Kind: models.KindOther, Extensions: []string{name.Extension()}}
	e, ok := s.byExtension(name.Extension())
	switch {
	case !ok && s.anything:
		return opaque, nil
	case !ok:
		return Type{}, s.refusal("Files with this ending are not taken here.")
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
		return Type{}, s.refusal("This file was sent as another type than its ending %s says.", name.Extension())
	}
	if found := Sniff(head); found.MediaType != Opaque && found.Kind != models.KindText {
		return Type{}, s.refusal("This file is named %s, but holds what belongs in a %s file.", name.Extension(), found.Extensions[0])
	}
	return Type{}, s.refusal("What this file holds does not fit its ending %s.", name.Extension())
}

// refusal returns an Unsupported problem that ends with what is allowed.
func (s Set) refusal(format string, args ...any) error {
	return problem.At("file", problem.New(problem.Unsupported, format+" Allowed are %s.", append(args, s.Help())...))
}

// byExtension returns the allowed entry for files with the given extension.
func (s Set) byExtension(extension string) (entry, bool) {
	for _, e := range entries {
		if slices.Contains(s.groups, e.group) && slices.Contains(e.extensions, extension) {
			return e, true
		}
	}
	return entry{}, false
}

// Names lists the extensions that are allowed, with their dots, as a file
// input's accept attribute takes them. It is empty when any file is taken.
func (s Set) Names() []string {
	if s.anything {
		return nil
	}
	var names []string
	for _, e := range entries {
		if slices.Contains(s.groups, e.group) {
			names = append(names, e.extensions...)
		}
	}
	return names
}

// Help says what is allowed, for a person, such as "pictures (jpg, png) and
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

// Inline reports whether a file may be shown in the browser rather than only
// saved. Nothing that can hold a script of its own may (SVG, HTML, XML).
func Inline(mediaType string, kind models.FileKind) bool {
	for _, e := range entries {
		if e.mediaType == mediaType && e.kind == kind {
			return e.inline
		}
	}
	return false
}

// Header returns the Content-Type to send for a file of a stored media type.
// What is not on the list is sent as Opaque.
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
