package handlers

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

// keptFields says which forms are kept, by the pattern of their route, when
// they come too often, and which of their fields: what is not named here, such
// as a password or a token, is never shown again. A field with a label is a
// text that took work, and is shown to whoever wrote it.
var keptFields = map[string][]keptField{
	"/posts/:id/comments": {{Name: "body", Label: "Your comment"}},
	"/posts":              postFields,
	"/posts/:id/edit":     postFields,
	"/settings/profile":   {{Name: "email"}, {Name: "phone"}, {Name: "website"}, {Name: "bio", Label: "Bio"}},
}

var postFields = []keptField{
	{Name: "title"}, {Name: "content", Label: "Text"}, {Name: "tags"}, {Name: "visibility"}, {Name: "file_ids"}, {Name: "remove_files"},
}

// A keptField is one field of a form, with what was typed.
type keptField struct {
	Name  string
	Label string // empty: it is kept without being seen
	Value string
}

// A keptForm is a form that came too often, as it is offered to be sent again.
type keptForm struct {
	Action    string
	Multipart bool
	Fields    []keptField
	Files     bool // came with it, and were not kept
	Problems  Problems
	Limits    uploadLimits // of the files
}

const keptKey = "kept" // where a refused request keeps its keptForm

// keepForm keeps what a user wrote in a form that is refused for coming too
// often, and reports whether it took the body. It reads no more of it than
// drain would, and keeps no more than any form of texts may have.
func (s *Server) keepForm(c echo.Context) bool {
	r := c.Request()
	wanted := keptFields[c.Path()]
	if r.Method != http.MethodPost || wanted == nil || !visitor(c).SignedIn() || wantsJSON(c) {
		return false
	}
	kind, params, err := mime.ParseMediaType(r.Header.Get(echo.HeaderContentType))
	if err != nil {
		return false
	}
	body := io.LimitReader(r.Body, maxDrain)
	// The identifier was judged by wellFormed, so the address is one of ours.
	form := &keptForm{Action: strings.Replace(c.Path(), ":id", c.Param("id"), 1)}
	var typed url.Values
	switch kind {
	case echo.MIMEApplicationForm:
		typed = readTyped(body)
	case echo.MIMEMultipartForm:
		form.Multipart = true
		form.Limits = s.uploadLimits(c)
		typed, form.Files = readTypedParts(multipart.NewReader(body, params["boundary"]), wanted)
	}
	_, _ = io.Copy(io.Discard, body) // as drain does
	// Nobody is made to send what another site wrote for them.
	if typed != nil && (saysWhence(r) || s.tokenHolds(c, typed.Get(tokenField))) {
		form.Fields = fieldsIn(typed, wanted)
		c.Set(keptKey, form)
	}
	return true
}

// fieldsIn returns the wanted fields with what was typed. A post whose form did
// not come as far as who may see it is kept from everyone.
func fieldsIn(typed url.Values, wanted []keptField) (fields []keptField) {
	for _, field := range wanted {
		values := typed[field.Name]
		if field.Name == "visibility" && len(values) == 0 {
			values = []string{string(models.Private)}
		}
		for _, field.Value = range values {
			fields = append(fields, field)
			if field.Label != "" { // seen, and so there once
				break
			}
		}
	}
	return fields
}

// readTyped reads a form without files. It returns nil for what is none.
func readTyped(body io.Reader) url.Values {
	text, err := io.ReadAll(io.LimitReader(body, int64(textBody)+1))
	if err != nil || len(text) > int(textBody) || strings.Count(string(text), "&") >= maxFields {
		return nil
	}
	typed, err := url.ParseQuery(string(text))
	if err != nil {
		return nil
	}
	return typed
}

// readTypedParts reads the wanted texts of a form with files, as far as they
// come, and reports whether files came with them.
func readTypedParts(parts *multipart.Reader, wanted []keptField) (typed url.Values, files bool) {
	typed = url.Values{}
	left := int64(textBody)
	for range maxParts {
		part, err := parts.NextPart()
		if err != nil {
			return typed, files
		}
		name := part.FormName()
		if name == "file" {
			files = files || part.FileName() != ""
			continue // the next part skips what is in it
		}
		if name != tokenField && !slices.ContainsFunc(wanted, func(f keptField) bool { return f.Name == name }) {
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
