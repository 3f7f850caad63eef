package handlers_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"
	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/models"
)

// A description is what openapi.json says, as the site serves it.
type description struct {
	doc    *openapi3.T
	router routers.Router
}

func describe(raw []byte) (d description, err error) {
	if d.doc, err = openapi3.NewLoader().LoadFromData(raw); err == nil {
		d.router, err = legacy.NewRouter(d.doc) // validates the document
	}
	return d, err
}

// describedOnce parses the description once, because it takes a while.
var describedOnce sync.Map // from the text to its description

func (s *site) described() description {
	s.t.Helper()
	rec := httptest.NewRecorder()
	s.handler.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, publicURL+"/api/v1/openapi.json", nil))
	read, _ := describedOnce.LoadOrStore(rec.Body.String(), sync.OnceValues(func() (description, error) { return describe(rec.Body.Bytes()) }))
	return must(read.(func() (description, error))())(s.t)
}

func TestDescriptionIsValid(t *testing.T) {
	d := newSite(t).described()
	if err := d.doc.Validate(t.Context()); err != nil {
		t.Error(err)
	}
	if !strings.HasPrefix(d.doc.OpenAPI, "3.1") {
		t.Errorf("openapi = %q, want 3.1", d.doc.OpenAPI)
	}
}

// placeholder stands for any path parameter. Its name does not count: OpenAPI
// allows one name per position, while the routes name it by its meaning.
var placeholder = regexp.MustCompile(`:\w+|\{\w+\}`)

func TestDescriptionNamesEveryRoute(t *testing.T) {
	s := newSite(t)
	var served, described []string
	for _, r := range s.handler.(*echo.Echo).Routes() {
		if path, ok := strings.CutPrefix(r.Path, "/api/v1"); ok && r.Method != http.MethodHead {
			served = append(served, r.Method+" "+placeholder.ReplaceAllString(path, "{}"))
		}
	}
	for path, item := range s.described().doc.Paths.Map() {
		for method := range item.Operations() {
			described = append(described, method+" "+placeholder.ReplaceAllString(path, "{}"))
		}
	}
	slices.Sort(served)
	slices.Sort(described)
	if len(served) < 20 || !slices.Equal(served, described) {
		t.Errorf("served:\n%s\ndescribed:\n%s", strings.Join(served, "\n"), strings.Join(described, "\n"))
	}
}

// TestDescriptionTellsTheLimits requires every operation to document its 429.
// The type program checks the limit headers of each response.
func TestDescriptionTellsTheLimits(t *testing.T) {
	for path, item := range newSite(t).described().doc.Paths.Map() {
		for method, operation := range item.Operations() {
			if operation.OperationID == "describe" { // costs nothing
				continue
			}
			refusal := operation.Responses.Value("429")
			if refusal == nil || refusal.Value.Content.Get("application/problem+json") == nil {
				t.Errorf("%s %s does not tell of a 429", method, path)
				continue
			}
			for status, answer := range operation.Responses.Map() {
				if status != "429" && status[0] != '2' && status[0] != '3' {
					continue
				}
				for _, name := range []string{"RateLimit-Policy", "RateLimit", "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"} {
					if h := answer.Value.Headers[name]; h == nil || !h.Value.Required {
						t.Errorf("%s %s: %s does not tell %s", method, path, status, name)
					}
				}
			}
			if h := refusal.Value.Headers["Retry-After"]; h == nil || !h.Value.Required {
				t.Errorf("%s %s: 429 does not tell when to come again", method, path)
			}
		}
	}
}

// A program is a user of the API. It checks every response against the
// description.
type program struct {
	*site
	user  models.User
	token string // empty: a guest
}

func (s *site) guest() *program { return &program{site: s} }

// program returns the program of a new user.
func (s *site) program(username string) *program {
	s.t.Helper()
	s.registered(username)
	user := s.userNamed(username)
	_, secret, err := s.accounts.NewToken(s.t.Context(), models.Actor{User: user}, everyRight(user, "test"))
	if err != nil {
		s.t.Fatal(err)
	}
	return &program{site: s, user: user, token: secret.Reveal()}
}

// send sends a request. body is a []byte, a string of JSON, or a value to
// encode as JSON. Headers are names and values in turn.
func (p *program) send(method, path string, body any, headers ...string) *httptest.ResponseRecorder {
	p.t.Helper()
	var content io.Reader
	isJSON := true
	switch b := body.(type) {
	case nil:
		isJSON = false
	case []byte:
		content, isJSON = bytes.NewReader(b), false
	case string:
		content = strings.NewReader(b)
	default:
		content = bytes.NewReader(must(json.Marshal(b))(p.t))
	}
	r := httptest.NewRequest(method, publicURL+"/api/v1"+path, content)
	if isJSON {
		r.Header.Set("Content-Type", "application/json")
	}
	if p.token != "" {
		r.Header.Set("Authorization", "Bearer "+p.token)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	rec := httptest.NewRecorder()
	p.handler.ServeHTTP(rec, r)
	p.hold(r, rec, body)
	return rec
}

// hold checks a response, and an accepted request, against the description.
func (p *program) hold(r *http.Request, rec *httptest.ResponseRecorder, body any) {
	p.t.Helper()
	name := r.Method + " " + r.URL.Path
	if rec.Code >= http.StatusBadRequest && r.Method != http.MethodHead && rec.Header().Get("Content-Type") != "application/problem+json" {
		p.t.Errorf("%s: %d is told as %q", name, rec.Code, rec.Header().Get("Content-Type"))
	}
	noSecrets(p.t, name, rec.Body.String())
	d := p.described()
	asked := r.Clone(r.Context())
	asked.URL.Scheme, asked.URL.Host = "", ""
	if r.Method == http.MethodHead {
		asked.Method = http.MethodGet
	}
	route, params, err := d.router.FindRoute(asked)
	if err != nil {
		if rec.Code != http.StatusNotFound && rec.Code != http.StatusMethodNotAllowed {
			p.t.Errorf("%s: %d, and no description: %v", name, rec.Code, err)
		}
		p.holdProblem(d, name, rec)
		return
	}
	asked.Method = r.Method
	options := &openapi3filter.Options{IncludeResponseStatus: true, AuthenticationFunc: openapi3filter.NoopAuthenticationFunc,
		MultiError: true}
	input := &openapi3filter.RequestValidationInput{Request: asked, PathParams: params, Route: route, Options: options}
	if _, bare := body.([]byte); rec.Code < http.StatusBadRequest && !bare && r.Method != http.MethodHead {
		asked.Body = http.NoBody
		if body != nil {
			text, isText := body.(string)
			if !isText {
				text = string(must(json.Marshal(body))(p.t))
			}
			asked.Body = io.NopCloser(strings.NewReader(text))
		}
		if err := openapi3filter.ValidateRequest(p.t.Context(), input); err != nil {
			p.t.Errorf("%s was taken, but its description would not: %v", name, err)
		}
	}
	answer := &openapi3filter.ResponseValidationInput{RequestValidationInput: input, Status: rec.Code, Header: rec.Header(), Options: options}
	answer.SetBodyBytes(rec.Body.Bytes())
	if err := openapi3filter.ValidateResponse(p.t.Context(), answer); err != nil {
		p.t.Errorf("%s: %d is not as described: %v\n%s", name, rec.Code, err, rec.Body)
	}
}

// holdProblem checks the response to an undocumented request against the schema
// of problems.
func (p *program) holdProblem(d description, name string, rec *httptest.ResponseRecorder) {
	p.t.Helper()
	var v any
	err := json.Unmarshal(rec.Body.Bytes(), &v)
	err = errors.Join(err, d.doc.Components.Schemas["Problem"].Value.VisitJSON(v, openapi3.EnableJSONSchema2020()))
	if err != nil {
		p.t.Errorf("%s: the problem is not as described: %v\n%s", name, err, rec.Body)
	}
}

// forbidden are words that the name of no response member may contain.
var forbidden = regexp.MustCompile(`(?i)"[^"]*(hash|secret|passw|blob|token|clean|thumb_(small|large)|session)[^"]*":`)

// noSecrets finds members that must never leave the server.
func noSecrets(t testing.TB, name, body string) {
	t.Helper()
	if strings.HasSuffix(name, "/openapi.json") || !strings.HasPrefix(body, "{") {
		return
	}
	if found := forbidden.FindString(body); found != "" {
		t.Errorf("%s tells %s", name, found)
	}
	if strings.Contains(body, "argon2") {
		t.Errorf("%s tells a password hash", name)
	}
}

func TestDescriptionMatchesResponses(t *testing.T) {
	s := newSite(t)
	d := s.described()
	wrong := `{"items":[{"tag":"go","posts":1,"more":true}]}`
	for status, body := range map[int]string{http.StatusOK: wrong, http.StatusTeapot: wrong} {
		r := httptest.NewRequest(http.MethodGet, "/api/v1/tags", nil)
		route, params, err := d.router.FindRoute(r)
		if err != nil {
			t.Fatal(err)
		}
		input := &openapi3filter.ResponseValidationInput{
			RequestValidationInput: &openapi3filter.RequestValidationInput{Request: r, PathParams: params, Route: route},
			Status:                 status, Header: http.Header{"Content-Type": {"application/json"}},
			Options: &openapi3filter.Options{IncludeResponseStatus: true},
		}
		input.SetBodyBytes([]byte(body))
		if openapi3filter.ValidateResponse(t.Context(), input) == nil {
			t.Errorf("%d %s passes for an answer", status, body)
		}
	}
}
