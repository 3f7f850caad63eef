package gate

import (
	"encoding/json"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/models"
)

// A SavedField is a field of a form, with the value that the visitor typed. The row
// of a route names the fields that are saved; other fields, such as tokens, are never
// shown again.
type SavedField struct {
	Name   string
	Label  string // shown with the value; empty: the field is hidden
	Value  string
	Secret bool `json:",omitempty"` // a password: its value is not saved, and must be entered again
}

// A SavedForm is a form that the gate refused, because of a limit, an ended session or an
// old form token, and that the visitor can send again.
type SavedForm struct {
	Action    string
	Multipart bool
	Fields    []SavedField
	Files     bool // it had files, which were not saved
}

// SavedFormField is the field of the sign-in forms that carries a SavedForm through them,
// as JSON.
const SavedFormField = "kept"

// Text returns f for the field SavedFormField.
func (f *SavedForm) Text() (string, error) {
	if f == nil {
		return "", nil
	}
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false) // the page escapes it
	err := e.Encode(f)
	return strings.TrimSpace(b.String()), err
}

// ParseSavedForm returns the form in text, or nil if text holds none that can be sent to
// this site.
func ParseSavedForm(text string) *SavedForm {
	var f SavedForm
	if err := json.Unmarshal([]byte(text), &f); err != nil || len(f.Fields) == 0 || len(f.Fields) > maxFields {
		return nil
	}
	if OwnPath(f.Action) == "/" || path.Clean(f.Action) != f.Action || strings.ContainsAny(f.Action, "?#") { // none of actionOf
		return nil
	}
	return &f
}

// saveForm saves the fields of the form in the visit, and reports whether it read the
// body. It reads at most MaxDrain bytes and saves at most TextBody.Max.
func (g *Gate) saveForm(c echo.Context) bool {
	r, wanted := c.Request(), VisitOf(c).saves
	if r.Method != http.MethodPost || wanted == nil || WantsJSON(c) {
		return false
	}
	kind, params, err := mime.ParseMediaType(r.Header.Get(echo.HeaderContentType))
	if err != nil {
		return false
	}
	body := io.LimitReader(r.Body, MaxDrain)
	switch kind {
	case echo.MIMEApplicationForm:
		g.saveFields(c, readTyped(body))
	case echo.MIMEMultipartForm:
		g.saveParts(c, multipart.NewReader(body, params["boundary"]), "")
	}
	_, _ = io.Copy(io.Discard, body) // as Drain does
	return true
}

// saveParts saves the fields of the parts that are not read yet. The token is that of a
// part that is, if any. Of a form that is interrupted it saves a post, which is private
// without its last fields. Another form could do more without them: a link without its
// password is open to anyone.
func (g *Gate) saveParts(c echo.Context, parts *multipart.Reader, token string) {
	wanted := VisitOf(c).saves
	typed, files, whole := readTypedParts(parts, wanted)
	if !whole && !slices.ContainsFunc(wanted, isVisibility) {
		return
	}
	if token != "" {
		typed.Set(TokenField, token)
	}
	g.saveFields(c, typed)
	if saved := VisitOf(c).Saved; saved != nil {
		saved.Multipart, saved.Files = true, files
	}
}

// saveFields saves the wanted fields of typed. Another site could send text that the user
// did not write, so that a browser which does not name it must have a token. An old one
// does: nothing is done until the user sends the form again.
func (g *Gate) saveFields(c echo.Context, typed url.Values) {
	v := VisitOf(c)
	if v.saves == nil || typed == nil || !namesItsOrigin(c.Request()) && len(typed.Get(TokenField)) != len(tokenOf("")) {
		return
	}
	v.Saved = &SavedForm{Action: actionOf(c), Fields: fieldsIn(typed, v.saves)}
}

// actionOf returns the path of the request. CleanParams has checked its parameters.
func actionOf(c echo.Context) string {
	action := c.Path()
	for _, name := range c.ParamNames() {
		action = strings.Replace(action, ":"+name, url.PathEscape(c.Param(name)), 1)
	}
	return action
}

// fieldsIn returns the wanted fields with their typed values. A post is private if
// its form was interrupted before its visibility.
func fieldsIn(typed url.Values, wanted []SavedField) (fields []SavedField) {
	for _, field := range wanted {
		values := typed[field.Name]
		if isVisibility(field) && len(values) == 0 {
			values = []string{string(models.Private)}
		}
		for _, field.Value = range values {
			if field.Secret && field.Value == "" {
				continue
			}
			if field.Secret {
				field.Value = ""
			}
			fields = append(fields, field)
			if field.Label != "" { // a visible field has one value
				break
			}
		}
	}
	return fields
}

func isVisibility(f SavedField) bool { return f.Name == "visibility" }

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
// is interrupted. It reports whether the form had files, and whether it was read as a whole.
func readTypedParts(parts *multipart.Reader, wanted []SavedField) (typed url.Values, files, whole bool) {
	typed = url.Values{}
	left := TextBody.Max
	for range MaxParts {
		part, err := parts.NextPart()
		if err != nil {
			return typed, files, err == io.EOF //nolint:errorlint // a wrapped io.EOF means an interrupted form
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
			return typed, files, false
		}
		typed.Add(name, string(text))
	}
	return typed, files, false
}
