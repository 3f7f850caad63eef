package page

import (
	"fmt"
	"hash/fnv"
	"html/template"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"example.org/cloakroom/internal/limits"
	"example.org/cloakroom/internal/models"
)

// NextAddress is where a list goes on, or "" at its end. base has no query, or
// ends in "&".
func NextAddress(base, field string, next models.Cursor) string {
	if next.IsZero() {
		return ""
	}
	if base != "" && base[len(base)-1] != '&' {
		base += "?"
	}
	return base + field + "=" + next.String()
}

// TicketNumber is the number printed on a post's stub. It is only for show, and two
// posts may share it; the identifier is what counts.
func TicketNumber(id models.PostID) string {
	hash := fnv.New32a()
	_, _ = hash.Write([]byte(id)) // a hash never fails to write
	return fmt.Sprintf("%04d", hash.Sum32()%10_000)
}

// Funcs are the functions that templates may call: all formatting is here.
var Funcs = template.FuncMap{
	"size":        Size,
	"date":        Date,
	"dateTime":    dateTime,
	"isoTime":     IsoTime,
	"count":       Count,
	"number":      anyNumber,
	"waitWords":   waitWords,
	"percent":     Percent,
	"fileURL":     FileURL,
	"downloadURL": downloadURL,
	"thumbURL":    thumbURL,
	"avatarURL":   AvatarURL,
	"initial":     Initial,
	"device":      device,
	"kindName":    kindName,
	"limit":       limit,
	"ticket":      TicketNumber,
	"at":          at,
	"cut":         cut,
	"field":       field,
	"exactSize":   exactSize,
	"options":     options,
	"choices":     choices,

	"reasonName": reasonName, "decisionName": decisionName, "decisionChoice": decisionChoice, "subjectNoun": subjectNoun,
}

// Size returns n bytes in a readable unit.
func Size(n int64) string { return models.Size(n).String() }

// Date writes the day of t for a person.
func Date(t time.Time) string { return t.UTC().Format("2 Jan 2006") }

// dateTime writes the minute of t for a person.
func dateTime(t time.Time) string { return t.UTC().Format("2 Jan 2006, 15:04 UTC") }

// IsoTime writes t for the datetime attribute.
func IsoTime(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// Count writes n with its noun: "no comments", "1 comment", "2 comments".
func Count(n int, one, many string) string {
	switch n {
	case 0:
		return "no " + many
	case 1:
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}

// waitWords writes a wait of some seconds the way the script that counts it
// down does.
func waitWords(seconds int) string {
	const minute, hour = 60, 60 * 60
	switch {
	case seconds < 2*minute:
		return Count(seconds, "second", "seconds")
	case seconds < 2*hour:
		return Count((seconds+minute-1)/minute, "minute", "minutes")
	}
	return Count((seconds+hour-1)/hour, "hour", "hours")
}

// Percent is part of whole in whole per cents, at most 100.
func Percent(part, whole int64) int64 {
	if whole <= 0 {
		return 0
	}
	return min(100, int64(float64(part)/float64(whole)*100))
}

// FileURL is the address of the file's bytes.
func FileURL(f models.File) string {
	return "/files/" + string(f.ID) + "/" + url.PathEscape(string(f.Name))
}

// downloadURL is the address at which the file's bytes come as a download.
func downloadURL(f models.File) string { return FileURL(f) + "?download=1" }

// thumbURL is the address of the file's thumbnail of the given width.
func thumbURL(f models.File, width int) string {
	if width == models.ThumbnailLarge {
		return "/files/" + string(f.ID) + "/thumbnail/1280"
	}
	return "/files/" + string(f.ID) + "/thumbnail"
}

// AvatarURL is the address of the user's picture, or "" if there is none. It
// changes with the picture, so that browsers may keep it.
func AvatarURL(u models.User) string {
	if u.Avatar == "" {
		return ""
	}
	hash := fnv.New32a()
	_, _ = hash.Write([]byte(u.Avatar)) // a hash never fails to write
	return "/users/" + string(u.Username) + "/avatar?v=" + strconv.FormatUint(uint64(hash.Sum32()), 36)
}

// Initial stands in for the picture of a user who has none.
func Initial(u models.User) string {
	_, n := utf8.DecodeRuneInString(string(u.Username))
	return strings.ToUpper(string(u.Username[:n]))
}

// device names the browser and system of a User-Agent header, as far as it
// tells them; the header is only a claim, and only its owner reads this.
func device(userAgent string) string {
	firstOf := func(fallback string, pairs ...string) string {
		for i := 0; i < len(pairs); i += 2 {
			if strings.Contains(userAgent, pairs[i]) {
				return pairs[i+1]
			}
		}
		return fallback
	}
	browser := firstOf("Unknown browser", "Edg/", "Edge", "OPR/", "Opera", "Firefox/", "Firefox",
		"Chrome/", "Chrome", "Safari/", "Safari", "curl/", "curl")
	system := firstOf("", "Android", "Android", "iPhone", "iPhone", "iPad", "iPad", "Windows", "Windows",
		"Mac OS X", "macOS", "CrOS", "ChromeOS", "Linux", "Linux")
	if system == "" {
		return browser
	}
	return browser + " on " + system
}

// kindName says what a file is, for a person.
func kindName(k models.FileKind) string {
	switch k {
	case models.KindImage:
		return "Image"
	case models.KindAudio:
		return "Audio"
	case models.KindVideo:
		return "Video"
	case models.KindPDF:
		return "PDF"
	case models.KindText:
		return "Text"
	case models.KindDocument:
		return "Document"
	case models.KindArchive:
		return "Archive"
	}
	return "File"
}

// formLimits are the numbers that forms tell and scripts count to.
var formLimits = map[string]int{
	"title": models.MaxTitle, "content": models.MaxContent, "body": models.MaxCommentBody,
	"bio": models.MaxBio, "bioBreaks": models.MaxBioBreaks, "tags": models.MaxTags, "tag": models.MaxTag,
	"minUsername": models.MinUsername, "maxUsername": models.MaxUsername, "email": models.MaxEmail,
	"website": models.MaxWebsite, "minPassword": models.MinPassword, "maxPassword": models.MaxPassword,
	"tokenName": models.MaxTokenName, "reportWords": models.MaxReportWords,
}

// limit returns the named limit; a name that is not there is an error.
func limit(name string) (int, error) {
	n, ok := formLimits[name]
	if !ok {
		return 0, fmt.Errorf("there is no limit %q", name)
	}
	return n, nil
}

// fieldProblem is what the partial "problem_at" shows.
type fieldProblem struct {
	Field   string
	Message string
}

// at picks the problem at one field of a form.
func at(problems Problems, field string) fieldProblem {
	return fieldProblem{Field: field, Message: problems.For(field)}
}

// Period is a period with its article.
func Period(d time.Duration) string {
	if d == time.Hour {
		return "an hour"
	}
	return "a " + limits.PeriodName(d)
}
