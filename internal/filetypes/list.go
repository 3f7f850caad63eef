package filetypes

import (
	"slices"

	"example.org/cloakroom/internal/models"
)

// An entry is one type on the list.
type entry struct {
	group      string // group name in UPLOAD_TYPES
	mediaType  string // stored and sent as Content-Type
	kind       models.FileKind
	inline     bool
	extensions []string // the first is the usual one
}

const (
	plainText    = "text/plain"
	charsetParam = "; charset="
	zipType      = "application/zip"
	ooxml        = "application/vnd.openxmlformats-officedocument."
	odf          = "application/vnd.oasis.opendocument."
	docxType     = ooxml + "wordprocessingml.document"
	xlsxType     = ooxml + "spreadsheetml.sheet"
	pptxType     = ooxml + "presentationml.presentation"
	docType      = "application/msword"
	xlsType      = "application/vnd.ms-excel"
	pptType      = "application/vnd.ms-powerpoint"
)

// textTypes are the media types of text whose charset is known.
var textTypes = []string{plainText + charsetParam + utf8Charset, plainText + charsetParam + utf16Charset}

// groupTitles names the groups for people, in the order in which they are listed.
var groupTitles = []struct{ group, title string }{
	{"images", "Images"},
	{"audio", "Audio"},
	{"video", "Video"},
	{"pdf", "PDF"},
	{"office", "Documents"},
	{"text", "Text"},
	{"archives", "Archives"},
}

// entries is the list. Media types are those registered with IANA, where one exists.
//
// Deliberately missing: SVG, HTML, XML and MHTML, which can contain scripts. They are
// text, and since their extensions are on no entry, that text is a download.
var entries = []entry{
	{"images", "image/jpeg", models.KindImage, true, []string{".jpg", ".jpeg", ".jpe", ".jfif"}},
	{"images", "image/png", models.KindImage, true, []string{".png"}},
	{"images", "image/gif", models.KindImage, true, []string{".gif"}},
	{"images", "image/webp", models.KindImage, true, []string{".webp"}},
	// Others get these as JPEG; where that cannot be made, as a download.
	{"images", "image/heic", models.KindImage, false, []string{".heic", ".heif", ".hif"}},
	{"images", "image/avif", models.KindImage, false, []string{".avif"}},
	// We have no decoder for these, so they are downloads.
	{"images", "image/tiff", models.KindOther, false, []string{".tiff", ".tif"}},
	{"images", "image/bmp", models.KindOther, false, []string{".bmp"}},

	{"audio", "audio/mpeg", models.KindAudio, true, []string{".mp3"}},
	{"audio", "audio/mp4", models.KindAudio, true, []string{".m4a", ".m4b"}},
	{"audio", "audio/aac", models.KindAudio, true, []string{".aac"}},
	{"audio", "audio/flac", models.KindAudio, true, []string{".flac"}},
	{"audio", "audio/ogg", models.KindAudio, true, []string{".ogg", ".oga", ".opus"}},
	{"audio", "audio/wav", models.KindAudio, true, []string{".wav"}},

	{"video", "video/mp4", models.KindVideo, true, []string{".mp4", ".m4v"}},
	{"video", "video/webm", models.KindVideo, true, []string{".webm"}},
	{"video", "video/ogg", models.KindVideo, true, []string{".ogv", ".ogg"}},
	{"video", "video/quicktime", models.KindVideo, true, []string{".mov", ".qt"}},
	{"video", "video/3gpp", models.KindVideo, false, []string{".3gp", ".3g2"}},              // few browsers play it
	{"video", "video/matroska", models.KindVideo, false, []string{".mkv", ".mka", ".mk3d"}}, // few browsers play it

	{"pdf", "application/pdf", models.KindPDF, true, []string{".pdf"}},

	{"office", docType, models.KindDocument, false, []string{".doc"}},
	{"office", xlsType, models.KindDocument, false, []string{".xls"}},
	{"office", pptType, models.KindDocument, false, []string{".ppt"}},
	{"office", docxType, models.KindDocument, false, []string{".docx"}},
	{"office", xlsxType, models.KindDocument, false, []string{".xlsx"}},
	{"office", pptxType, models.KindDocument, false, []string{".pptx"}},
	{"office", odf + "text", models.KindDocument, false, []string{".odt"}},
	{"office", odf + "spreadsheet", models.KindDocument, false, []string{".ods"}},
	{"office", odf + "presentation", models.KindDocument, false, []string{".odp"}},
	{"office", "application/rtf", models.KindDocument, false, []string{".rtf"}},

	// All text is stored and sent as text/plain, so that no browser runs it. Text under
	// another name is text, too, but a download.
	{"text", plainText, models.KindText, true, []string{
		".txt", ".text", ".md", ".markdown", ".rst", ".tex", ".csv", ".tsv", ".log", ".json", ".jsonl", ".yaml", ".yml", ".toml", ".ini",
		".conf", ".cfg", ".srt", ".vtt", ".diff", ".patch", ".sql", ".c", ".cc", ".cpp", ".cs", ".go", ".h", ".hpp", ".hs", ".java", ".kt",
		".lua", ".py", ".r", ".rb", ".rs", ".swift", ".ts",
	}},

	{"archives", zipType, models.KindArchive, false, []string{".zip"}},
	{"archives", "application/x-tar", models.KindArchive, false, []string{".tar"}},
	{"archives", "application/gzip", models.KindArchive, false, []string{".gz", ".tgz"}},
	{"archives", "application/x-bzip2", models.KindArchive, false, []string{".bz2", ".tbz2"}},
	{"archives", "application/x-xz", models.KindArchive, false, []string{".xz", ".txz"}},
	{"archives", "application/x-7z-compressed", models.KindArchive, false, []string{".7z"}},
	{"archives", "application/vnd.rar", models.KindArchive, false, []string{".rar"}},
	{"archives", "application/zstd", models.KindArchive, false, []string{".zst", ".tzst"}},
}

// entryOf returns the entry of a media type, or the zero entry.
func entryOf(mediaType string) entry {
	if i := slices.IndexFunc(entries, func(e entry) bool { return e.mediaType == mediaType }); i >= 0 {
		return entries[i]
	}
	return entry{}
}

// listed reports whether an entry has the extension.
func listed(extension string) bool {
	return slices.ContainsFunc(entries, func(e entry) bool { return slices.Contains(e.extensions, extension) })
}
