package handlers_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"example.org/cloakroom/internal/models"
)

// apiMembers lists the members that the API reads, by method and path: each
// with its body, and whether the response repeats it.
func apiMembers(has belongings) []struct {
	method, path, member, said string
	body                       doc
} {
	post := func() doc { return doc{"title": "T", "content": "C"} }
	return []struct {
		method, path, member, said string
		body                       doc
	}{
		{"POST", "/posts", "title", "title", post()}, {"POST", "/posts", "content", "content", post()},
		{"POST", "/posts", "visibility", "", post()},
		{"POST", "/posts", "tags", "", post()}, {"POST", "/posts", "files", "", post()}, {"POST", "/posts", "author", "", post()},
		{"PATCH", "/posts/" + has.post, "title", "title", doc{}}, {"PATCH", "/posts/" + has.post, "content", "content", doc{}},
		{"PATCH", "/posts/" + has.post, "tags", "", doc{}}, {"PATCH", "/posts/" + has.post, "files", "", doc{}},
		{"POST", "/posts/" + has.post + "/comments", "body", "body", doc{}},
		{"PATCH", "/me", "email", "email", doc{}}, {"PATCH", "/me", "phone", "", doc{}}, {"PATCH", "/me", "website", "", doc{}},
		{"PATCH", "/me", "bio", "bio", doc{}}, {"PATCH", "/me", "role", "", doc{}},
	}
}

// TestHostileText_InEveryMember puts the corpus into every member of every API
// body: as a text, as a list and as an object.
func TestHostileText_InEveryMember(t *testing.T) {
	both(t, func(t *testing.T, s *site) {
		_, has := s.settled("bea")
		bea := s.programOf("bea")
		for _, m := range apiMembers(has) {
			most := 100
			if m.said == "" {
				most = 2
			}
			for _, text := range corpus(most) {
				what := fmt.Sprintf("%s %s %s=%.200q", m.method, m.path, m.member, text)
				got := bea.sendRaw(m.method, m.path, m.body, m.member, asJSON(text))
				wantHandled(t, what, got)
				if kept(text) != "" && utf8.ValidString(text) && m.said != "" && got.Code < http.StatusBadRequest {
					if said := want(t, got, got.Code)[m.said]; said != kept(text) {
						t.Errorf("%s: is kept as %.200q", what, said)
					}
				}
			}
			for _, value := range []string{`{"$gt":""}`, `["x",["y"]]`, `[{"$ne":1}]`, `0`, `true`, `null`, `"\ud800"`, `"\u0000"`,
				strings.Repeat("[", 5000)} {
				wantHandled(t, m.path+" "+m.member+"="+value[:min(20, len(value))], bea.sendRaw(m.method, m.path, m.body, m.member, value))
			}
		}
	})
}

// asJSON writes text as JSON without changing its bytes, even if they are
// invalid UTF-8.
func asJSON(text string) string {
	if utf8.ValidString(text) {
		quoted, _ := json.Marshal(text)
		return string(quoted)
	}
	return `"` + strings.NewReplacer(`"`, `\"`, "\x00", "").Replace(text) + `"`
}

// programOf returns the program of an existing user.
func (s *site) programOf(username string) *program {
	s.t.Helper()
	user := s.userNamed(username)
	_, secret, err := s.accounts.NewToken(s.t.Context(), models.Actor{User: user}, everyRight(user, "corpus"))
	if err != nil {
		s.t.Fatal(err)
	}
	return &program{site: s, user: user, token: secret.Reveal()}
}

// sendRaw sends body with one more member, whose value is JSON. Members that
// are lists get a list.
func (p *program) sendRaw(method, path string, body doc, member, value string) *httptest.ResponseRecorder {
	p.t.Helper()
	if (member == "tags" || member == "files") && strings.HasPrefix(value, `"`) {
		value = "[" + value + "]"
	}
	text := "{"
	for name, v := range body {
		if name != member {
			text += fmt.Sprintf("%q:%q,", name, v)
		}
	}
	r := httptest.NewRequest(method, publicURL+"/api/v1"+path, strings.NewReader(text+fmt.Sprintf("%q:%s}", member, value)))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+p.token)
	rec := httptest.NewRecorder()
	p.handler.ServeHTTP(rec, r)
	return rec
}

// TestHostileText_InEveryAddress puts the corpus into every path parameter, and
// into the query of each GET route.
func TestHostileText_InEveryAddress(t *testing.T) {
	both(t, func(t *testing.T, s *site) {
		cleo, has := s.settled("cleo")
		token := s.programOf("cleo").token
		for _, r := range routesOf(t, s) {
			if r.Method == http.MethodHead {
				continue
			}
			for _, text := range corpus(3) {
				if len(text) > 3000 { // net/http takes no such line
					text = text[:3000]
				}
				for _, address := range addresses(r.Method, r.Path, has, text) {
					request := httptest.NewRequest(r.Method, "/", nil)
					u, err := url.Parse(publicURL + address)
					if err != nil {
						t.Fatal(err)
					}
					request.URL, request.RequestURI = u, u.RequestURI()
					request.Header.Set("Sec-Fetch-Site", "same-origin")
					if strings.HasPrefix(r.Path, "/api/") {
						request.Header.Set("Authorization", "Bearer "+token)
					}
					got := cleo.do(request)
					page := wantHandled(t, fmt.Sprintf("%s %.300s", r.Method, address), got)
					if r.Path == "/search" && got.Code == http.StatusOK && text != "" && strings.HasPrefix(address, "/search?q=") &&
						!shown(page, "input", text) && !strings.ContainsAny(text, "\r\x00") {
						t.Errorf("GET %.300s does not show what was sought", address)
					}
				}
			}
		}
	})
}

// addresses returns the URLs of a route, each with text in one place.
func addresses(method, pattern string, has belongings, text string) (all []string) {
	for name := range strings.SplitSeq(pattern, "/") {
		if strings.HasPrefix(name, ":") || name == "*" {
			all = append(all, has.fill(strings.Replace(pattern, name, url.PathEscape(text), 1)))
		}
	}
	if method != http.MethodGet {
		return all
	}
	for _, name := range []string{"q", "before", "after", "limit", "prefix", "width", "next"} {
		all = append(all, has.fill(pattern)+"?"+name+"="+url.QueryEscape(text))
	}
	rest := url.Values{"notice": {text}, "download": {text}, "inline": {text}, text: {text}, "response-content-type": {text}}
	return append(all, has.fill(pattern)+"?"+rest.Encode())
}

// TestHostileText_InHeaders puts the corpus into the headers that a browser
// controls.
func TestHostileText_InHeaders(t *testing.T) {
	both(t, func(t *testing.T, s *site) {
		dora, has := s.settled("dora")
		login := url.Values{"username": {"dora"}, "password": {testPassword}}
		for _, name := range []string{"User-Agent", "Cookie", "Authorization", "Accept", "Accept-Language", "Range", "If-None-Match", "If-Range",
			"If-Modified-Since", "Referer", "Origin", "X-Request-Id", "X-Forwarded-For", "X-Forwarded-Host", "Forwarded", "Content-Type"} {
			for _, text := range corpus(2) {
				for _, path := range []string{"/", "/files/" + has.file + "/mine.txt", "/api/v1/posts", "/nowhere"} {
					request := httptest.NewRequest(http.MethodGet, publicURL+path, nil)
					request.Header.Set(name, text)
					wantHandled(t, fmt.Sprintf("%s with %s: %.100q", path, name, text), s.browser().do(request))
				}
			}
		}
		for _, text := range corpus(3) {
			request := httptest.NewRequest(http.MethodPost, publicURL+"/login", strings.NewReader(login.Encode()))
			request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			request.Header.Set("User-Agent", text)
			wantHandled(t, fmt.Sprintf("a log-in with User-Agent %.100q", text), dora.do(request))
			wantHandled(t, "the sessions", dora.get("/settings/sessions"))
		}
	})
}

// TestBrokenBodies sends bodies that are neither forms nor JSON.
func TestBrokenBodies(t *testing.T) {
	s := newSite(t)
	ann, has := s.settled("ann")
	types := []string{"application/x-www-form-urlencoded", "multipart/form-data", "multipart/form-data; boundary=",
		"multipart/form-data; boundary=x",
		"application/json", "text/xml", "", ";;;", "multipart/mixed; boundary=x"}
	bodies := []string{"", "title=%zz&%", "a;b=c", "--x", "--x\r\n\r\n",
		"--x\r\nContent-Disposition: form-data; name=\"file\"; filename*=UTF-8''%ff\r\n\r\nx\r\n--x--",
		"--x\r\nContent-Disposition: x; =\r\n\r\nx\r\n--x--", "--x\r\n" + strings.Repeat("A: b\r\n", 11000) + "\r\nx\r\n--x--", "\x00\xff", "{",
		"[]", `{"a":1}{"b":2}`}
	for _, r := range routesOf(t, s) {
		if r.Method == http.MethodGet || r.Method == http.MethodHead || strings.HasPrefix(r.Path, "/api/") {
			continue
		}
		for _, mediaType := range types {
			for _, body := range bodies {
				request := httptest.NewRequest(r.Method, publicURL+has.fill(r.Path), strings.NewReader(body))
				request.Header.Set("Content-Type", mediaType)
				request.Header.Set("Sec-Fetch-Site", "same-origin")
				wantHandled(t, fmt.Sprintf("%s %s as %q: %.60q", r.Method, r.Path, mediaType, body), ann.do(request))
			}
		}
	}
}
