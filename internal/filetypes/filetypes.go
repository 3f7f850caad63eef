// Package filetypes decides which type an uploaded file has, whether the site takes
// it, and with which headers it is served.
//
// The content decides. The name only selects among types that share a container, and
// says whether the file is shown in the browser: it is not if its name belongs to
// another type. The type that a client declares is never used. What no type of the list
// fits is Opaque: a download.
package filetypes

import (
	"slices"
	"strings"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// Opaque is the media type of files of unknown type.
const Opaque = "application/octet-stream"

// A Type is the detected type of a file.
type Type struct {
	MediaType string // of text with its charset, if that is known
	Kind      models.FileKind
}

// Decide returns the type of a file. It returns an Unsupported problem at the field
// "file" if s does not allow the type, and another error if the content cannot be read.
func (s Set) Decide(name models.Filename, c Content) (Type, error) {
	if err := s.CheckName(name); err != nil {
		return Type{}, err
	}
	src := &source{Content: c, budget: maxRead, blocks: map[int64][]byte{}}
	found := src.entry(name.Extension())
	if src.err != nil {
		return Type{}, src.err
	}
	if !s.anything && c.Size > 0 && !slices.Contains(s.groups, found.group) {
		return Type{}, s.refusal(name, found)
	}
	if found.mediaType == plainText && c.Text.Charset() != "" {
		found.mediaType += charsetParam + c.Text.Charset()
	}
	return Type{MediaType: found.mediaType, Kind: found.kind}, nil
}

// CheckName returns an Unsupported problem at the field "file" if s allows no file of
// that name, whatever it holds.
func (s Set) CheckName(name models.Filename) error {
	ext := name.Extension()
	if s.anything || ext == "" && len(s.groups) > 0 {
		return nil
	}
	for _, e := range entries {
		if slices.Contains(s.groups, e.group) && slices.Contains(e.extensions, ext) {
			return nil
		}
	}
	if ext == "" {
		return unsupported("Files of this type aren't allowed here.")
	}
	return unsupported("Files of type %.20s aren't allowed here.", ext)
}

// refusal is the problem of a file whose name is allowed, and whose content is not.
func (s Set) refusal(name models.Filename, found entry) error {
	named := strings.ToUpper(strings.TrimPrefix(name.Extension(), "."))
	switch {
	case named == "" && len(found.extensions) == 0:
		return unsupported("Files of this type aren't allowed here.")
	case len(found.extensions) == 0:
		return unsupported("This isn't a valid %s file.", named)
	case named == "":
		return unsupported("Files of type %s aren't allowed here.", found.extensions[0])
	}
	return unsupported("This isn't a valid %s file: it holds what belongs in a %s file.", named, found.extensions[0])
}

// Page is the path of the page that lists what is allowed.
const Page = "/file-types"

func unsupported(format string, args ...any) error {
	p := problem.New(problem.Unsupported, format, args...)
	p.Field, p.Help = "file", Page
	return p
}

// entry returns the entry of the list that the content is of, or an entry without a
// group and extensions if there is none.
func (s *source) entry(extension string) entry {
	found := s.candidates(extension)
	if fitting := slices.IndexFunc(found, func(mediaType string) bool {
		return slices.Contains(entryOf(mediaType).extensions, extension)
	}); fitting >= 0 {
		return entryOf(found[fitting])
	}
	opaque := entry{mediaType: Opaque, kind: models.KindOther}
	if len(found) == 0 || found[0] == "" {
		return opaque
	}
	e := entryOf(found[0])
	if container := e.kind == models.KindDocument || e.kind == models.KindArchive; container && extension != "" && !listed(extension) {
		return opaque // such as .jar and .epub, which programs know by their names
	}
	return e
}

// Inline reports whether browsers show the file instead of only downloading it: its type
// cannot contain scripts, and its name belongs to its type or has no extension.
func Inline(f models.File) bool {
	e := entryOf(essence(f.ServedType()))
	ext := f.ServedName().Extension()
	return e.inline && e.kind == f.Kind && (ext == "" || slices.Contains(e.extensions, ext))
}

// Header returns the Content-Type header for a stored media type: Opaque if it is not on
// the list. Text has a charset only if its bytes are known to be in it.
func Header(mediaType string) string {
	base := essence(mediaType)
	if mediaType != base && !slices.Contains(textTypes, mediaType) || entryOf(base).mediaType == "" {
		return Opaque
	}
	return mediaType
}

// essence is a media type without its parameters.
func essence(mediaType string) string {
	base, _, _ := strings.Cut(mediaType, ";")
	return base
}
