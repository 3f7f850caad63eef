package filetypes_test

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"example.org/cloakroom/internal/filetypes"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

const (
	docx = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
	xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	pptx = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
	odf  = "application/vnd.oasis.opendocument."
	u8   = "text/plain; charset=utf-8"
	u16  = "text/plain; charset=utf-16"
)

// decided holds files by name and content, with the expected type, and whether browsers
// show it.
var decided = []struct {
	name, content, want string
	kind                models.FileKind
	inline              bool
}{
	{"a.jpg", "jpeg", "image/jpeg", models.KindImage, true},
	{"a.JPEG", "jpeg", "image/jpeg", models.KindImage, true},
	{"a.jfif", "jpeg", "image/jpeg", models.KindImage, true},
	{"a.jpe", "jpeg", "image/jpeg", models.KindImage, true},
	{"a", "jpeg", "image/jpeg", models.KindImage, true},
	{".jpg", "jpeg", "image/jpeg", models.KindImage, true},
	{"a.JPG.bak", "jpeg", "image/jpeg", models.KindImage, false},
	{"a.png", "jpeg", "image/jpeg", models.KindImage, false},
	{"a.pdf", "jpeg", "image/jpeg", models.KindImage, false},
	{"a.html", "jpeg", "image/jpeg", models.KindImage, false},
	{"a.png", "png", "image/png", models.KindImage, true},
	{"a.gif", "gif", "image/gif", models.KindImage, true},
	{"a.webp", "webp", "image/webp", models.KindImage, true},
	{"a.heic", "heic", "image/heic", models.KindImage, false},
	{"a.mp4", "heic", "image/heic", models.KindImage, false},
	{"a.avif", "avif", "image/avif", models.KindImage, false},
	{"a.avif", "mif1 avif", "image/avif", models.KindImage, false},
	{"a.tif", "tiff", "image/tiff", models.KindOther, false},
	{"a.jpg", "tiff", "image/tiff", models.KindOther, false},
	{"a.bmp", "bmp", "image/bmp", models.KindOther, false},

	{"a.mp3", "mp3", "audio/mpeg", models.KindAudio, true},
	{"a.mp3", "frame", "audio/mpeg", models.KindAudio, true},
	{"a.m4a", "m4a", "audio/mp4", models.KindAudio, true},
	{"a.m4a", "mp4", "audio/mp4", models.KindAudio, true},
	{"a.aac", "aac", "audio/aac", models.KindAudio, true},
	{"a.aac", "id3 aac", "audio/aac", models.KindAudio, true},
	{"a.aac", "mp3", "audio/aac", models.KindAudio, true}, // nothing follows the tag, so the name tells
	{"a.flac", "flac", "audio/flac", models.KindAudio, true},
	{"a.flac", "id3 flac", "audio/flac", models.KindAudio, true},
	{"a.flac", "id3 long", "audio/flac", models.KindAudio, true},
	{"a.opus", "opus", "audio/ogg", models.KindAudio, true},
	{"a.ogg", "opus", "audio/ogg", models.KindAudio, true},
	{"a.wav", "wav", "audio/wav", models.KindAudio, true},
	{"a.wav", "rf64", "audio/wav", models.KindAudio, true},
	{"a.mp4", "mp4", "video/mp4", models.KindVideo, true},
	{"a.m4v", "mp4", "video/mp4", models.KindVideo, true},
	{"a.mp4", "3gp", "video/mp4", models.KindVideo, true},
	{"a.mp4", "mp4 qt", "video/mp4", models.KindVideo, true},
	{"a.mp4", "mp4 3g2", "video/mp4", models.KindVideo, true},
	{"a.mp4", "mp4 moov", "video/mp4", models.KindVideo, true},
	{"a.mov", "mp4 moov", "video/quicktime", models.KindVideo, true},
	{"a.mov", "mov", "video/quicktime", models.KindVideo, true},
	{"a", "m4a", "audio/mp4", models.KindAudio, true},
	{"a.bin", "mp4", "video/mp4", models.KindVideo, false},
	{"a.3gp", "3gp", "video/3gpp", models.KindVideo, false},
	{"a.mov", "mdat alone", filetypes.Opaque, models.KindOther, false},
	{"a.cr3", "cr3", filetypes.Opaque, models.KindOther, false},
	{"a.webm", "webm", "video/webm", models.KindVideo, true},
	{"a.ogv", "ogv", "video/ogg", models.KindVideo, true},
	{"a.ogg", "ogv", "video/ogg", models.KindVideo, true},
	{"a.ogv", "skeleton ogv", "video/ogg", models.KindVideo, true},
	{"a.mkv", "mkv", "video/matroska", models.KindVideo, false},

	{"a.pdf", "pdf", "application/pdf", models.KindPDF, true},
	{"a.pdf", "late pdf", "application/pdf", models.KindPDF, true},
	{"a.bin", "late pdf", filetypes.Opaque, models.KindOther, false},
	{"a.jpg", "pdf", "application/pdf", models.KindPDF, false},
	{"a.pdf", "pdfhtml", "application/pdf", models.KindPDF, true},
	{"a.html", "pdfhtml", "application/pdf", models.KindPDF, false},
	{"a.txt", "pdfhtml", u8, models.KindText, true},
	{"a.rtf", "rtf", "application/rtf", models.KindDocument, false},
	{"a.rtf", "rtf nul", "application/rtf", models.KindDocument, false},
	{"a.doc", "rtf", "application/rtf", models.KindDocument, false},
	{"a.txt", "rtf", u8, models.KindText, true},

	{"a.doc", "doc", "application/msword", models.KindDocument, false},
	{"a.xls", "xls", "application/vnd.ms-excel", models.KindDocument, false},
	{"a.xls", "xls5", "application/vnd.ms-excel", models.KindDocument, false},
	{"a.ppt", "ppt", "application/vnd.ms-powerpoint", models.KindDocument, false},
	{"a.doc", "both", "application/msword", models.KindDocument, false},
	{"a.xls", "both", "application/vnd.ms-excel", models.KindDocument, false},
	{"a.docx", "doc", "application/msword", models.KindDocument, false},
	{"a.docx", "locked", docx, models.KindDocument, false},
	{"a.xlsx", "locked", xlsx, models.KindDocument, false},
	{"a.pptx", "locked", pptx, models.KindDocument, false},
	{"a.bin", "locked", filetypes.Opaque, models.KindOther, false},
	{"a.msg", "msg", filetypes.Opaque, models.KindOther, false},
	{"a.doc", "msg", filetypes.Opaque, models.KindOther, false},
	{"a.docx", "docx", docx, models.KindDocument, false},
	{"a.docx", "late", docx, models.KindDocument, false},
	{"a.docx", "late docx", docx, models.KindDocument, false},
	{"a.docx", "trash docx", docx, models.KindDocument, false},
	{"a.xlsx", "xlsx", xlsx, models.KindDocument, false},
	{"a.pptx", "pptx", pptx, models.KindDocument, false},
	{"a.docx", "xlsx", xlsx, models.KindDocument, false},
	{"a.docx", "zip", "application/zip", models.KindArchive, false},
	{"a.docx", "words", "application/zip", models.KindArchive, false},
	{"a.docm", "docx", filetypes.Opaque, models.KindOther, false},
	{"a", "docx", docx, models.KindDocument, false},
	{"a.odt", "odt", odf + "text", models.KindDocument, false},
	{"a.odt", "late odt", odf + "text", models.KindDocument, false},
	{"a.odt", "deflated odt", odf + "text", models.KindDocument, false},
	{"a.ods", "ods", odf + "spreadsheet", models.KindDocument, false},
	{"a.odp", "odp", odf + "presentation", models.KindDocument, false},

	{"a.txt", "text", u8, models.KindText, true},
	{"a.md", "md", u8, models.KindText, true},
	{"a.md", "tags", u8, models.KindText, true},
	{"a.csv", "csv", u8, models.KindText, true},
	{"a.csv", "xml", u8, models.KindText, true},
	{"a.log", "mhtml", u8, models.KindText, true},
	{"a.json", "json", u8, models.KindText, true},
	{"a.go", "text", u8, models.KindText, true},
	{"Makefile", "shell", u8, models.KindText, true},
	{"README", "utf8", u8, models.KindText, true},
	{"a.txt", "mz", u8, models.KindText, true},
	{"a.txt", "gif text", u8, models.KindText, true},
	{"a.txt", "gifscript", "image/gif", models.KindImage, false},
	{"a.gif", "gif text", u8, models.KindText, false},
	{"a.txt", "dos", u8, models.KindText, true},
	{"a.log", "bar", u8, models.KindText, true},
	{"a.txt", "latin1", "text/plain", models.KindText, true},
	{"a.txt", "utf16le", u16, models.KindText, true},
	{"a.txt", "utf16be", u16, models.KindText, true},
	{"a.txt", "utf16 bare", filetypes.Opaque, models.KindOther, false},
	{"a.txt", "nul", filetypes.Opaque, models.KindOther, false},
	{"a.txt", "noise", filetypes.Opaque, models.KindOther, false},
	{"a.txt", "html", u8, models.KindText, true},
	// Text with another name is a download: such names belong to pages and scripts.
	{"a.html", "html", u8, models.KindText, false},
	{"a.html.", "html", u8, models.KindText, true},
	{"a.svg", "svg", u8, models.KindText, false},
	{"a.png", "svg", u8, models.KindText, false},
	{"a.js", "text", u8, models.KindText, false},
	{"a.xhtml", "xml", u8, models.KindText, false},
	{"a.mhtml", "mhtml", u8, models.KindText, false},

	{"a.zip", "zip", "application/zip", models.KindArchive, false},
	{"a.zip", "docx", "application/zip", models.KindArchive, false},
	{"a.zip", "prefixed", "application/zip", models.KindArchive, false},
	{"a.zip", "cut zip", "application/zip", models.KindArchive, false},
	{"a.zip", "no entries", "application/zip", models.KindArchive, false},
	{"a.exe", "prefixed", filetypes.Opaque, models.KindOther, false},
	{"a.exe", "exe", filetypes.Opaque, models.KindOther, false},
	{"a.jar", "jar", filetypes.Opaque, models.KindOther, false},
	{"a.epub", "epub", filetypes.Opaque, models.KindOther, false},
	{"a.zip", "noise", filetypes.Opaque, models.KindOther, false},
	{"a.tar", "tar", "application/x-tar", models.KindArchive, false},
	{"a.tar", "old tar", "application/x-tar", models.KindArchive, false},
	{"a.tar.gz", "gz", "application/gzip", models.KindArchive, false},
	{"a.tgz", "gz", "application/gzip", models.KindArchive, false},
	{"a.svgz", "gz", filetypes.Opaque, models.KindOther, false},
	{"a.bz2", "bz2", "application/x-bzip2", models.KindArchive, false},
	{"a.xz", "xz", "application/x-xz", models.KindArchive, false},
	{"a.7z", "7z", "application/x-7z-compressed", models.KindArchive, false},
	{"a.rar", "rar", "application/vnd.rar", models.KindArchive, false},
	{"a.zst", "zst", "application/zstd", models.KindArchive, false},

	{"a.txt", "empty", u8, models.KindText, true},
	{"README", "empty", u8, models.KindText, true},
	{"a.jpg", "empty", filetypes.Opaque, models.KindOther, false},
	{"a.zip", "empty", filetypes.Opaque, models.KindOther, false},
	{"a.html", "empty", filetypes.Opaque, models.KindOther, false},
}

func TestDecide(t *testing.T) {
	set := parse(t, filetypes.Anything)
	for _, c := range decided {
		t.Run(c.name+" "+c.content, func(t *testing.T) {
			content, ok := contents[c.content]
			if !ok {
				t.Fatalf("no content %q", c.content)
			}
			got, err := set.Decide(models.Filename(c.name), contentOf(content))
			if err != nil || got.MediaType != c.want || got.Kind != c.kind {
				t.Errorf("got %+v, %v; want %s, %s", got, err, c.want, c.kind)
			}
			f := models.File{Name: models.Filename(c.name), MediaType: got.MediaType, Kind: got.Kind}
			if inline := filetypes.Inline(f); inline != c.inline {
				t.Errorf("inline: %v", inline)
			}
			if got := filetypes.Header(got.MediaType); got != c.want {
				t.Errorf("sent as %s", got)
			}
		})
	}
}

// contentOf returns a file as it is after its upload.
func contentOf(b []byte) filetypes.Content {
	var text filetypes.Text
	_, _ = text.Write(b)
	return filetypes.Content{Head: b[:min(len(b), filetypes.HeadLen)], Text: &text, All: bytes.NewReader(b), Size: int64(len(b))}
}

// A list narrows what is taken: by the name before, and by the content after the upload.
func TestDecide_Narrowed(t *testing.T) {
	for _, c := range []struct{ list, name, content, want string }{
		{"images", "a.jpg", "jpeg", ""},
		{"images", "a", "jpeg", ""},
		{"images", "a.png", "jpeg", ""},
		{"images", "a.heic", "heic", ""},
		{"images", "a.jpg", "empty", ""},
		{"images", "a.exe", "jpeg", "Files of type .exe aren't allowed here."},
		{"images", "a.JPG.bak", "jpeg", "Files of type .bak aren't allowed here."},
		{"images", "a.jpg.", "jpeg", ""},
		{"images", "a.jpg ", "jpeg", "Files of type .jpg  aren't allowed here."},
		{"images", "a", "text", "Files of type .txt aren't allowed here."},
		{"images", "a", "exe", "Files of this type aren't allowed here."},
		{"images", "a.jpg", "exe", "This isn't a valid JPG file."},
		{"images", "a.jpg", "pdf", "This isn't a valid JPG file: it holds what belongs in a .pdf file."},
		{"images", "a.jpg", "html", "This isn't a valid JPG file: it holds what belongs in a .txt file."},
		{"office", "a.docx", "docx", ""},
		{"office", "a.docx", "locked", ""},
		{"office", "a.docx", "zip", "This isn't a valid DOCX file: it holds what belongs in a .zip file."},
		{"office", "a.docm", "docx", "Files of type .docm aren't allowed here."},
		{"text,pdf", "a.txt", "tags", ""},
		{"text,pdf", "a.txt", "pdf", ""},
		{"text", "a.html", "text", "Files of type .html aren't allowed here."},
		{"text", "a.js", "text", "Files of type .js aren't allowed here."},
		{"text", "a.txt", "nul", "This isn't a valid TXT file."},
		{"text", "README", "text", ""},
		{"audio", "a.ogg", "opus", ""},
		{"audio", "a.ogg", "ogv", "This isn't a valid OGG file: it holds what belongs in a .ogv file."},
	} {
		_, err := parse(t, c.list).Decide(models.Filename(c.name), contentOf(contents[c.content]))
		if c.want == "" && err != nil {
			t.Errorf("%s: %s with %s: %v", c.list, c.name, c.content, err)
		}
		found := problem.All(err)
		if c.want != "" && (len(found) != 1 || found[0].Kind != problem.Unsupported || found[0].Field != "file" || found[0].Message != c.want) {
			t.Errorf("%s: %s with %s: %v, want %s", c.list, c.name, c.content, err, c.want)
		}
	}
	if _, err := (filetypes.Set{}).Decide("a", contentOf(nil)); problem.KindOf(err) != problem.Unsupported {
		t.Errorf("the zero Set: %v", err)
	}
}

// An error of the storage is not taken for a type.
func TestDecide_ReportsErrors(t *testing.T) {
	broken := errors.New("broken")
	content := contentOf(append(bytes.Clone(contents["zip"]), make([]byte, 20<<10)...))
	content.All = readerAtFunc(func([]byte, int64) (int, error) { return 0, broken })
	if got, err := parse(t, filetypes.Anything).Decide("a.zip", content); !errors.Is(err, broken) {
		t.Errorf("%+v, %v", got, err)
	}
}

type readerAtFunc func(p []byte, offset int64) (int, error)

func (f readerAtFunc) ReadAt(p []byte, offset int64) (int, error) { return f(p, offset) }

func TestParseSet(t *testing.T) {
	set := parse(t, " Images , pdf,images")
	groups := set.Groups()
	if len(groups) != 2 || groups[0].Title != "Images" || !slices.Contains(groups[0].Extensions, ".jpg") || groups[1].Title != "PDF" {
		t.Errorf("Groups() = %+v", groups)
	}
	if all := parse(t, "*").Groups(); len(all) != len(filetypes.GroupNames()) || set.Anything() || !parse(t, "pdf,*").Anything() {
		t.Errorf("Groups() of everything = %+v", all)
	}
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
		if filetypes.Inline(models.File{Name: "a", MediaType: mediaType, Kind: kind}) {
			t.Errorf("Inline(%q, %q) = true", mediaType, kind)
		}
	}
}

// inline repeats the list, so that additions are noticed.
var inline = []string{"image/jpeg", "image/png", "image/gif", "image/webp", "audio/mpeg", "audio/mp4", "audio/aac", "audio/flac",
	"audio/ogg", "audio/wav", "video/mp4", "video/webm", "video/ogg", "video/quicktime", "application/pdf", "text/plain", u8, u16}

func TestHeader(t *testing.T) {
	for in, want := range map[string]string{
		"text/plain": "text/plain", u8: u8, u16: u16, "image/png": "image/png", "application/zip": "application/zip",
		"text/html": filetypes.Opaque, "image/svg+xml": filetypes.Opaque, "": filetypes.Opaque, "x\r\ny": filetypes.Opaque,
		"text/plain; charset=utf-7": filetypes.Opaque, "image/png; x=y": filetypes.Opaque, "text/html; charset=utf-8": filetypes.Opaque,
	} {
		if got := filetypes.Header(in); got != want {
			t.Errorf("Header(%q) = %q, want %q", in, got, want)
		}
	}
}

// Decide never panics, reads a bounded part of the file, and only types of the list are
// shown inline.
func FuzzDecide(f *testing.F) {
	for name, content := range contents {
		for _, extension := range []string{name, "txt", "jpg", "html", "zip", "docx", "mov"} {
			f.Add("a."+extension, content)
		}
	}
	anything, some := parse(f, filetypes.Anything), parse(f, "images,text")
	f.Fuzz(func(t *testing.T, name string, content []byte) {
		read := 0
		c := contentOf(content)
		c.Head = c.Head[:min(len(c.Head), 64)]
		c.All = readerAtFunc(func(p []byte, offset int64) (int, error) {
			read += len(p)
			return bytes.NewReader(content).ReadAt(p, offset)
		})
		got, err := anything.Decide(models.Filename(name), c)
		if err != nil || read > 4<<20 {
			t.Fatalf("%+v, %v, and %d bytes read", got, err, read)
		}
		file := models.File{Name: models.Filename(name), MediaType: got.MediaType, Kind: got.Kind}
		if filetypes.Inline(file) && !slices.Contains(inline, got.MediaType) || filetypes.Header(got.MediaType) != got.MediaType {
			t.Errorf("Decide(%q, %q) = %+v", name, content, got)
		}
		if _, err := some.Decide(models.Filename(name), c); err != nil && problem.KindOf(err) != problem.Unsupported {
			t.Error(err)
		}
		filetypes.Image(content)
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

// Text finds the same whatever the pieces in which it is written.
func FuzzText(f *testing.F) {
	for _, content := range contents {
		f.Add(content, 1)
		f.Add(content, 3)
	}
	f.Fuzz(func(t *testing.T, content []byte, piece int) {
		piece = max(1, piece%1000)
		var whole, pieces filetypes.Text
		_, _ = whole.Write(content)
		for chunk := range slices.Chunk(content, piece) {
			_, _ = pieces.Write(chunk)
		}
		if whole.IsText() != pieces.IsText() || whole.Charset() != pieces.Charset() {
			t.Errorf("%q: %v %q, in pieces of %d %v %q", content, whole.IsText(), whole.Charset(), piece, pieces.IsText(), pieces.Charset())
		}
		if whole.Charset() == "utf-8" != (whole.IsText() && strings.ToValidUTF8(string(content), "") == string(content)) &&
			!bytes.HasPrefix(content, []byte("\xff\xfe")) && !bytes.HasPrefix(content, []byte("\xfe\xff")) {
			t.Errorf("%q: charset %q", content, whole.Charset())
		}
	})
}

func BenchmarkText(b *testing.B) {
	content := []byte(strings.Repeat("Grüße aus Köln, this is mostly ASCII.\n", 1000))
	b.SetBytes(int64(len(content)))
	for b.Loop() {
		var text filetypes.Text
		if _, err := io.Copy(&text, bytes.NewReader(content)); err != nil {
			b.Fatal(err)
		}
	}
}
