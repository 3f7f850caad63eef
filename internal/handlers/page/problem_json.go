package page

import (
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/problem"
)

// A problemJSON is a problem document (RFC 9457), with a list of all fields that have
// a problem.
type problemJSON struct {
	Type   string         `json:"type"`
	Title  string         `json:"title"`
	Status int            `json:"status"`
	Detail string         `json:"detail"`
	Field  string         `json:"field,omitempty"`
	Errors []fieldMessage `json:"errors,omitempty"`
	Help   string         `json:"help,omitempty"`
	ID     string         `json:"request_id,omitempty"`
}

// A fieldMessage is the problem of one field.
type fieldMessage struct {
	Field   string `json:"field"`
	Message string `json:"message"`
}

// sendProblem answers with application/problem+json.
func (re *Renderer) sendProblem(c echo.Context, status int, found []*problem.Error) error {
	first := *found[0]
	if first.Help != "" {
		first.Help = re.Options.PublicURL + first.Help
	}
	body, err := ProblemJSON(status, append([]*problem.Error{&first}, found[1:]...), gate.RequestID(c))
	if err != nil {
		return err
	}
	return c.Blob(status, MIMEProblem, body)
}

// MIMEProblem is the media type of ProblemJSON.
const MIMEProblem = "application/problem+json"

// ProblemJSON returns the problem document for found, which is not empty.
func ProblemJSON(status int, found []*problem.Error, requestID string) ([]byte, error) {
	doc := problemJSON{
		Type: "about:blank", Title: http.StatusText(status), Status: status,
		Detail: found[0].Message, Field: found[0].Field, Help: found[0].Help, ID: requestID,
	}
	for _, p := range found {
		if p.Field != "" {
			doc.Errors = append(doc.Errors, fieldMessage{p.Field, p.Message})
		}
	}
	body, err := json.Marshal(doc)
	if err != nil {
		return nil, fmt.Errorf("writing the problem: %w", err)
	}
	return body, nil
}
