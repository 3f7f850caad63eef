package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"strings"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/problem"
)

const (
	// maxJSONDepth is how deep the lists and objects of a body may nest. What
	// we read is an object of texts and lists of texts.
	maxJSONDepth = 4
	// maxFieldName is how much of a wrong name is told back, in bytes.
	maxFieldName = 50
)

// jsonFields says which members a JSON object may have, and where the value of
// each goes: a **string, a **int64 or a *[]string, which stay nil if it is not
// there.
type jsonFields map[string]any

// readJSON reads the body of c, one JSON object, into fields. Its error joins
// the problems of all members: whatever is not asked for is a mistake that the
// sender would want to know of, and is not passed over.
func readJSON(c echo.Context, fields jsonFields) error {
	if !sentJSON(c) {
		return problem.New(problem.Unsupported, "Send JSON, with the header Content-Type: application/json.")
	}
	body, err := io.ReadAll(c.Request().Body)
	if err != nil {
		return fmt.Errorf("reading the body: %w", err)
	}
	if !utf8.Valid(body) || deeperThan(body, maxJSONDepth) {
		return errNotObject()
	}
	members, err := membersOf(body)
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

// sentJSON reports whether the body of c says that it is JSON (RFC 8259: in
// UTF-8, whether it says so or not).
func sentJSON(c echo.Context) bool {
	mediaType, params, err := mime.ParseMediaType(c.Request().Header.Get(echo.HeaderContentType))
	charset, given := params["charset"]
	return err == nil && mediaType == echo.MIMEApplicationJSON && (!given || strings.EqualFold(charset, "utf-8"))
}

type member struct {
	name  string
	value json.RawMessage
}

// membersOf returns the members of the one object that body is, in order and
// each name once: of two of a name, some programs would see the one and some
// the other.
func membersOf(body []byte) (members []member, err error) {
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

func errNotObject() error {
	return problem.New(problem.Malformed, "The body must be one JSON object in UTF-8.")
}

// deeperThan reports whether lists and objects nest deeper than most in body.
func deeperThan(body []byte, most int) bool {
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

func shortName(name string) string {
	return strings.ToValidUTF8(name[:min(len(name), maxFieldName)], "")
}

func jsonTypeOf(into any) string {
	switch into.(type) {
	case *[]string:
		return "a list of strings"
	case **int64:
		return "an integer"
	}
	return "a string"
}

// sendJSON answers with v. Such an answer depends on who asks, so it is never
// kept. The encoder escapes what HTML would take for markup, should anybody
// ever look at an answer as HTML.
func sendJSON(c echo.Context, status int, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("writing the answer: %w", err)
	}
	c.Response().Header().Set("Cache-Control", "no-store")
	return c.Blob(status, echo.MIMEApplicationJSON, body)
}
