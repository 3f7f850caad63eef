package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/problem"
)

const (
	// maxJSONDepth is how deep the lists and objects of a body can nest. The API
	// reads objects of strings and of lists of strings.
	maxJSONDepth = 4
	// maxFieldName is how many bytes of an unknown field name a problem repeats.
	maxFieldName = 50
)

// jsonFields maps the fields that a JSON object can have to pointers for their values:
// a **string, a **int64, a **bool or a *[]string, which stay nil if the field is missing.
type jsonFields map[string]any

// readJSON reads the body of c, one JSON object, into fields. Its error joins the
// problems of all fields. An unknown field is a problem, because it is a mistake of
// the sender.
func readJSON(c echo.Context, fields jsonFields) error {
	if !sentJSON(c) {
		return problem.New(problem.Unsupported, "Send JSON, with the header Content-Type: application/json.")
	}
	body, err := io.ReadAll(c.Request().Body)
	if err != nil {
		return fmt.Errorf("reading the body: %w", err)
	}
	if !utf8.Valid(body) || nestsDeeperThan(body, maxJSONDepth) {
		return errNotObject()
	}
	members, err := parseObject(body)
	if err != nil {
		return err
	}
	var wrong []error
	for _, m := range members {
		if into, known := fields[m.name]; !known {
			wrong = append(wrong, problem.OnField(shortName(m.name), "Unknown field."))
		} else if string(m.value) == "null" || json.Unmarshal(m.value, into) != nil {
			wrong = append(wrong, problem.OnField(m.name, "This field must be %s.", jsonTypeOf(into)))
		}
	}
	return errors.Join(wrong...)
}

// sentJSON reports whether the Content-Type of c is JSON in UTF-8, which is the
// default (RFC 8259).
func sentJSON(c echo.Context) bool {
	mediaType, params, err := mime.ParseMediaType(c.Request().Header.Get(echo.HeaderContentType))
	charset, given := params["charset"]
	return err == nil && mediaType == echo.MIMEApplicationJSON && (!given || strings.EqualFold(charset, "utf-8"))
}

// A member is a field of a JSON object with its value.
type member struct {
	name  string
	value json.RawMessage
}

// parseObject returns the members of body, one JSON object, in order. A repeated name
// is a problem, because programs differ in which value they use.
func parseObject(body []byte) (members []member, err error) {
	in := json.NewDecoder(bytes.NewReader(body))
	if first, err := in.Token(); err != nil || first != json.Delim('{') {
		return nil, errNotObject()
	}
	seen := map[string]bool{}
	for in.More() {
		name, err := in.Token()
		if err != nil {
			return nil, errNotObject()
		}
		m := member{name: fmt.Sprint(name)}
		if err := in.Decode(&m.value); err != nil {
			return nil, errNotObject()
		}
		if seen[m.name] {
			return nil, problem.At(shortName(m.name), problem.New(problem.Malformed, "This field appears twice."))
		}
		seen[m.name] = true
		members = append(members, m)
	}
	if _, err := in.Token(); err != nil { // the closing brace
		return nil, errNotObject()
	}
	if _, err := in.Token(); !errors.Is(err, io.EOF) {
		return nil, problem.New(problem.Malformed, "The body must be one JSON object with nothing after it.")
	}
	return members, nil
}

// errNotObject returns the problem of a body that is not a JSON object.
func errNotObject() error {
	return problem.New(problem.Malformed, "The body must be one JSON object in UTF-8.")
}

// nestsDeeperThan reports whether lists and objects in body nest deeper than most.
func nestsDeeperThan(body []byte, most int) bool {
	depth, inText := 0, false
	for i := 0; i < len(body); i++ {
		switch b := body[i]; {
		case inText && b == '\\':
			i++
		case b == '"':
			inText = !inText
		case inText:
		case b == '[' || b == '{':
			if depth++; depth > most {
				return true
			}
		case b == ']' || b == '}':
			depth--
		}
	}
	return false
}

// shortName returns at most maxFieldName bytes of name.
func shortName(name string) string {
	return strings.ToValidUTF8(name[:min(len(name), maxFieldName)], "")
}

// jsonTypeOf returns the JSON type that into accepts, with its article.
func jsonTypeOf(into any) string {
	switch into.(type) {
	case *[]string:
		return "a list of strings"
	case **int64:
		return "an integer"
	case **bool:
		return "true or false"
	}
	return "a string"
}

// sendJSON answers with v. The response depends on the visitor, so it is not cached.
// The encoder escapes HTML, in case a browser takes a response for a page.
func sendJSON(c echo.Context, status int, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("writing the answer: %w", err)
	}
	c.Response().Header().Set("Cache-Control", "no-store")
	return c.Blob(status, echo.MIMEApplicationJSON, body)
}

// inUTC returns t in UTC. t can be nil.
func inUTC(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	utc := t.UTC()
	return &utc
}
