package handlers

import (
	"fmt"
	"hash/fnv"
	"html/template"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"example.org/cloakroom/internal/models"
)

// Funcs are the functions that templates may call: all formatting is here.
var Funcs = template.FuncMap{
	"size":        size,
	"date":        date,
	"dateTime":    dateTime,
	"isoTime":     isoTime,
	"count":       count,
	"number":      anyNumber,
	"waitWords":   waitWords,
	"percent":     percent,
	"fileURL":     fileURL,
	"downloadURL": downloadURL,
	"thumbURL":    thumbURL,
	"avatarURL":   avatarURL,
	"initial":     initial,
	"device":      device,
	"kindName":    kindName,
	"limit":       limit,
	"ticket":      ticket,
	"at":          at,
	"cut":         cut,
	"field":       field,
	"exactSize":   exactSize,
	"options":     options,
	"choices":     choices,

	"reasonName": reasonName, "decisionName": decisionName, "decisionChoice": decisionChoice, "subjectNoun": subjectNoun,
}

// size returns n bytes in a readable unit.
func size(n int64) string { return models.Size(n).String() }

// date writes the day of t for a person.
func date(t time.Time) string { return t.UTC().Format("2 Jan 2006") }

// dateTime writes the minute of t for a person.
func dateTime(t time.Time) string { return t.UTC().Format("2 Jan 2006, 15:04 UTC") }

// isoTime writes t for the datetime attribute.
func isoTime(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// count writes n with its noun: "no comments", "1 comment", "2 comments".
func count(n int, one, many string) string {
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
		return count(seconds, "second", "seconds")
	case seconds < 2*hour:
		return count((seconds+minute-1)/minute, "minute", "minutes")
	}
	return count((seconds+hour-1)/hour, "hour", "hours")
}

// percent is part of whole in whole per cents, at most 100.
func percent(part, whole int64) int64 {
	if whole <= 0 {
		return 0
	}
	return min(100, int64(float64(part)/float64(whole)*100))
}

// fileURL is the address of the file's bytes.
func fileURL(f models.File) string {
	return "/files/" + string(f.ID) + "/" + url.PathEscape(string(f.Name))
}

// downloadURL is the address at which the file's bytes come as a download.
func downloadURL(f models.File) string { return fileURL(f) + "?download=1" }

// thumbURL is the address of the file's thumbnail of the given width.
func thumbURL(f models.File, width int) string {
	if width == models.ThumbnailLarge {
		return "/files/" + string(f.ID) + "/thumbnail/1280"
	}
	return "/files/" + string(f.ID) + "/thumbnail"
}

// avatarURL is the address of the user's picture, or "" if there is none. It
// changes with the picture, so that browsers may keep it.
func avatarURL(u models.User) string {
	if u.Avatar == "" {
		return ""
	}
	hash := fnv.New32a()
	_, _ = hash.Write([]byte(u.Avatar)) // a hash never fails to write
	return "/users/" + string(u.Username) + "/avatar?v=" + strconv.FormatUint(uint64(hash.Sum32()), 36)
}

// initial stands in for the picture of a user who has none.
func initial(u models.User) string {
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
