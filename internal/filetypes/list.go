package filetypes

import "example.org/cloakroom/internal/models"

// An entry is one type on the allow-list.
type entry struct {
	group      string // group name in UPLOAD_TYPES
	mediaType  string // stored and sent as Content-Type
	kind       models.FileKind
	inline     bool
	extensions []string
	sniffed    []string // further types that mimetype reports for it; see holds
	declared   []string // further types that clients declare for it
}

const plainText = "text/plain"

// groupTitles names the groups for people, in the order of the help text.
var groupTitles = []struct{ group, title string }{
	{"images", "images"},
	{"audio", "audio"},
	{"video", "video"},
	{"pdf", "PDF"},
	{"office", "documents"},
	{"text", "text"},
	{"archives", "archives"},
}

// entries is the allow-list. Media types are those registered with IANA, where
// one exists.
//
// Deliberately missing: SVG, HTML, XML and MHTML, which can contain scripts; and
// TIFF, BMP, AVIF and HEIC, for which there is no decoder that we trust.
var entries = []entry{
	{group: "images", mediaType: "image/jpeg", kind: models.KindImage, inline: true,
		extensions: []string{".jpg", ".jpeg"},
		declared:   []string{"image/jpg", "image/pjpeg"}},
	{group: "images", mediaType: "image/png", kind: models.KindImage, inline: true,
		extensions: []string{".png"},
		declared:   []string{"image/x-png"}},
	{group: "images", mediaType: "image/gif", kind: models.KindImage, inline: true,
		extensions: []string{".gif"}},
	{group: "images", mediaType: "image/webp", kind: models.KindImage, inline: true,
		extensions: []string{".webp"}},

	{group: "audio", mediaType: "audio/mpeg", kind: models.KindAudio, inline: true,
		extensions: []string{".mp3"},
		declared:   []string{"audio/mp3", "audio/x-mp3", "audio/x-mpeg", "audio/mpeg3", "audio/mpg"}},
	{group: "audio", mediaType: "audio/mp4", kind: models.KindAudio, inline: true,
		extensions: []string{".m4a"},
		sniffed:    []string{"audio/x-m4a", "video/mp4"}, // many recorders write a video brand
		declared:   []string{"audio/x-m4a", "audio/m4a", "audio/aac", "video/mp4"}},
	{group: "audio", mediaType: "audio/aac", kind: models.KindAudio, inline: true,
		extensions: []string{".aac"},
		declared:   []string{"audio/x-aac", "audio/aacp", "audio/vnd.dlna.adts", "audio/x-hx-aac-adts"}},
	{group: "audio", mediaType: "audio/flac", kind: models.KindAudio, inline: true,
		extensions: []string{".flac"},
		declared:   []string{"audio/x-flac"}},
	{group: "audio", mediaType: "audio/ogg", kind: models.KindAudio, inline: true,
		extensions: []string{".ogg", ".opus"},
		declared:   []string{"application/ogg", "audio/opus", "audio/vorbis", "audio/x-vorbis+ogg", "audio/x-opus+ogg", "video/ogg"}},
	{group: "audio", mediaType: "audio/wav", kind: models.KindAudio, inline: true,
		extensions: []string{".wav"},
		declared:   []string{"audio/x-wav", "audio/wave", "audio/vnd.wave"}},

	{group: "video", mediaType: "video/mp4", kind: models.KindVideo, inline: true,
		extensions: []string{".mp4", ".m4v"},
		sniffed:    []string{"video/x-m4v", "audio/mp4", "video/3gpp"}, // phones write the brand 3gp4
		declared:   []string{"video/x-m4v", "video/m4v", "audio/mp4", "video/3gpp"}},
	{group: "video", mediaType: "video/webm", kind: models.KindVideo, inline: true,
		extensions: []string{".webm"},
		declared:   []string{"audio/webm"}},
	{group: "video", mediaType: "video/ogg", kind: models.KindVideo, inline: true,
		extensions: []string{".ogv"},
		declared:   []string{"application/ogg", "video/x-ogg"}},
	{group: "video", mediaType: "video/quicktime", kind: models.KindVideo, inline: true,
		extensions: []string{".mov"}},
	{group: "video", mediaType: "video/matroska", kind: models.KindVideo, // few browsers play it
		extensions: []string{".mkv"},
		declared:   []string{"video/x-matroska", "application/x-matroska"}},

	{group: "pdf", mediaType: "application/pdf", kind: models.KindPDF, inline: true,
		extensions: []string{".pdf"},
		declared:   []string{"application/x-pdf"}},

	{group: "office", mediaType: "application/msword", kind: models.KindDocument,
		extensions: []string{".doc"},
		sniffed:    []string{oleStorage},
		declared:   []string{"application/vnd.ms-word"}},
	{group: "office", mediaType: "application/vnd.ms-excel", kind: models.KindDocument,
		extensions: []string{".xls"},
		sniffed:    []string{oleStorage},
		declared:   []string{"application/msexcel", "application/x-msexcel"}},
	{group: "office", mediaType: "application/vnd.ms-powerpoint", kind: models.KindDocument,
		extensions: []string{".ppt"},
		sniffed:    []string{oleStorage},
		declared:   []string{"application/mspowerpoint"}},
	{group: "office", mediaType: "application/vnd.openxmlformats-officedocument.wordprocessingml.document", kind: models.KindDocument,
		extensions: []string{".docx"}},
	{group: "office", mediaType: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", kind: models.KindDocument,
		extensions: []string{".xlsx"}},
	{group: "office", mediaType: "application/vnd.openxmlformats-officedocument.presentationml.presentation", kind: models.KindDocument,
		extensions: []string{".pptx"}},
	{group: "office", mediaType: "application/vnd.oasis.opendocument.text", kind: models.KindDocument,
		extensions: []string{".odt"}},
	{group: "office", mediaType: "application/vnd.oasis.opendocument.spreadsheet", kind: models.KindDocument,
		extensions: []string{".ods"}},
	{group: "office", mediaType: "application/vnd.oasis.opendocument.presentation", kind: models.KindDocument,
		extensions: []string{".odp"}},
	{group: "office", mediaType: "application/rtf", kind: models.KindDocument,
		extensions: []string{".rtf"},
		sniffed:    []string{"text/rtf"},
		declared:   []string{"text/rtf", "text/richtext", "application/x-rtf", "application/msword"}},

	// All text is stored and sent as text/plain, so that no browser runs it.
	{group: "text", mediaType: plainText, kind: models.KindText, inline: true,
		extensions: []string{".txt", ".md", ".markdown", ".csv", ".tsv", ".log", ".json"},
		declared: []string{"text/markdown", "text/x-markdown", "text/csv", "application/csv", "text/x-csv", "application/vnd.ms-excel",
			"text/comma-separated-values", "text/tab-separated-values", "text/x-log", "application/json", "text/json"}},

	{group: "archives", mediaType: zipType, kind: models.KindArchive,
		extensions: []string{".zip"},
		declared:   []string{"application/x-zip", "application/x-zip-compressed", "application/x-compressed", "multipart/x-zip"}},
	{group: "archives", mediaType: "application/x-tar", kind: models.KindArchive,
		extensions: []string{".tar"},
		declared:   []string{"application/tar"}},
	{group: "archives", mediaType: "application/gzip", kind: models.KindArchive,
		extensions: []string{".gz", ".tgz"},
		declared: []string{"application/x-gzip", "application/x-gunzip", "application/x-compressed-tar", "application/x-gtar",
			"application/x-tgz", "application/x-compressed", "application/x-tar"}},
	{group: "archives", mediaType: "application/x-bzip2", kind: models.KindArchive,
		extensions: []string{".bz2"},
		declared: []string{"application/x-bzip", "application/bzip2", "application/x-bzip-compressed-tar",
			"application/x-bzip2-compressed-tar"}},
	{group: "archives", mediaType: "application/x-xz", kind: models.KindArchive,
		extensions: []string{".xz"},
		declared:   []string{"application/xz", "application/x-xz-compressed-tar"}},
	{group: "archives", mediaType: "application/x-7z-compressed", kind: models.KindArchive,
		extensions: []string{".7z"},
		declared:   []string{"application/x-7z", "application/7z", "application/x-compressed"}},
	{group: "archives", mediaType: "application/vnd.rar", kind: models.KindArchive,
		extensions: []string{".rar"},
		declared:   []string{"application/x-rar-compressed", "application/x-rar", "application/rar", "application/x-compressed"}},
	{group: "archives", mediaType: "application/zstd", kind: models.KindArchive,
		extensions: []string{".zst"},
		declared:   []string{"application/x-zstd", "application/x-zstd-compressed-tar"}},
}
