package handlers_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// keptSite returns a user who has used up the limits for writing, with their
// belongings.
func keptSite(t *testing.T) (*browser, belongings) {
	t.Helper()
	s := newLimited(t, "post=1-H,comment=1-H,change=1-H")
	ann := s.member("ann")
	has := belongings{post: strings.TrimPrefix(ann.write(postFields()), "/posts/")}
	ann.post("/posts/"+has.post+"/comments", url.Values{"body": {"said"}})
	ann.post("/settings/profile", url.Values{"email": {"ann@example.org"}})
	return ann, has
}

// TestRefusedForm_KeepsWhatWasWritten sends each form that survives a limit,
// filled with the corpus. The page returns the entered text unchanged, and
// nothing else.
func TestRefusedForm_KeepsWhatWasWritten(t *testing.T) {
	ann, has := keptSite(t)
	for pattern, form := range map[string]sent{
		"/posts": forms("ann")["/posts"], "/posts/:id/edit": forms("ann")["/posts/:id/edit"],
		"/posts/:id/comments": forms("ann")["/posts/:id/comments"], "/settings/profile": forms("ann")["/settings/profile"],
	} {
		path := has.fill(pattern)
		for field := range form.fields {
			for _, text := range corpus(100) {
				fields := url.Values{"password": {"hunter2"}, "current_password": {"hunter2"}, "secret": {"hunter2"}}
				for name, values := range form.fields {
					fields[name] = values
				}
				fields[field] = []string{text}
				send := ann.post
				if form.multipart {
					send = func(path string, fields url.Values) *httptest.ResponseRecorder { return ann.postForm(path, fields) }
				}
				got := send(path, fields)
				what := pattern + " " + field + "=" + text
				page := wantHandled(t, what, got)
				if got.Code != http.StatusTooManyRequests || strings.Contains(got.Body.String(), "hunter2") {
					t.Fatalf("%.300s: %d\n%.3000s", what, got.Code, got.Body)
				}
				wantKept(t, what, page, path, field, text)
			}
		}
	}
}

// wantKept requires a form to path with text in a field.
func wantKept(t *testing.T, what string, page *html.Node, path, field, text string) {
	t.Helper()
	var values []string
	token := false
	for node := range page.Descendants() {
		if node.Type != html.ElementNode || node.Data != "form" || attribute(node, "action") != path {
			continue
		}
		for inner := range node.Descendants() {
			token = token || attribute(inner, "name") == "token" && attribute(inner, "value") != ""
			if inner.Type != html.ElementNode || attribute(inner, "name") != field {
				continue
			}
			if inner.Data == "textarea" {
				values = append(values, written(inner))
			} else {
				values = append(values, attribute(inner, "value"))
			}
		}
	}
	if !token {
		t.Errorf("%.300s: no form comes back, or one without a token", what)
	}
	if literal := utf8Text(text); literal && !slices.Contains(values, text) {
		t.Errorf("%.300s comes back as %.300q", what, values)
	}
}

// utf8Text reports whether text passes through a form and a page unchanged.
func utf8Text(text string) bool {
	return strings.ToValidUTF8(text, "") == text && !strings.ContainsAny(text, "\r\x00")
}

func TestRefusedForm_WithFiles(t *testing.T) {
	ann, _ := keptSite(t)
	fields := url.Values{"title": {"T"}, "content": {"C"}}
	got := ann.postForm("/posts", fields, part{"file", "a.txt", "", []byte("hello")})
	page := got.Body.String()
	for _, want := range []string{"Choose your files again", `<input id="file" name="file" type="file"`, `enctype="multipart/form-data"`,
		`name="visibility" value="private"`} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not hold %s:\n%s", want, page)
		}
	}
	if files := ann.get("/files").Body.String(); strings.Contains(files, "a.txt") {
		t.Error("a file of a refused form was received")
	}
}

// TestRefusedForm_IsNotKept sends values that must not come back.
func TestRefusedForm_IsNotKept(t *testing.T) {
	ann, has := keptSite(t)
	comments := "/posts/" + has.post + "/comments"
	body := url.Values{"body": {"canary"}}
	request := func(path, kind, content string) *http.Request {
		r := httptest.NewRequest(http.MethodPost, publicURL+path, strings.NewReader(content))
		r.Header.Set("Content-Type", kind)
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		return r
	}
	const urlencoded = "application/x-www-form-urlencoded"
	script := request(comments, urlencoded, body.Encode())
	script.Header.Set("Accept", "application/json")
	for what, got := range map[string]*httptest.ResponseRecorder{
		"a script's":                ann.do(script),
		"one without a token":       ann.silent(comments, body),
		"a text that is no form":    ann.do(request(comments, "text/plain", body.Encode())),
		"a form of too many fields": ann.do(request(comments, urlencoded, strings.Repeat("x=1&", 100)+body.Encode())),
		"a broken form": ann.do(request("/posts", "multipart/form-data; boundary=x",
			"--x\r\nContent-Disposition: form-data; name=\"canary\"\r\n\r\ncanary")),
	} {
		if strings.Contains(got.Body.String(), "canary") || got.Code < 400 {
			t.Errorf("%s comes back: %d\n%s", what, got.Code, got.Body)
		}
	}
	if got := ann.do(script); got.Header().Get("Content-Type") != "application/problem+json" {
		t.Errorf("a script is told in %s", got.Header().Get("Content-Type"))
	}
	body.Set("token", tokenInput.FindStringSubmatch(ann.get("/settings/security").Body.String())[1])
	if got := ann.silent(comments, body); !strings.Contains(got.Body.String(), "canary") {
		t.Errorf("an old browser's form with its token does not come back: %d\n%s", got.Code, got.Body)
	}
}
