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

// A SavedField is one field of a form, with what was typed. A route's row names
// those that survive a limit; others, such as a password or a token, are never
// shown again.
type SavedField struct {
	Name  string
	Label string // of a text that took work, which is shown; empty: it is sent again unseen
	Value string
}

// A SavedForm is a form that a limit refused, offered to be sent again.
type SavedForm struct {
	Action    string
	Multipart bool
	Fields    []SavedField
	Files     bool // came with it, and were not saved
}

// saveForm saves the wanted fields of a form that a limit refuses, and reports
// whether it read the body. It reads no more of it than drain would, and saves
// no more than any form of texts may have.
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
	// CleanParams has checked the identifier, so the URL is one of ours.
	form := &SavedForm{Action: strings.Replace(c.Path(), ":id", c.Param("id"), 1)}
	var typed url.Values
	switch kind {
	case echo.MIMEApplicationForm:
		typed = readTyped(body)
	case echo.MIMEMultipartForm:
		form.Multipart = true
		typed, form.Files = readTypedParts(multipart.NewReader(body, params["boundary"]), wanted)
	}
	_, _ = io.Copy(io.Discard, body) // as drain does
	// Another site must not get a user to send what it wrote for them.
	if typed != nil && (namesItsOrigin(r) || g.isFormToken(c, typed.Get(TokenField))) {
		form.Fields = fieldsIn(typed, wanted)
		VisitOf(c).Saved = form
	}
	return true
}

// fieldsIn returns the wanted fields with what was typed. A post whose form broke
// off before its visibility becomes private.
func fieldsIn(typed url.Values, wanted []SavedField) (fields []SavedField) {
	for _, field := range wanted {
		values := typed[field.Name]
		if field.Name == "visibility" && len(values) == 0 {
			values = []string{string(models.Private)}
		}
		for _, field.Value = range values {
			fields = append(fields, field)
			if field.Label != "" { // shown, and so there once
				break
			}
		}
	}
	return fields
}

// readTyped reads a form without files. It returns nil for anything else.
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

// readTypedParts reads the wanted texts of a form with files, as far as they
// arrive, and reports whether files came with them.
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
