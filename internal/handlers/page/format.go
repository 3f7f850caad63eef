package page

import (
	"crypto/rand"
	"fmt"
	"hash/fnv"
	"html/template"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"example.org/cloakroom/internal/limits"
	"example.org/cloakroom/internal/models"
)

// NextURL returns the link to the next page of a list, or "" after the last page.
// base must have no query, or end in "&".
func NextURL(base, field string, next models.Cursor) string {
	if next.IsZero() {
		return ""
	}
	if base != "" && base[len(base)-1] != '&' {
		base += "?"
	}
	return base + field + "=" + next.String()
}

// Funcs are the functions that templates can call. All formatting is here.
var Funcs = template.FuncMap{
	"size":        Size,
	"date":        Date,
	"dateTime":    dateTime,
	"isoTime":     IsoTime,
	"count":       Count,
	"number":      anyNumber,
	"formKey":     rand.Text, // of a form that must not be sent twice
	"waitWords":   waitWords,
	"percent":     Percent,
	"fileURL":     FileURL,
	"downloadURL": downloadURL,
	"previewURL":  previewURL,
	"thumbURL":    thumbURL,
	"avatarURL":   AvatarURL,
	"initial":     Initial,
	"device":      models.Device,
	"kindName":    models.FileKind.Name,
	"shareState":  ShareState,
	"limit":       formLimit,
	"at":          problemAt,
	"cut":         cut,
	"field":       field,
	"exactSize":   exactSize,
	"options":     options,
	"choices":     choices,

	"reasonName": reasonName, "decisionName": decisionName, "decisionChoice": decisionChoice, "subjectNoun": subjectNoun,
}

// Size formats n bytes in a readable unit.
func Size(n int64) string { return models.Size(n).String() }

// Date formats the day of t, in UTC.
func Date(t time.Time) string { return t.UTC().Format("2 Jan 2006") }

// dateTime formats the minute of t, in UTC.
func dateTime(t time.Time) string { return t.UTC().Format("2 Jan 2006, 15:04 UTC") }

// IsoTime formats t for the attribute datetime.
func IsoTime(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// Count formats n with its noun: "no comments", "1 comment", "2 comments".
func Count(n int, one, many string) string {
	switch n {
	case 0:
		return "no " + many
	case 1:
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}

// waitWords formats a wait in the same way as the script that counts it down.
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

// Percent returns part in per cent of whole, rounded down and at most 100.
func Percent(part, whole int64) int64 {
	if whole <= 0 {
		return 0
	}
	return min(100, int64(float64(part)/float64(whole)*100))
}

// FileURL returns the path of the content of f.
func FileURL(f models.File) string {
	return "/files/" + string(f.ID) + "/" + FileSegment(f)
}

// FileSegment returns the last segment of the path of the content of f: its name, which only
// helps people. A name that is the segment of another page has an underscore before it.
func FileSegment(f models.File) string {
	name := string(f.ServedName())
	if slices.Contains(segments, name) {
		name = "_" + name
	}
	return url.PathEscape(name)
}

// segments are the paths of pages and parts below that of a file.
var segments = []string{"access", "edit", "original", "preview", "state", "thumbnail"}

// previewURL returns the path of the preview of f.
func previewURL(f models.File) string { return "/files/" + string(f.ID) + "/preview" }

// downloadURL returns the path at which browsers download f.
func downloadURL(f models.File) string { return FileURL(f) + "?download=1" }

// thumbURL returns the path of the thumbnail of a file with the given width.
func thumbURL(file models.FileID, width int) string {
	if width == models.ThumbnailLarge {
		return "/files/" + string(file) + "/thumbnail/1280"
	}
	return "/files/" + string(file) + "/thumbnail"
}

// AvatarURL returns the path of the user's profile image, or "" if they have none. A
// new image has a new path, so browsers can cache it.
func AvatarURL(u models.User) string {
	if u.Avatar == "" {
		return ""
	}
	hash := fnv.New32a()
	_, _ = hash.Write([]byte(u.Avatar)) // a hash never fails to write
	return "/users/" + string(u.Username) + "/avatar?v=" + strconv.FormatUint(uint64(hash.Sum32()), 36)
}

// Initial returns the first letter of the username in upper case, which pages show
// for a user without a profile image.
func Initial(u models.User) string {
	_, n := utf8.DecodeRuneInString(string(u.Username))
	return strings.ToUpper(string(u.Username[:n]))
}

// formLimits are the lengths that forms show and scripts check.
var formLimits = map[string]int{
	"title": models.MaxTitle, "content": models.MaxContent, "body": models.MaxCommentBody,
	"bio": models.MaxBio, "bioBreaks": models.MaxBioBreaks, "tags": models.MaxTags, "tag": models.MaxTag,
	"minUsername": models.MinUsername, "maxUsername": models.MaxUsername, "email": models.MaxEmail,
	"website": models.MaxWebsite, "minPassword": models.MinPassword, "maxPassword": models.MaxPassword,
	"tokenName": models.MaxTokenName, "sharePassword": models.MinSharePassword, "shareNote": models.MaxShareNote,
	"shareSender": models.MaxShareSender, "shareName": models.MaxShareName, "reportWords": models.MaxReportWords, "reason": models.MaxReason,
	"requestMessage": models.MaxRequestMessage, "guestName": models.MaxGuestName,
}

// formLimit returns the named limit, or an error if it does not exist.
func formLimit(name string) (int, error) {
	n, ok := formLimits[name]
	if !ok {
		return 0, fmt.Errorf("there is no limit %q", name)
	}
	return n, nil
}

// A fieldProblem is the data of the partial "problem_at".
type fieldProblem struct {
	Field   string
	Message string
}

// problemAt returns the problem at a field of a form.
func problemAt(problems Problems, field string) fieldProblem {
	return fieldProblem{Field: field, Message: problems.For(field)}
}

// Period returns the name of a period with its article: "a minute".
func Period(d time.Duration) string {
	if d == time.Hour {
		return "an hour"
	}
	return "a " + limits.PeriodName(d)
}
