package gate

import (
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/models"
)

// A SavedField is a field of a form, with the value that the visitor typed. The row
// of a route names the fields that survive a limit; other fields, such as passwords
// and tokens, are never shown again.
type SavedField struct {
	Name  string
	Label string // shown with the value; empty: the field is hidden
	Value string
}

// A SavedForm is a form that a limit refused, and that the visitor can send again.
type SavedForm struct {
	Action    string
	Multipart bool
	Fields    []SavedField
	Files     bool // it had files, which were not saved
}

// saveForm saves the fields that survive a limit in the visit, and reports whether
// it read the body. It reads at most MaxDrain bytes and saves at most TextBody.Max.
func (g *Gate) saveForm(c echo.Context) bool {
	r, wanted := c.Request(), VisitOf(c).saves
	if r.Method != http.MethodPost || wanted == nil || !Visitor(c).SignedIn() || WantsJSON(c) {
		return false
	}
	kind, params, err := mime.ParseMediaType(r.Header.Get(echo.HeaderContentType))
	if err != nil {
		return false
	}
	body := io.LimitReader(r.Body, MaxDrain)
	// CleanParams has checked the ID, so the URL is a path of this site.
	form := &SavedForm{Action: strings.Replace(c.Path(), ":id", c.Param("id"), 1)}
	var typed url.Values
	switch kind {
	case echo.MIMEApplicationForm:
		typed = readTyped(body)
	case echo.MIMEMultipartForm:
		form.Multipart = true
		typed, form.Files = readTypedParts(multipart.NewReader(body, params["boundary"]), wanted)
	}
	_, _ = io.Copy(io.Discard, body) // as Drain does
	// Another site must not make a user send text that they did not write.
	if typed != nil && (namesItsOrigin(r) || g.isFormToken(c, typed.Get(TokenField))) {
		form.Fields = fieldsIn(typed, wanted)
		VisitOf(c).Saved = form
	}
	return true
}

// fieldsIn returns the wanted fields with their typed values. A post is private if
// its form was interrupted before its visibility.
func fieldsIn(typed url.Values, wanted []SavedField) (fields []SavedField) {
	for _, field := range wanted {
		values := typed[field.Name]
		if field.Name == "visibility" && len(values) == 0 {
			values = []string{string(models.Private)}
		}
		for _, field.Value = range values {
			fields = append(fields, field)
			if field.Label != "" { // a visible field has one value
				break
			}
		}
	}
	return fields
}

// readTyped reads a form without files. It returns nil if the form is too large or
// malformed.
func readTyped(body io.Reader) url.Values {
	text, err := io.ReadAll(io.LimitReader(body, TextBody.Max+1))
	if err != nil || int64(len(text)) > TextBody.Max || strings.Count(string(text), "&") >= maxFields {
		return nil
	}
	typed, err := url.ParseQuery(string(text))
	if err != nil {
		return nil
	}
	return typed
}

// readTypedParts reads the wanted fields of a form with files until the form ends or
// is interrupted, and reports whether it had files.
func readTypedParts(parts *multipart.Reader, wanted []SavedField) (typed url.Values, files bool) {
	typed = url.Values{}
	left := TextBody.Max
	for range MaxParts {
		part, err := parts.NextPart()
		if err != nil {
			return typed, files
		}
		name := part.FormName()
		if name == "file" {
			files = files || part.FileName() != ""
			continue // NextPart skips the bytes
		}
		if name != TokenField && !slices.ContainsFunc(wanted, func(f SavedField) bool { return f.Name == name }) {
			continue
		}
		text, err := io.ReadAll(io.LimitReader(part, left+1))
		if left -= int64(len(text)); err != nil || left < 0 {
			return typed, files
		}
		typed.Add(name, string(text))
	}
	return typed, files
}
