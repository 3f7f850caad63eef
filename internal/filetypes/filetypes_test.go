package filetypes_test

import (
	"slices"
	"strings"
	"testing"

	"example.org/cloakroom/internal/filetypes"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

const docx = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

// checked holds files by name, declared type and content, with the expected type.
var checked = []struct {
	name, declared, head string
	want                 string // media type, or "" if refused
	kind                 models.FileKind
}{
	{"a.jpg", "image/jpeg", "jpeg", "image/jpeg", models.KindImage},
	{"a.JPEG", "", "jpeg", "image/jpeg", models.KindImage},
	{"a.jpg", "image/jpg", "jpeg", "image/jpeg", models.KindImage},
	{"a.jpg", "application/octet-stream", "jpeg", "image/jpeg", models.KindImage},
	{"a.jpg", "application/x-www-form-urlencoded", "jpeg", "image/jpeg", models.KindImage},
	{"a.png", "IMAGE/PNG; x=y", "png", "image/png", models.KindImage},
	{"a.gif", "image/gif", "gif", "image/gif", models.KindImage},
	{"a.webp", "image/webp", "webp", "image/webp", models.KindImage},
	{"a.mp3", "audio/mp3", "mp3", "audio/mpeg", models.KindAudio},
	{"a.m4a", "audio/x-m4a", "m4a", "audio/mp4", models.KindAudio},
	{"a.m4a", "audio/mp4", "mp4", "audio/mp4", models.KindAudio},
	{"a.aac", "audio/aac", "aac", "audio/aac", models.KindAudio},
	{"a.flac", "audio/x-flac", "flac", "audio/flac", models.KindAudio},
	{"a.opus", "audio/ogg", "opus", "audio/ogg", models.KindAudio},
	{"a.ogg", "application/ogg", "opus", "audio/ogg", models.KindAudio},
	{"a.wav", "audio/x-wav", "wav", "audio/wav", models.KindAudio},
	{"a.mp4", "video/mp4", "mp4", "video/mp4", models.KindVideo},
	{"a.m4v", "video/x-m4v", "mp4", "video/mp4", models.KindVideo},
	{"a.mp4", "video/mp4", "3gp", "video/mp4", models.KindVideo},
	{"a.webm", "video/webm", "webm", "video/webm", models.KindVideo},
	{"a.ogv", "video/ogg", "ogv", "video/ogg", models.KindVideo},
	{"a.mov", "video/quicktime", "mov", "video/quicktime", models.KindVideo},
	{"a.mkv", "video/x-matroska", "mkv", "video/matroska", models.KindVideo},
	{"a.pdf", "application/pdf", "pdf", "application/pdf", models.KindPDF},
	{"a.doc", "application/msword", "ole", "application/msword", models.KindDocument},
	{"a.xls", "application/vnd.ms-excel", "ole", "application/vnd.ms-excel", models.KindDocument},
	{"a.ppt", "", "ole", "application/vnd.ms-powerpoint", models.KindDocument},
	{"a.docx", docx, "docx", docx, models.KindDocument},
	{"a.docx", docx, "late", docx, models.KindDocument},
	{"a.xlsx", "", "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", models.KindDocument},
	{"a.pptx", "", "pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation", models.KindDocument},
	{"a.odt", "", "odt", "application/vnd.oasis.opendocument.text", models.KindDocument},
	{"a.ods", "", "ods", "application/vnd.oasis.opendocument.spreadsheet", models.KindDocument},
	{"a.odp", "", "odp", "application/vnd.oasis.opendocument.presentation", models.KindDocument},
	{"a.rtf", "application/rtf", "rtf", "application/rtf", models.KindDocument},
	{"a.txt", "text/plain; charset=utf-8", "text", "text/plain", models.KindText},
	{"a.md", "text/x-markdown", "md", "text/plain", models.KindText},
	{"a.csv", "application/vnd.ms-excel", "csv", "text/plain", models.KindText},
	{"a.log", "", "text", "text/plain", models.KindText},
	{"a.json", "application/json", "json", "text/plain", models.KindText},
	{"a.txt", "text/plain", "shell", "text/plain", models.KindText},
	{"a.txt", "", "empty", "text/plain", models.KindText},
	{"a.zip", "application/x-zip-compressed", "zip", "application/zip", models.KindArchive},
	{"a.zip", "application/zip", "docx", "application/zip", models.KindArchive},
	{"a.tar", "application/x-tar", "tar", "application/x-tar", models.KindArchive},
	{"a.tar.gz", "application/x-gzip", "gz", "application/gzip", models.KindArchive},
	{"a.tgz", "application/x-compressed-tar", "gz", "application/gzip", models.KindArchive},
	{"a.bz2", "application/x-bzip", "bz2", "application/x-bzip2", models.KindArchive},
	{"a.xz", "application/x-xz", "xz", "application/x-xz", models.KindArchive},
	{"a.7z", "application/x-7z-compressed", "7z", "application/x-7z-compressed", models.KindArchive},
	{"a.rar", "application/x-rar-compressed", "rar", "application/vnd.rar", models.KindArchive},
	{"a.zst", "application/zstd", "zst", "application/zstd", models.KindArchive},
	// A GIF that is also valid script is accepted as an image, because we only
	// serve it as one; package images refuses it when it does not decode.
	{"a.gif", "image/gif", "gifscript", "image/gif", models.KindImage},

	{name: "a.gif.html", declared: "image/gif", head: "gifscript"},
	{name: "a.js", declared: "text/javascript", head: "gifscript"},
	{name: "a.jpg", declared: "image/jpeg", head: "pdf"},
	{name: "a.pdf", declared: "application/pdf", head: "jpeg"},
	{name: "a.gif", declared: "image/gif", head: "jpeg"},
	{name: "a.jpg", declared: "image/gif", head: "jpeg"},
	{name: "a.jpg", declared: "text/html", head: "jpeg"},
	{name: "a.jpg", declared: "image/jpeg; =", head: "jpeg"},
	{name: "a.png", declared: "image/png", head: "svg"},
	{name: "a.png", declared: "image/png", head: "apng"},
	{name: "a.svg", declared: "image/svg+xml", head: "svg"},
	{name: "a.tiff", declared: "image/tiff", head: "tiff"},
	{name: "a.jpg", declared: "image/jpeg", head: "tiff"},
	{name: "a.bmp", declared: "image/bmp", head: "bmp"},
	{name: "a.heic", declared: "image/heic", head: "heic"},
	{name: "a.avif", declared: "image/avif", head: "avif"},
	{name: "a.mp4", declared: "video/mp4", head: "heic"},
	{name: "a.mp4", declared: "video/mp4", head: "avif"},
	{name: "a.docx", declared: docx, head: "zip"},
	{name: "a.docx", declared: docx, head: "xlsx"},
	{name: "a.docx", declared: docx, head: "words"},
	{name: "a.docx", declared: docx, head: "ole"},
	{name: "a.jar", head: "jar"},
	{name: "a.txt", declared: "text/plain", head: "html"},
	{name: "a.txt", declared: "text/plain", head: "tags"},
	{name: "a.txt", declared: "text/plain", head: "svg"},
	{name: "a.txt", declared: "text/plain", head: "xml"},
	{name: "a.txt", declared: "text/plain", head: "mhtml"},
	{name: "a.txt", declared: "text/plain", head: "rtf"},
	{name: "a.txt", declared: "text/plain", head: "noise"},
	{name: "a.txt", declared: "text/html", head: "text"},
	{name: "a.html", declared: "text/plain", head: "text"},
	{name: "a.xhtml", head: "xml"},
	{name: "a.mhtml", head: "mhtml"},
	{name: "a.exe", declared: "application/octet-stream", head: "exe"},
	{name: "a.zip", declared: "application/zip", head: "exe"},
	{name: "a", head: "jpeg"},
	{name: ".jpg", head: "jpeg"},
	{name: "a.jpg.", head: "jpeg"},
	{name: "a.jpg ", head: "jpeg"},
	{name: "a.jpg", head: "empty"},
	{name: "a.pdf", head: "empty"},
	{name: "a.zip", head: "noise"},
}

func TestCheck(t *testing.T) {
	set := parse(t, filetypes.Default)
	for _, c := range checked {
		t.Run(c.name+" "+c.declared+" "+c.head, func(t *testing.T) {
			head, ok := heads[c.head]
			if !ok {
				t.Fatalf("no head %q", c.head)
			}
			got, err := set.Check(models.Filename(c.name), c.declared, head)
			if c.want == "" {
				refused(t, err, c.name)
			} else if err != nil || got.MediaType != c.want || got.Kind != c.kind {
				t.Errorf("got %+v, %v; want %s, %s", got, err, c.want, c.kind)
			}

			got, err = parse(t, "*").Check(models.Filename(c.name), c.declared, head)
			want, kind := c.want, c.kind
			if want == "" {
				want, kind = filetypes.Opaque, models.KindOther
			}
			if err != nil || got.MediaType != want || got.Kind != kind {
				t.Errorf("with *: got %+v, %v; want %s", got, err, want)
			}
		})
	}
}

// refused fails the test unless err is a problem at the field "file" that names
// the allowed types.
func refused(t *testing.T, err error, name string) {
	t.Helper()
	found := problem.All(err)
	if len(found) != 1 || found[0].Kind != problem.Unsupported || found[0].Field != "file" ||
		!strings.Contains(found[0].Message, "(jpg, jpeg, png, gif, webp)") {
		t.Errorf("%s: err = %v, want an Unsupported problem at file that names what is allowed", name, err)
	}
}

func TestCheck_OtherGroups(t *testing.T) {
	set := parse(t, " Images , pdf,images")
	if _, err := set.Check("a.png", "", heads["png"]); err != nil {
		t.Errorf("png: %v", err)
	}
	_, err := set.Check("a.zip", "", heads["zip"])
	refused(t, err, "a.zip")
	if want := "images (jpg, jpeg, png, gif, webp) and PDF (pdf)"; set.Help() != want {
		t.Errorf("Help() = %q, want %q", set.Help(), want)
	}
	if everything := parse(t, "*"); everything.Help() != "files of any type" {
		t.Errorf("*: Help() = %q", everything.Help())
	}
	if _, err := (filetypes.Set{}).Check("a.png", "", heads["png"]); problem.KindOf(err) != problem.Unsupported {
		t.Errorf("the zero Set: %v", err)
	}
}

// The problem of a misnamed file tells the sender what the content is.
func TestCheck_NamesTheDetectedType(t *testing.T) {
	set := parse(t, filetypes.Default)
	for _, c := range []struct{ name, head, want string }{
		{"a.gif", "jpeg", "named .gif, but its content is JPG"},
		{"a.gif", "empty", "empty"},
		{"a.exe", "exe", "file type isn't allowed"},
	} {
		_, err := set.Check(models.Filename(c.name), "", heads[c.head])
		if all := problem.All(err); len(all) != 1 || !strings.Contains(all[0].Message, c.want) {
			t.Errorf("%s: err = %v, want %q", c.name, err, c.want)
		}
	}
}

func TestParseSet_RefusesUnknownGroups(t *testing.T) {
	for _, s := range []string{"", ",", "pictures", "images,svg", "*.jpg", "images;audio"} {
		if set, err := filetypes.ParseSet(s); err == nil {
			t.Errorf("ParseSet(%q) = %v, want an error", s, set)
		}
	}
}

func TestInline(t *testing.T) {
	for mediaType, kind := range map[string]models.FileKind{
		"image/svg+xml": models.KindImage, "text/html": models.KindText, "text/xml": models.KindText, "application/xhtml+xml": models.KindText,
		"text/plain": models.KindOther, filetypes.Opaque: models.KindOther, "application/zip": models.KindArchive, docx: models.KindDocument,
		"video/matroska": models.KindVideo, "": "", "image/jpeg": models.KindOther, "image/tiff": models.KindImage,
	} {
		if filetypes.Inline(mediaType, kind) {
			t.Errorf("Inline(%q, %q) = true", mediaType, kind)
		}
	}
	for _, mediaType := range inline {
		if kind := kindOf(mediaType); !filetypes.Inline(mediaType, kind) {
			t.Errorf("Inline(%q, %q) = false", mediaType, kind)
		}
	}
}

// inline repeats the list, so that additions are noticed.
var inline = []string{"image/jpeg", "image/png", "image/gif", "image/webp", "audio/mpeg", "audio/mp4", "audio/aac", "audio/flac",
	"audio/ogg",
	"audio/wav",
	"video/mp4", "video/webm", "video/ogg", "video/quicktime", "application/pdf", "text/plain"}

func kindOf(mediaType string) models.FileKind {
	switch top, _, _ := strings.Cut(mediaType, "/"); top {
	case "application":
		return models.KindPDF
	default:
		return models.FileKind(top)
	}
}

func TestHeader(t *testing.T) {
	for in, want := range map[string]string{
		"text/plain": "text/plain; charset=utf-8", "image/png": "image/png", "application/zip": "application/zip",
		"text/html": filetypes.Opaque, "image/svg+xml": filetypes.Opaque, "": filetypes.Opaque, "x\r\ny": filetypes.Opaque,
	} {
		if got := filetypes.Header(in); got != want {
			t.Errorf("Header(%q) = %q, want %q", in, got, want)
		}
	}
}

// Check never panics, and only listed types are inline; those also match by
// content.
func FuzzCheck(f *testing.F) {
	for name, head := range heads {
		for _, extension := range []string{name, "txt", "jpg", "html", "zip", "docx"} {
			f.Add("a."+extension, "", head)
			f.Add("a."+extension, "text/html", head)
		}
	}
	set, anything := parse(f, filetypes.Default), parse(f, "*")
	f.Fuzz(func(t *testing.T, name, declared string, head []byte) {
		for _, s := range []filetypes.Set{set, anything} {
			got, err := s.Check(models.Filename(name), declared, head)
			if err != nil {
				refused(t, err, name)
				continue
			}
			if filetypes.Inline(got.MediaType, got.Kind) && !slices.Contains(inline, got.MediaType) {
				t.Errorf("Check(%q, %q, %q) = %+v, and that is shown inline", name, declared, head, got)
			}
			if got.Kind != models.KindOther && !slices.Contains(got.Extensions, models.Filename(name).Extension()) {
				t.Errorf("Check(%q, %q, %q) = %+v", name, declared, head, got)
			}
		}
		filetypes.Sniff(head)
	})
}

func parse(t testing.TB, s string) filetypes.Set {
	t.Helper()
	set, err := filetypes.ParseSet(s)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func BenchmarkCheck(b *testing.B) {
	set := parse(b, filetypes.Default)
	for b.Loop() {
		if _, err := set.Check("a.txt", "text/plain", heads["text"]); err != nil {
			b.Fatal(err)
		}
	}
}
